import { restsAt } from "./legs.js";
import { downSlaves, freshReads, movingOps, routeProgress } from "./moving.js";
import { type RingView, focusOf } from "./ring-view.js";

/** Whether the ring would look different a moment later, though nothing new is heard; if not, there is no need to repaint. */
export function isAnimating(view: RingView): boolean {
  if (view.isStale) return false;
  const { nowMs } = view;
  const down = downSlaves(view);
  const focus = focusOf(view);
  return (
    (focus !== undefined && routeProgress(focus, nowMs) < 2) ||
    movingOps(view).some((op) => restsAt(op, down) > nowMs) ||
    freshReads(view).length > 0
  );
}
