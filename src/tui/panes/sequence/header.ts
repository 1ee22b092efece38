import type { OpTrace } from "../../model/op-trace.js";
import { widthOf } from "../../screen/safe-text.js";
import type { Canvas } from "../../screen/surface.js";
import { fitted, legible } from "../../screen/legible.js";
import { stateStyle, stateText } from "../op-text.js";
import { type SequenceView, elapsedMs } from "./sequence-view.js";

/** Paints one row: `3.17 PUT user:42  t+12 ms  PREPARE 1/2`; what has no room is cut from the key, then left out. */
export function paintHeader(canvas: Canvas, { nowMs, theme, glyphs }: SequenceView, op: OpTrace): void {
  const id = `${op.opId} `;
  const state = stateText(op, Infinity);
  const age = `t+${ageText(elapsedMs(op, nowMs))}`;
  const what = legible(`${op.kind.toUpperCase()} ${op.key}`, glyphs);
  const rest = age.length + 2 + state.length + 2;
  const keyColumns = Math.min(widthOf(what), Math.max(8, canvas.width - id.length - rest));
  let column = canvas.text(0, 0, id, theme.dim);
  column = canvas.text(column, 0, fitted(what, keyColumns, glyphs), theme.accent);
  if (column + 2 + age.length <= canvas.width) column = canvas.text(column + 2, 0, age, theme.plain);
  if (column + 2 + state.length <= canvas.width) {
    canvas.text(column + 2, 0, state, stateStyle(op, Infinity, theme));
  }
}

/** An age: `12 ms`, `1.4 s`, `3 min`. */
function ageText(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms).toString()} ms`;
  if (ms < 100_000) return `${(ms / 1_000).toFixed(1)} s`;
  return `${Math.floor(ms / 60_000).toString()} min`;
}
