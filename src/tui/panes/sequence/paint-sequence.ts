import type { Canvas } from "../../screen/surface.js";
import { fitted } from "../../screen/legible.js";
import { paintHeader } from "./header.js";
import { DIAGRAM_COLUMNS_MIN, paintDiagram } from "./paint-diagram.js";
import { paintTable } from "./paint-table.js";
import type { SequenceView } from "./sequence-view.js";

/** Header, heads of the lifelines, and enough messages to be worth a diagram. */
const DIAGRAM_ROWS_MIN = 7;

const NOTHING = ["no update yet: put a key and watch it commit", "no update yet: put a key", "no update yet", "idle"];

/**
 * Paints one update's two-phase commit: as a sequence diagram with what has been sent, when, and what must come next; on a
 * small canvas as a table. Without an update it says so.
 */
export function paintSequence(canvas: Canvas, view: SequenceView): void {
  const { op, theme, glyphs } = view;
  if (op === undefined) {
    const text = NOTHING.find(({ length }) => length <= canvas.width) ?? fitted("idle", canvas.width, glyphs);
    const row = Math.max(0, Math.floor((canvas.height - 1) / 2));
    canvas.text(Math.floor((canvas.width - text.length) / 2), row, text, theme.dim);
    return;
  }
  paintHeader(canvas, view, op);
  const body = canvas.part({ x: 0, y: 1, width: canvas.width, height: canvas.height - 1 });
  const isRoomy = canvas.width >= DIAGRAM_COLUMNS_MIN && canvas.height >= DIAGRAM_ROWS_MIN;
  if (isRoomy) paintDiagram(body, { ...view, op });
  else paintTable(body, { ...view, op });
}
