import type { SlaveId } from "../../protocol/ids.js";
import type { UnresolvedOp } from "../../protocol/messages.js";
import { truncated } from "../screen/safe-text.js";
import type { Canvas } from "../screen/surface.js";
import type { Theme } from "../screen/theme.js";

export interface UnresolvedPaneView {
  readonly ops: readonly UnresolvedOp[];
  /** How many there are by the master's counter. */
  readonly count: number;
  readonly nameOf: (slave: SlaveId) => string;
  readonly theme: Theme;
}

/** Updates that are not decided, or decided and not yet acknowledged by both replicas, and whom they wait for. */
export function paintUnresolved(canvas: Canvas, { ops, count, nameOf, theme }: UnresolvedPaneView): void {
  if (ops.length === 0) {
    canvas.text(1, 0, count === 0 ? "none: every update is settled" : `${count} under way`, theme.dim);
    return;
  }
  const room = canvas.height - (ops.length > canvas.height ? 1 : 0);
  for (const [y, op] of ops.slice(0, room).entries()) {
    const waits = op.waitingFor.map(nameOf).join(", ");
    const style = op.state === "in-doubt" ? theme.bad : theme.warning;
    const x = canvas.text(0, y, `${op.opId} ${op.state}`, style);
    const rest = `  ${op.kind} ${op.key}${waits === "" ? "" : `  waits for ${waits}`}`;
    canvas.text(x, y, truncated(rest, canvas.width - x));
  }
  if (room < ops.length) canvas.text(0, room, `and ${Math.max(count, ops.length) - room} more`, theme.dim);
}
