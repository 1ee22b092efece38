import type { SlaveId } from "../../../protocol/ids.js";
import type { OpTrace } from "../../model/op-trace.js";
import { LEG_MS, restsAt } from "./legs.js";
import type { RingRead, RingView } from "./ring-view.js";

/** More at once than these would make soup of the ring: the newest are shown. */
const OPS_MAX = 5;
const READS_MAX = 5;
/** How long a read is seen. */
const READ_MS = 700;

/** The updates to animate: those under way, in slow motion, and at most the newest few; the selected one in any case. */
export function movingOps(view: RingView): readonly OpTrace[] {
  const down = downSlaves(view);
  const isMoving = (op: OpTrace) => !op.isSettled || restsAt(op, down) > view.nowMs;
  const moving = view.ops.filter(isMoving).slice(-OPS_MAX);
  const { selectedOp } = view;
  const isMissing = selectedOp !== undefined && !moving.some(({ opId }) => opId === selectedOp.opId);
  return isMissing ? [...moving, selectedOp] : moving;
}

/** The reads that are still seen, at most the newest few. */
export function freshReads({ reads, nowMs }: RingView): readonly RingRead[] {
  return reads.filter(({ heardMs }) => heardMs <= nowMs && nowMs - heardMs < READ_MS).slice(-READS_MAX);
}

/** How far a key's dot is on its way round the ring: 1 at its primary, 2 at the successor, where it ends. */
export function routeProgress({ steps }: OpTrace, nowMs: number): number {
  const [first] = steps;
  return first === undefined ? 2 : Math.min(2, Math.max(0, (nowMs - first.heardMs) / LEG_MS));
}

/** The slaves that no message reaches. */
export function downSlaves({ slaves }: RingView): readonly SlaveId[] {
  return slaves.filter(({ state }) => state === "down").map(({ id }) => id);
}
