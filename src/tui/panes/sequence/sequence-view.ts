import type { SlaveId } from "../../../protocol/ids.js";
import type { LinkFault, SlaveState, StepState } from "../../../protocol/messages.js";
import type { OpTrace } from "../../model/op-trace.js";
import type { Glyphs, Theme } from "../../screen/theme.js";

/** A slave as the diagram needs it. */
export interface SequenceSlave {
  readonly id: SlaveId;
  readonly name: string;
  readonly state: SlaveState;
  /** What goes wrong between the master and it, if anything. */
  readonly fault?: LinkFault | undefined;
}

/** Everything that the diagram of one update shows. */
export interface SequenceView {
  readonly op: OpTrace | undefined;
  /** In ring order: the place of a slave gives its colour. */
  readonly slaves: readonly SequenceSlave[];
  /** What the master holds, of all updates, the oldest first: that one goes next. */
  readonly step: StepState;
  /** The monitor's monotone clock, that of every `heardMs`. */
  readonly nowMs: number;
  /** How long the master waits for votes, in ms from the update's begin; then what is left of it is shown. */
  readonly deadlineMs?: number;
  readonly theme: Theme;
  readonly glyphs: Glyphs;
}

/** How old an update is, in ms: until now, or until it was settled. */
export function elapsedMs(op: OpTrace, nowMs: number): number {
  const [first, last] = [op.steps[0], op.steps.at(-1)];
  if (first === undefined || last === undefined) return 0;
  return op.isSettled ? last.ms : Math.max(last.ms, first.ms + nowMs - first.heardMs);
}
