import { AssertionError } from "node:assert";
import { type Operation, describeOperation } from "./history.js";
import { type Verdict, checkLinearizability } from "./linearizability.js";
import { type Violation, checkVersions, describeViolation } from "./version-check.js";

/** What both checks say of a history. */
export interface HistoryCheck {
  /** Both checks passed, and neither was given up. */
  readonly isLinearizable: boolean;
  /** Of the check by values alone. */
  readonly verdict: Verdict;
  /** What the check by the store's versions has found. */
  readonly violations: readonly Violation[];
}

/** Checks a history by values and by versions (docs/checking.md). */
export function checkHistory(history: Iterable<Operation>): HistoryCheck {
  const operations = [...history];
  const verdict = checkLinearizability(operations);
  const violations = checkVersions(operations);
  return { isLinearizable: verdict.type === "linearizable" && violations.length === 0, verdict, violations };
}

/**
 * Checks a history, and fails where it is not linearizable.
 * @throws AssertionError that describes what was found, with the operations
 */
export function assertLinearizable(history: Iterable<Operation>): void {
  const check = checkHistory(history);
  if (check.isLinearizable) return;
  const message = describeCheck(check);
  throw new AssertionError({ message, stackStartFn: assertLinearizable });
}

/** What both checks say, in words; of what is wrong, all of it. */
export function describeCheck({ isLinearizable, verdict, violations }: HistoryCheck): string {
  if (isLinearizable) return "linearizable";
  const found = violations.map((violation) => `By versions, ${describeViolation(violation)}`);
  if (verdict.type !== "linearizable") {
    const { key, reason, operations } = verdict;
    const lines = operations.map((operation) => `  ${describeOperation(operation)}`);
    found.unshift([`By values alone, ${key}: ${reason}`, ...lines].join("\n"));
  }
  return `The history is not linearizable.\n${found.join("\n")}`;
}
