import { RingkvError } from "../protocol/errors.js";
import { ABSENT, type Effort, type Entry, UNREAD } from "./configurations.js";
import { type Operation, describeOperation, operationsByKey } from "./history.js";
import { RegisterSearch } from "./register-search.js";

/** What the referee says of a history. */
export type Verdict = Linearizable | Unexplained | BudgetExceeded;

/** Every key's operations have an order that explains all answers. */
export interface Linearizable {
  readonly type: "linearizable";
  /** Configurations made and compared: the work it took. */
  readonly effort: number;
}

/** No order of this key's operations explains their answers. */
export interface Unexplained {
  readonly type: "violation";
  readonly key: string;
  readonly reason: string;
  /** The first one, by its return, that no order explains together with all that returned before it. */
  readonly operation: Operation;
  /** The operations around it, itself among them, in the order of calls: what overlaps it, and what had led there. */
  readonly operations: readonly Operation[];
}

/** The search was given up: nothing is known about this key. It must never count as a pass. */
export interface BudgetExceeded {
  readonly type: "budget-exceeded";
  readonly key: string;
  readonly reason: string;
  /** The one at whose return the budget was spent. */
  readonly operation: Operation;
  readonly operations: readonly Operation[];
}

export interface RefereeOptions {
  /**
   * The most configurations that may be made and compared for one key. The default, 10,000,000, is about one second of work:
   * longer than any history takes that is not made to be hard (200 operations of 4 clients take some 500).
   */
  readonly effortMax?: number;
}

const EFFORT_MAX = 10_000_000;

/** So many operations that ended before the unexplained one are shown with it. */
const LED_THERE = 6;

/**
 * Checks that a history is linearizable by what was written and read alone: the referee over `checkVersions`, which trusts the
 * versions that the store itself gives. Every key is a register that begins as not existing, and is checked on its own; that
 * suffices, since linearizability is local (M. Herlihy and J. Wing, Linearizability, TOPLAS 12(3), 1990).
 *
 * A put that is done leaves its value, a del that is done deletes what is there, a read tells what is there; what failed has no
 * effect; an update of unknown outcome takes effect once, at any time after its call, or never. Each takes effect at one
 * moment from its call to its return, both included: a return and a call at the same instant count as concurrent. Values may
 * repeat. The search is exact, and its method is told in register-search.ts.
 *
 * @returns the first key's violation, else the first key whose budget was exceeded, else that it is linearizable
 * @throws RingkvError BAD_REQUEST when an operation returned before it was called
 */
export function checkLinearizability(history: Iterable<Operation>, options: RefereeOptions = {}): Verdict {
  let effort = 0;
  let exceeded: BudgetExceeded | undefined;
  for (const operations of operationsByKey(history).values()) {
    const verdict = checkRegister(operations, options);
    if (verdict.type === "violation") return verdict;
    if (verdict.type === "budget-exceeded") exceeded ??= verdict;
    else effort += verdict.effort;
  }
  return exceeded ?? { type: "linearizable", effort };
}

function checkRegister(operations: readonly Operation[], { effortMax = EFFORT_MAX }: RefereeOptions): Verdict {
  const entries = entriesOf(operations);
  const effort: Effort = { spent: 0 };
  const search = new RegisterSearch(entries, effort, effortMax);
  for (const entry of returnsOf(entries)) {
    const { operation } = entry;
    if (operation.returnedMs < operation.calledMs) {
      throw new RingkvError("BAD_REQUEST", `It returned before it was called: ${describeOperation(operation)}`);
    }
    const step = search.return(entry);
    if (step.type === "unexplained") return unexplained(operation, entries, step.writers);
    if (step.type === "exhausted") {
      const reason = `gave up after ${effortMax.toString()} configurations; nothing is known about this key`;
      return { type: "budget-exceeded", key: operation.key, reason, operation, operations: around(operation, entries) };
    }
  }
  return { type: "linearizable", effort: effort.spent };
}

/** What matters to the search, in the order of calls. */
function entriesOf(operations: readonly Operation[]): readonly Entry[] {
  const states = new Map<string, number>();
  for (const { outcome } of operations) {
    if (outcome.type === "found" && !states.has(outcome.value)) states.set(outcome.value, UNREAD + 1 + states.size);
  }
  return operations
    .filter(({ outcome }) => outcome.type !== "failed")
    .sort((left, right) => left.calledMs - right.calledMs)
    .map((operation, number) => entryOf(operation, number, states));
}

function entryOf(operation: Operation, number: number, states: ReadonlyMap<string, number>): Entry {
  const { kind, outcome } = operation;
  const isOptional = outcome.type === "unknown";
  if (outcome.type === "found") {
    return { number, operation, role: "read", state: states.get(outcome.value) ?? UNREAD, isOptional };
  }
  if (outcome.type === "not-found") return { number, operation, role: "read", state: ABSENT, isOptional };
  if (kind === "put")
    return { number, operation, role: "put", state: states.get(operation.value) ?? UNREAD, isOptional };
  return { number, operation, role: "del", state: ABSENT, isOptional };
}

/** Those that return, in the order of returns. */
function returnsOf(entries: readonly Entry[]): readonly Entry[] {
  return entries
    .filter(({ isOptional }) => !isOptional)
    .sort((left, right) => left.operation.returnedMs - right.operation.returnedMs);
}

function unexplained(operation: Operation, entries: readonly Entry[], writers: readonly number[]): Unexplained {
  const held = new Set(writers.map((writer) => describeState(entries[writer]?.operation)));
  const reason = `${describeAnswer(operation)}, but until it returned the key can only have held ${list([...held].sort())}`;
  return { type: "violation", key: operation.key, reason, operation, operations: around(operation, entries) };
}

function describeAnswer({ kind, outcome }: Operation): string {
  if (outcome.type === "found") return `a read gives ${JSON.stringify(outcome.value)}`;
  return outcome.type === "not-found" ? "not found" : `a ${kind} had something to delete`;
}

function describeState(writer: Operation | undefined): string {
  return writer?.kind === "put" ? JSON.stringify(writer.value) : "nothing";
}

function list(items: readonly string[]): string {
  const shown = items.length > 5 ? [...items.slice(0, 4), `${(items.length - 4).toString()} other values`] : items;
  return shown.join(" or ");
}

/** What overlaps an operation, the last that ended before it, and the last that wrote what it read. */
function around(operation: Operation, entries: readonly Entry[]): readonly Operation[] {
  const before = entries.map((entry) => entry.operation).filter(({ calledMs }) => calledMs <= operation.returnedMs);
  const isOver = ({ outcome, returnedMs }: Operation) => outcome.type !== "unknown" && returnedMs < operation.calledMs;
  const overlapping = before.filter((other) => other.outcome.type !== "unknown" && !isOver(other));
  const earlier = before.filter((other) => !overlapping.includes(other)).slice(-LED_THERE);
  const { outcome } = operation;
  const writer = before.findLast((other) => {
    return outcome.type === "found" && other.kind === "put" && other.value === outcome.value;
  });
  const shown = new Set([...overlapping, ...earlier, ...(writer === undefined ? [] : [writer])]);
  return before.filter((other) => shown.has(other));
}
