import { widthOf } from "../../screen/safe-text.js";
import type { Style } from "../../screen/style.js";
import type { Canvas } from "../../screen/surface.js";
import type { Glyphs, Theme } from "../../screen/theme.js";

export interface ArrowLook {
  readonly label: string;
  readonly style: Style;
  /** Solid, with a full head; what has not happened yet is dashed. */
  readonly isFact: boolean;
}

interface Strokes {
  readonly line: string;
  readonly toRight: string;
  readonly toLeft: string;
}

const FACT: Strokes = { line: "─", toRight: "▶", toLeft: "◀" };
const GUESS: Strokes = { line: "┄", toRight: "▷", toLeft: "◁" };
const FACT_ASCII: Strokes = { line: "-", toRight: ">", toLeft: "<" };
const GUESS_ASCII: Strokes = { line: ".", toRight: ">", toLeft: "<" };

/**
 * Paints an arrow in one row, from one lifeline to others on the same side, with its label near the sender or the master:
 * `├ PREPARE ─▶│`, `│◀─ YES ────┤`.
 */
export function paintArrow(
  canvas: Canvas,
  y: number,
  from: number,
  to: readonly number[],
  { label, style, isFact }: ArrowLook,
  theme: Theme,
  { ascii }: Glyphs,
): void {
  const strokes = ascii ? (isFact ? FACT_ASCII : GUESS_ASCII) : isFact ? FACT : GUESS;
  const farthest = to.at(-1) ?? from;
  const isToRight = farthest > from;
  const [left, right] = isToRight ? [from, farthest] : [farthest, from];
  for (let x = left + 1; x < right; x += 1) canvas.put(x, y, strokes.line, style);
  for (const x of to) {
    if (x !== farthest) canvas.put(x, y, ascii ? "+" : "┼", theme.dim);
    canvas.put(isToRight ? x - 1 : x + 1, y, isToRight ? strokes.toRight : strokes.toLeft, style);
  }
  if (!ascii) canvas.put(from, y, isToRight ? "├" : "┤", theme.dim);
  // A solid line to the right begins with its label, every other one with a stroke.
  const start = isToRight ? left + (isFact ? 1 : 2) : left + 3;
  if (widthOf(label) > 0) canvas.text(start, y, ` ${label} `, style);
}
