import { type OpId, compareOpIds } from "../protocol/ids.js";
import { type Del, type Operation, type Put, describeOperation, operationsByKey } from "./history.js";
import { type Demand, type Link, VersionWalk } from "./version-walk.js";

/**
 * Checks that a history is linearizable: that each operation can be given one moment between its call and its return, such
 * that each read tells the newest write before its moment, and that the writes of a key come in the order of their versions.
 * Every key begins as not existing. Keys are independent of each other, so each is checked alone.
 *
 * Versions make this cheap. The writes whose versions are known form a chain, and the state of a key is a place in it, plus
 * the little that unknown outcomes add: a put whose version no read shows and a del of unknown outcome may have taken effect
 * between any two links of the chain, once, after their call, or never (version-walk.ts). O(n log n), all of it sorting,
 * as long as only a few unknown dels are in question at a time.
 *
 * The answer is exact where the puts of unknown outcome of a key have different values. Among equal ones it is not always
 * decided which one a read has shown; the check then gives the history the benefit of the doubt.
 *
 * @returns the first violation of each key that has one
 */
export function checkVersions(history: Iterable<Operation>): readonly Violation[] {
  return [...operationsByKey(history).values()].flatMap((operations) => {
    try {
      checkKey(operations);
      return [];
    } catch (error) {
      if (error instanceof Contradiction) return [error.violation];
      throw error;
    }
  });
}

/** Why no order of a key's operations explains its answers. */
export interface Violation {
  readonly key: string;
  readonly reason: string;
  /** Those that contradict each other. */
  readonly operations: readonly Operation[];
}

/** A violation as text, an operation a line. */
export function describeViolation({ key, reason, operations }: Violation): string {
  return [`${key}: ${reason}`, ...operations.map((operation) => `  ${describeOperation(operation)}`)].join("\n");
}

/** Ends the check of one key. */
class Contradiction extends Error {
  readonly violation: Violation;

  constructor(reason: string, operations: readonly [Operation, ...Operation[]]) {
    super(reason);
    this.violation = { key: operations[0].key, reason, operations };
  }
}

function checkKey(operations: readonly Operation[]): void {
  const acknowledged = acknowledgedWrites(operations);
  const { shown, unseenPutsMs } = resolvePuts(operations, acknowledged);
  const chain = chainOf(operations, new Map([...acknowledged, ...shown]));
  const unknownDels = operations.filter(({ kind, outcome }) => kind === "del" && outcome.type === "unknown");
  const notFound = operations.filter(({ outcome }) => outcome.type === "not-found");
  const walk = new VersionWalk(chain, callsOf(unknownDels), unseenPutsMs, callsOf(notFound));
  for (const demand of demandsOf(operations, chain)) {
    const obstacle = walk.meet(demand);
    if (obstacle !== undefined) throw new Contradiction(obstacle.reason, [demand.operation, ...obstacle.operations]);
  }
}

/** The writes that were acknowledged, by version. */
function acknowledgedWrites(operations: readonly Operation[]): ReadonlyMap<OpId, Put | Del> {
  const writes = new Map<OpId, Put | Del>();
  for (const operation of operations) {
    if (operation.kind === "get" || operation.outcome.type !== "done") continue;
    const { version } = operation.outcome;
    const other = writes.get(version);
    if (other !== undefined) throw new Contradiction("two writes have the same version", [other, operation]);
    writes.set(version, operation);
  }
  return writes;
}

/**
 * What became of the puts of unknown outcome: those that reads show to have taken effect, by version, and the calls of the
 * others. Every version that is read comes from some put.
 */
