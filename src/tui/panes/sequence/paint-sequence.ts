import type { Canvas } from "../../screen/surface.js";
import { fitted } from "../../screen/legible.js";
import { widthOf } from "../../screen/safe-text.js";
import { nameOfSlave } from "../op-text.js";
import { paintHeader } from "./header.js";
import { DIAGRAM_COLUMNS_MIN, paintDiagram } from "./paint-diagram.js";
import { paintTable } from "./paint-table.js";
import type { SequenceView } from "./sequence-view.js";

/** Header, heads of the lifelines, and enough messages to be worth a diagram. */
const DIAGRAM_ROWS_MIN = 7;

const NOTHING = ["no update yet: put a key and watch it commit", "no update yet: put a key", "no update yet", "idle"];
const NOTHING_HELD = [
  "nothing is held yet: put a key, then go on with n",
  "nothing held yet: put a key",
  "nothing held",
];

/**
 * Paints one update's two-phase commit: as a sequence diagram with what has been sent, when, and what must come next; on a
 * small canvas as a table. Without an update it says so.
 */
export function paintSequence(canvas: Canvas, view: SequenceView): void {
  const { op, theme, glyphs } = view;
  if (op === undefined) {
    const texts = idleTexts(view);
    const text =
      texts.find((each) => widthOf(each) <= canvas.width) ?? fitted(texts.at(-1) ?? "", canvas.width, glyphs);
    const row = Math.max(0, Math.floor((canvas.height - 1) / 2));
    canvas.text(Math.floor((canvas.width - widthOf(text)) / 2), row, text, theme.dim);
    return;
  }
  paintHeader(canvas, view, op);
  const body = canvas.part({ x: 0, y: 1, width: canvas.width, height: canvas.height - 1 });
  const isRoomy = canvas.width >= DIAGRAM_COLUMNS_MIN && canvas.height >= DIAGRAM_ROWS_MIN;
  if (isRoomy) paintDiagram(body, { ...view, op });
  else paintTable(body, { ...view, op });
}

/** Instead of a diagram, the longest text first. */
function idleTexts(view: SequenceView): readonly string[] {
  const { on, held } = view.step;
  const [first] = held;
  if (first === undefined) return on ? NOTHING_HELD : NOTHING;
  // It began before this monitor was there to hear it.
  const brief = `held: ${first.phase} of ${first.opId}`;
  return [`${brief} (${first.slaves.map((slave) => nameOfSlave(view, slave)).join(", ")}); n lets it go`, brief];
}
