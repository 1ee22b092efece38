import { widthOf } from "../../screen/safe-text.js";
import type { Style } from "../../screen/style.js";
import type { Canvas, Rect } from "../../screen/surface.js";
import type { Circle } from "./geometry.js";
import { fitted, legible } from "../../screen/legible.js";
import { hexOf, nameOfSlave, stateStyle, stateText } from "../op-text.js";
import { type RingView, focusOf } from "./ring-view.js";

/** One line in the middle, in several lengths, the longest first. */
interface Line {
  readonly variants: readonly string[];
  readonly style: Style;
  /** Lines of the lowest ranks stay when there is no room for all. */
  readonly rank: number;
}

/** Part of the circle's height that the text may take. */
const TEXT_HEIGHT = 0.62;

/**
 * Paints the master in the middle of the ring: what it does at the moment, as far as there is room inside the circle.
 *
 * @returns the cells around the text, from whose edge messages leave
 */
export function paintCentre(canvas: Canvas, circle: Circle, view: RingView): Rect {
  const rowsMax = Math.max(1, Math.floor(((2 * circle.radius) / 4) * TEXT_HEIGHT));
  const lines = linesOf(view);
  const kept = new Set([...lines].sort((left, right) => left.rank - right.rank).slice(0, rowsMax));
  const shown = lines.filter((line) => kept.has(line));

  const middle = canvas.width / 2;
  const top = Math.round((circle.y + 0.5) / 4 - shown.length / 2);
  let widest = 0;
  for (const [index, { variants, style }] of shown.entries()) {
    const room = chordColumns(circle, top + index);
    const text =
      variants.find((variant) => widthOf(variant) <= room) ?? fitted(variants.at(-1) ?? "", room, view.glyphs);
    const width = widthOf(text);
    widest = Math.max(widest, width);
    canvas.text(Math.round(middle - width / 2), top + index, text, style);
  }
  return { x: Math.floor(middle - widest / 2) - 1, y: top, width: widest + 2, height: shown.length };
}

function linesOf(view: RingView): readonly Line[] {
  const { slaves, nowMs, theme, glyphs } = view;
  const master: Line = view.isStale
    ? { variants: ["connection lost", "disconnected", "lost"], style: theme.bad, rank: 0 }
    : { variants: ["master"], style: theme.title, rank: 4 };
  const op = focusOf(view);
  if (op === undefined) {
    const up = slaves.filter(({ state }) => state === "up").length;
    const count = `${up.toString()}/${slaves.length.toString()} up`;
    return [master, { variants: [`${count}, no update`, count], style: theme.dim, rank: 1 }];
  }
  const [primary, successor] = op.replicas.map((id) => nameOfSlave(view, id));
  const hash = hexOf(op.hash);
  return [
    master,
    { variants: [legible(`${op.kind.toUpperCase()} ${op.key}`, glyphs)], style: theme.accent, rank: 1 },
    { variants: [hash, `${hash.slice(0, 8)}${glyphs.ellipsis}`, hash.slice(0, 4)], style: theme.dim, rank: 5 },
    {
      variants: [
        `owner ${primary ?? ""} (copy ${successor ?? ""})`,
        `${primary ?? ""} (copy ${successor ?? ""})`,
        `${primary ?? ""}, ${successor ?? ""}`,
      ],
      style: theme.plain,
      rank: 3,
    },
    {
      variants: [stateText(op, nowMs), stateText(op, nowMs).replace(/^(....).* /, "$1 ")],
      style: stateStyle(op, nowMs, theme),
      rank: 2,
    },
  ];
}

/** Columns of text that fit inside the circle in a row of cells. */
function chordColumns({ y, radius }: Circle, row: number): number {
  const farthest = Math.max(Math.abs(row * 4 + 1 - y), Math.abs(row * 4 + 2 - y));
  return farthest >= radius ? 0 : Math.max(0, Math.floor(Math.sqrt(radius ** 2 - farthest ** 2)) - 1);
}