function resolvePuts(operations: readonly Operation[], acknowledged: ReadonlyMap<OpId, Put | Del>) {
  const seen = new Map<OpId, { readonly version: OpId; readonly value: string; readonly read: Operation }>();
  for (const operation of operations) {
    if (operation.kind !== "get" || operation.outcome.type !== "found") continue;
    const { version, value } = operation.outcome;
    const write = acknowledged.get(version);
    const other = seen.get(version);
    if (write !== undefined) {
      if (write.kind !== "put" || write.value !== value) {
        throw new Contradiction("a read gives what the write of this version did not write", [operation, write]);
      }
    } else if (other === undefined) seen.set(version, { version, value, read: operation });
    else if (other.value !== value) {
      throw new Contradiction("two reads give different values as one version", [operation, other.read]);
    }
  }

  const unknownPuts = operations.filter((operation): operation is Put => {
    return operation.kind === "put" && operation.outcome.type === "unknown";
  });
  const putsOf = groupBy(unknownPuts.sort(byCall), ({ value }) => value);
  const sightings = groupBy([...seen.values()].sort(byVersion), ({ value }) => value);
  const shown = new Map<OpId, Put>();
  for (const [value, versions] of sightings) {
    for (const [index, { version, read }] of versions.entries()) {
      const put = putsOf.get(value)?.[index];
      if (put === undefined) throw new Contradiction(...withoutWriter(read, value, operations));
      shown.set(version, put);
    }
  }
  const unseen = [...putsOf].flatMap(([value, puts]) => {
    return puts.slice(0, puts.length - (sightings.get(value)?.length ?? 0));
  });
  return { shown, unseenPutsMs: callsOf(unseen) };
}

/** Why nothing can have written what a read gave. */
function withoutWriter(
  read: Operation,
  value: string,
  operations: readonly Operation[],
): [reason: string, operations: [Operation, ...Operation[]]] {
  const puts = operations.filter((operation) => operation.kind === "put" && operation.value === value);
  const failed = puts.find(({ outcome }) => outcome.type === "failed");
  if (failed !== undefined) return ["a read gives the value of a put that certainly failed", [read, failed]];
  if (puts.length > 0) return ["a read gives this value as a version that no put of it made", [read, ...puts]];
  return ["a read gives a value that nobody wrote", [read]];
}

/** The writes of known version in their order, each not before the reads that still saw the one before it. */
function chainOf(operations: readonly Operation[], writes: ReadonlyMap<OpId, Put | Del>): readonly Link[] {
  const lastReads = new Map<OpId, Operation>();
  for (const operation of operations) {
    if (operation.outcome.type !== "found") continue;
    const { version } = operation.outcome;
    const other = lastReads.get(version);
    if (other === undefined || other.calledMs < operation.calledMs) lastReads.set(version, operation);
  }
  return [...writes].map(([version, write]) => ({ version, write, lastRead: lastReads.get(version) })).sort(byVersion);
}

/** What each answer demands, in the order in which they came. */
function demandsOf(operations: readonly Operation[], chain: readonly Link[]): readonly Demand[] {
  const places = new Map(chain.map(({ version }, index) => [version, index + 1]));
  const demands = operations.flatMap((operation): Demand[] => {
    const { outcome } = operation;
    if (outcome.type === "not-found") return [{ operation, place: undefined }];
    if (outcome.type === "failed" || outcome.type === "unknown") return [];
    return [{ operation, place: places.get(outcome.version) ?? 0 }];
  });
  return demands.sort((left, right) => left.operation.returnedMs - right.operation.returnedMs);
}

function byCall(left: Operation, right: Operation): number {
  return left.calledMs - right.calledMs;
}

function byVersion(left: { readonly version: OpId }, right: { readonly version: OpId }): number {
  return compareOpIds(left.version, right.version);
}

/** The calls, earliest first. */
function callsOf(operations: readonly Operation[]): readonly number[] {
  return operations.map(({ calledMs }) => calledMs).sort((left, right) => left - right);
}

function groupBy<Item, Group>(items: Iterable<Item>, groupOf: (item: Item) => Group): Map<Group, Item[]> {
  const groups = new Map<Group, Item[]>();
  for (const item of items) {
    const group = groupOf(item);
    const members = groups.get(group);
    if (members === undefined) groups.set(group, [item]);
    else members.push(item);
  }
  return groups;
}
