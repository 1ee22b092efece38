/**
 * What the master knows of one replica's part in one update.
 *
 * | standing   | meaning                                                                               |
 * |------------|---------------------------------------------------------------------------------------|
 * | asked      | PREPARE was sent, no vote yet                                                         |
 * | lost       | PREPARE was sent, then the connection broke: it may or may not be prepared            |
 * | refused    | it voted abort: it holds no record of the op and never will                           |
 * | unreported | an op of an older epoch, and it has not reported in this one                          |
 * | none       | it has reported in this epoch, without this op                                        |
 * | prepared   | PREPARED is on its disk, by its yes vote or by its report                             |
 * | committed  | COMMITTED is on its disk, by its report                                               |
 * | aborted    | ABORTED is on its disk, by its report                                                 |
 * | settled    | it has acknowledged the decision: it will never ask about this op again               |
 */
export type Standing =
  "asked" | "lost" | "refused" | "unreported" | "none" | "prepared" | "committed" | "aborted" | "settled";

export type Outcome = "commit" | "abort";

/**
 * Rule R: the outcome of an op that no living master has decided, from what its two replicas' disks say.
 *
 * Any COMMITTED → commit; else any ABORTED, or a replica without a record → abort; else both PREPARED → commit. It agrees
 * with every decision a master may have told a client: success is told only when both PREPARED are forced, a refusal only
 * when one replica has forced ABORTED or holds no record. Undefined while a report is missing that could still matter.
 */
export function deriveOutcome(left: Standing, right: Standing): Outcome | undefined {
  if (left === "committed" || right === "committed") return "commit";
  if (left === "aborted" || right === "aborted") return "abort";
  if (left === "none" || right === "none") return "abort";
  if (left === "prepared" && right === "prepared") return "commit";
  return undefined;
}
