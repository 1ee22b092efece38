import type { SequenceView } from "../../../src/tui/panes/sequence/sequence-view.js";
import { DARK, UNICODE } from "../../../src/tui/screen/theme.js";
import { BEGUN, DECIDED, ONE_VOTE, S3, S4, SETTLED, SIX, T0, opWith, step, withSlave } from "./ring-scenes.js";

/** Updates of `user:42` in all the states that the diagram tells apart. */
export const OPS = {
  begun: opWith(BEGUN),
  oneVote: opWith(ONE_VOTE),
  committed: opWith(DECIDED, { state: "committed" }),
  settled: opWith(SETTLED, { state: "committed", isSettled: true }),
  refused: opWith(
    [
      ...ONE_VOTE,
      step("vote", 4.2, { slave: S4, outcome: "abort", code: "STORAGE" }),
      step("decision", 4.2, { outcome: "abort" }),
      step("answered", 4.3, { code: "STORAGE" }),
    ],
    { state: "aborted" },
  ),
  timedOut: opWith([...ONE_VOTE, step("decision", 1000.4, { outcome: "abort" })], { state: "aborted" }),
  unknown: opWith(
    [...BEGUN, step("decision", 1000.4, { outcome: "abort" }), step("answered", 2001.2, { code: "OUTCOME_UNKNOWN" })],
    { state: "aborted" },
  ),
  inDoubt: opWith([step("in-doubt", 0)], { state: "in-doubt" }),
  taken: opWith(
    [step("in-doubt", 0), step("decision", 812, { outcome: "commit" }), step("ack", 815.5, { slave: S3 })],
    { state: "committed" },
  ),
};

/** Six slaves of which the successor of `user:42` is down. */
export const S4_DOWN = withSlave(S4, { state: "down" });

/** A view of one of them 12 ms after its begin, with a second for the votes. */
export function sequenceView(op: SequenceView["op"], changes: Partial<SequenceView> = {}): SequenceView {
  return { op, slaves: SIX, nowMs: T0 + 12, deadlineMs: 1_000, theme: DARK, glyphs: UNICODE, ...changes };
}
