import { escapeUnprintable } from "../protocol/unprintable.js";
import { type Operation, describeOperation, operationsByKey } from "../testing/history.js";
import { checkLinearizability } from "../testing/linearizability.js";
import type { Finding } from "../testing/timeline.js";
import { checkVersions } from "../testing/version-check.js";

/** What both checks say of a history. */
export interface CheckReport {
  readonly verdict: CheckVerdict;
  readonly operations: number;
  readonly keys: number;
  readonly clients: number;
  readonly unknown: number;
  /** The keys that have findings, those that are certainly wrong before the undecided ones. */
  readonly wrong: readonly KeyReport[];
}

/** Undecided: no violation was found, but for some key the search was given up. */
export type CheckVerdict = "linearizable" | "violation" | "undecided";

/** What is wrong with one key. */
export interface KeyReport {
  readonly key: string;
  readonly verdict: Exclude<CheckVerdict, "linearizable">;
  readonly findings: readonly KeyFinding[];
}

interface KeyFinding extends Finding {
  readonly check: "versions" | "referee";
  /** The operations around it, itself among them. */
  readonly context: readonly Operation[];
}

/** Keys that are told in full, and those that are named; a broken store may violate them all. */
const KEYS_TOLD = 5;
const KEYS_NAMED = 20;

const HEADLINES: Readonly<Record<CheckVerdict, string>> = {
  linearizable: "linearizable",
  violation: "NOT LINEARIZABLE",
  undecided: "UNDECIDED",
};

/** Checks a history by its versions and by its values. */
export function checkHistory(history: readonly Operation[]): CheckReport {
  const wrong = [...operationsByKey(history)].flatMap(([key, operations]) => checkKey(key, operations));
  const isViolated = wrong.some(({ verdict }) => verdict === "violation");
  return {
    verdict: isViolated ? "violation" : wrong.length > 0 ? "undecided" : "linearizable",
    operations: history.length,
    keys: new Set(history.map(({ key }) => key)).size,
    clients: new Set(history.map(({ client }) => client)).size,
    unknown: history.filter(({ outcome }) => outcome.type === "unknown").length,
    wrong: wrong.sort((left, right) => Number(right.verdict === "violation") - Number(left.verdict === "violation")),
  };
}

function checkKey(key: string, operations: readonly Operation[]): readonly KeyReport[] {
  const byVersions = checkVersions(operations).map(({ reason, operations }): KeyFinding => {
    return { check: "versions", title: "By the store's versions", reason, operations, context: operations };
  });
  const verdict = checkLinearizability(operations);
  if (verdict.type === "linearizable") {
    return byVersions.length === 0 ? [] : [{ key, verdict: "violation", findings: byVersions }];
  }
  const isViolated = verdict.type === "violation";
  const byValues: KeyFinding = {
    check: "referee",
    title: "By values alone",
    reason: verdict.reason,
    operations: isViolated ? [verdict.operation] : [],
    context: verdict.operations,
  };
  const isCertain = isViolated || byVersions.length > 0;
  return [{ key, verdict: isCertain ? "violation" : "undecided", findings: [byValues, ...byVersions] }];
}

/** The report for people, a few lines. */
export function describeReport({ verdict, operations, keys, clients, unknown, wrong }: CheckReport): string {
  const counts = [
    amount(operations, "operation"),
    amount(keys, "key"),
    amount(clients, "client"),
    amount(unknown, "unknown outcome"),
  ];
  const more = wrong.slice(KEYS_TOLD).map(({ key }) => JSON.stringify(key));
  const named = [...more.slice(0, KEYS_NAMED), ...(more.length > KEYS_NAMED ? ["…"] : [])];
  const lines = [
    `${HEADLINES[verdict]}: ${counts.join(", ")}`,
    ...wrong.slice(0, KEYS_TOLD).flatMap(describeKey),
    ...(more.length > 0 ? [`and ${amount(more.length, "more key")}: ${named.join(" ")}`] : []),
  ];
  return lines.map(escapeUnprintable).join("\n");
}

function describeKey({ key, findings }: KeyReport): readonly string[] {
  const lines = findings.flatMap(({ title, reason, operations, context }) => [
    `  ${title}: ${reason}`,
    ...context.map((operation) => `  ${operations.includes(operation) ? "✗" : " "} ${describeOperation(operation)}`),
  ]);
  return [`key ${JSON.stringify(key)}`, ...lines];
}

function amount(count: number, what: string): string {
  return `${count.toString()} ${what}${count === 1 ? "" : "s"}`;
}
