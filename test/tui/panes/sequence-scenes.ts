import type { HeldStep } from "../../../src/protocol/messages.js";
import type { Hold, OpTrace } from "../../../src/tui/model/op-trace.js";
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
  const step = { on: false, held: [] };
  return { op, slaves: SIX, step, nowMs: T0 + 12, deadlineMs: 1_000, theme: DARK, glyphs: UNICODE, ...changes };
}

/** Updates that step mode holds at each of the four phases; the master's link to s4 is slow. */
export const STEPS = {
  prepare: stepView(OPS.begun, [held("prepare", S3), held("prepare", S4)]),
  votes: stepView(OPS.begun, [letGo("prepare", S3, 2_500), letGo("prepare", S4, 2_500), held("vote", S3)]),
  decision: stepView(OPS.committed, [held("decision", S3), held("decision", S4)]),
  acks: stepView(OPS.committed, [letGo("decision", S3, 4_500), letGo("decision", S4, 4_500), held("ack", S3)]),
};

function stepView(op: OpTrace, holds: readonly Hold[]): SequenceView {
  const isOpen = ({ letGo }: Hold) => letGo === undefined;
  const phase = holds.find(isOpen)?.phase ?? "ack";
  const step: HeldStep = { opId: op.opId, phase, slaves: holds.filter(isOpen).map(({ slave }) => slave) };
  return sequenceView(
    { ...op, holds },
    {
      step: { on: true, held: [step] },
      slaves: withSlave(S4, { fault: { kind: "delay", ms: 200 } }),
      nowMs: T0 + 5_000,
    },
  );
}

function held(phase: Hold["phase"], slave: Hold["slave"]): Hold {
  return { phase, slave, letGo: undefined };
}

function letGo(phase: Hold["phase"], slave: Hold["slave"], ms: number): Hold {
  return { phase, slave, letGo: { ms, heardMs: T0 + ms } };
}
