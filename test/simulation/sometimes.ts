import { FAULT_KINDS, type FaultKind } from "./plan.js";

/**
 * Rare states that a batch of runs must have been in: each of them at least once, or the batch has proven less than it says and
 * fails. What sees each of them is in observer.ts and in the world's own pieces.
 */
export const SOMETIMES = [
  "update acknowledged",
  "get answered with a value",
  "outcome unknown told",
  "abort told",
  "refused: a replica is down",
  "refused: key in doubt",
  "refused: storage",
  "refused by both replicas",
  "read timed out",
  "ring incomplete told",
  "op of an older epoch committed",
  "op of an older epoch aborted",
  "old outcome reported again",
  "prepared op reported",
  "decision sent again",
  "yes vote after the abort",
  "older epoch refused",
  "deposed master stops",
  "read at a deposed master",
  "blank disk refused",
  "old disk refused",
  "harmless copy of a disk taken in",
  "old session silenced",
  "slave silent for too long",
  "killed in the middle of a turn",
  "unforced writes lost",
  "rename lost",
  "force failed",
  "disk full",
  "store batch lost",
  "store opened again",
  "several records in one force",
  "log of several segments at a start",
  "torn tail at a start",
  "checkpoint finished",
  "checkpoint refused",
  "process thawed after its peers gave it up",
  "requests of one client overlapped",
  ...FAULT_KINDS.map((kind): `fault: ${FaultKind}` => `fault: ${kind}`),
] as const;
export type Sometimes = (typeof SOMETIMES)[number];

/** How often each was seen. */
export type SometimesCounts = Partial<Record<Sometimes, number>>;

/** Adds the counts of one run to those of many. */
export function addCounts(total: SometimesCounts, more: SometimesCounts): void {
  for (const [name, count] of Object.entries(more) as [Sometimes, number][]) total[name] = (total[name] ?? 0) + count;
}

/** The states that never occurred. */
export function missing(counts: SometimesCounts): readonly Sometimes[] {
  return SOMETIMES.filter((name) => counts[name] === undefined);
}
