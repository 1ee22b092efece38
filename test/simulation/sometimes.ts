/**
 * Rare states that a batch of runs must have been in: each of them at least once, or the batch has proven less than it says and
 * fails. What sees each of them is in observer.ts and in the world's own pieces.
 */
export const SOMETIMES = [
  "put acknowledged",
  "get answered with a value",
  "get answered while both replicas were down",
  "outcome unknown told",
  "abort told",
  "refused: a replica is down",
  "refused: key in doubt",
  "refused: storage",
  "refused by both replicas",
  "read timed out",
  "ring incomplete told",
  "committed at one replica before the other",
  "in-doubt op committed",
  "in-doubt op aborted",
  "old outcome reported again",
  "decision sent again",
  "vote after the decision",
  "report of a prepared op",
  "older epoch refused",
  "second master deposed",
  "old read at a deposed master",
  "blank disk refused",
  "old disk refused",
  "old session silenced",
  "slave silent for too long",
  "slave suspect",
  "killed amid a turn",
  "unforced writes lost",
  "rename lost",
  "force failed",
  "disk full",
  "store batch lost",
  "store opened again",
  "several records in one force",
  "log went on in another segment",
  "checkpoint finished",
  "checkpoint refused",
  "torn tail at a start",
  "process thawed after its peers gave it up",
  "pipelined requests overlapped",
  "cache evicted at the master",
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
