import type { HeldStep } from "../../protocol/messages.js";
import type { Hold, OpTrace } from "./op-trace.js";

type Held = Pick<Hold, "phase" | "slave">;

/**
 * The update with what the master holds of it now; what it held before and does not any more was let go.
 *
 * @param held what the master holds, of all updates
 * @param time of that, ms since 1970 by the master's clock
 */
export function withHolds(op: OpTrace, held: readonly HeldStep[], time: number, heardMs: number): OpTrace {
  const now = held
    .filter(({ opId }) => opId === op.opId)
    .flatMap(({ phase, slaves }) => slaves.map((slave): Held => ({ phase, slave })));
  const open = op.holds.filter(({ letGo }) => letGo === undefined);
  if (now.length === 0 && open.length === 0) return op;
  const letGo = { ms: Math.max(0, time - op.beganAt), heardMs };
  const isAmong = (holds: readonly Held[], hold: Held) => holds.some((other) => isSame(other, hold));
  const holds = op.holds.map((hold) => (open.includes(hold) && !isAmong(now, hold) ? { ...hold, letGo } : hold));
  const added = now.filter((hold) => !isAmong(open, hold)).map((hold): Hold => ({ ...hold, letGo: undefined }));
  return { ...op, holds: [...holds, ...added] };
}

/** The newest hold of an update's message of this phase to or from this slave; undefined when it was never held. */
export function holdOf(op: OpTrace, phase: Hold["phase"], slave: Hold["slave"]): Hold | undefined {
  return op.holds.findLast((hold) => isSame(hold, { phase, slave }));
}

/** Whether step mode holds it now. */
export function isHeld(op: OpTrace, phase: Hold["phase"], slave: Hold["slave"]): boolean {
  const hold = holdOf(op, phase, slave);
  return hold !== undefined && hold.letGo === undefined;
}

function isSame(left: Held, right: Held): boolean {
  return left.phase === right.phase && left.slave === right.slave;
}
