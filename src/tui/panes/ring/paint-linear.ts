import type { OpTrace } from "../../model/op-trace.js";
import { widthOf } from "../../screen/safe-text.js";
import type { Canvas } from "../../screen/surface.js";
import type { Glyphs, Theme } from "../../screen/theme.js";
import { type Turn, ownerAt, turnOf } from "./geometry.js";
import { type Label, groupLabel, nodeLabel, paintLabel } from "./labels.js";
import { fitted, legible } from "../../screen/legible.js";
import { type RingNode, nodesOf } from "./nodes.js";
import { nameOfSlave, stateStyle, stateText } from "../op-text.js";
import { type RingView, focusOf, shownView } from "./ring-view.js";

/** Rows of one piece of the bar: the key above it, the bar, the names beneath, and a blank. */
const PIECE_ROWS = 4;
const END = "2^64";

const BAR = {
  unicode: { plain: "─", selected: "━", down: "┄" },
  ascii: { plain: "-", selected: "=", down: "." },
} as const;

/**
 * Paints the hash space from 0 to 2^64 as a bar, each stretch in its owner's colour, the slaves on it and their names beneath,
 * the key's ◆ above it. Where there are rows for it, and too many slaves for one line, the bar goes on in further lines.
 */
export function paintLinear(canvas: Canvas, given: RingView): void {
  const view = shownView(given);
  const { slaves, glyphs, theme } = view;
  if (canvas.width <= 0 || canvas.height <= 0) return;
  if (slaves.length === 0) {
    const whole = "waiting for slaves";
    const text = canvas.width >= whole.length ? whole : fitted("waiting", canvas.width, glyphs);
    canvas.text(Math.floor((canvas.width - text.length) / 2), Math.floor((canvas.height - 1) / 2), text, theme.dim);
    return;
  }
  const nodes = nodesOf(view);
  const op = focusOf(view);
  const hasHead = canvas.height >= 4 && (op !== undefined || view.isStale);
  if (hasHead) paintHead(canvas, view, op);
  const body = canvas.part({ x: 0, y: hasHead ? 1 : 0, width: canvas.width, height: canvas.height });
  const pieces = piecesFor(nodes, body);
  const rows = pieces === 1 ? Math.min(PIECE_ROWS, body.height) : PIECE_ROWS;
  const top = Math.max(0, Math.floor((body.height - pieces * rows) / 2));
  for (let piece = 0; piece < pieces; piece += 1) {
    const part = body.part({ x: 0, y: top + piece * rows, width: body.width, height: rows });
    paintPiece(part, view, nodes, { from: piece / pieces, to: (piece + 1) / pieces }, op);
  }
}

/** As few lines as give every slave a label of its own, or as many as there is room for. */
function piecesFor(nodes: readonly RingNode[], { width, height }: Canvas): number {
  const max = Math.max(1, Math.floor(height / PIECE_ROWS));
  for (let pieces = 1; pieces < max; pieces += 1) {
    const columns = nodes.map(({ turn }) => Math.floor(turn * pieces * width));
    const nearest = Math.min(...columns.slice(1).map((column, index) => column - (columns[index] ?? 0)));
    if (nearest >= 5) return pieces;
  }
  return max;
}

function paintHead(canvas: Canvas, view: RingView, op: OpTrace | undefined): void {
  const { nowMs, theme, glyphs } = view;
  if (view.isStale) {
    canvas.text(0, 0, fitted("connection lost", canvas.width, glyphs), theme.bad);
    return;
  }
  if (op === undefined) return;
  const state = stateText(op, nowMs);
  const [primary, successor] = op.replicas.map((id) => nameOfSlave(view, id));
  const what = `${op.kind.toUpperCase()} ${op.key}`;
  const whole = legible(`${what}  owner ${primary ?? ""} (copy ${successor ?? ""})`, glyphs);
  const room = canvas.width - state.length - 2;
  const text = widthOf(whole) <= room ? whole : fitted(what, Math.max(0, room), glyphs);
  const column = canvas.text(0, 0, text, theme.accent);
  canvas.text(column === 0 ? 0 : column + 2, 0, state, stateStyle(op, nowMs, theme));
}

interface Stretch {
  readonly from: Turn;
  readonly to: Turn;
}

function paintPiece(
  canvas: Canvas,
  { theme, glyphs }: RingView,
  nodes: readonly RingNode[],
  { from, to }: Stretch,
  op: OpTrace | undefined,
): void {
  const columnOf = (turn: Turn) => Math.min(canvas.width - 1, Math.floor(((turn - from) / (to - from)) * canvas.width));
  const barRow = canvas.height >= 3 ? 1 : 0;
  const places = nodes.map(({ turn }) => turn);
  for (let x = 0; x < canvas.width; x += 1) {
    const owner = ownerAt(places, from + ((x + 0.5) / canvas.width) * (to - from));
    const node = nodes[owner];
    const look = node?.slave.state === "down" ? "down" : node?.isSelected === true ? "selected" : "plain";
    canvas.put(x, barRow, BAR[glyphs.ascii ? "ascii" : "unicode"][look], look === "down" ? theme.dim : node?.own);
  }
  const here = nodes.filter(({ turn }) => turn >= from && turn < to);
  for (const { look, turn } of [...here].sort((left, right) => left.look.weight - right.look.weight)) {
    canvas.put(columnOf(turn), barRow, look.glyph, look.style);
  }
  if (canvas.height >= 2) {
    paintNames(canvas, barRow + 1, here, columnOf, { glyphs, hasShares: to - from === 1 }, theme);
  }
  if (barRow === 1 && from === 0) canvas.text(0, 0, "0", theme.dim);
  if (barRow === 1 && to === 1) canvas.text(canvas.width - END.length, 0, END, theme.dim);
  const key = op === undefined ? undefined : turnOf(op.hash);
  if (barRow === 1 && key !== undefined && key >= from && key < to) {
    canvas.put(columnOf(key), 0, glyphs.key, theme.accent);
  }
}

/** The names beneath the bar, with shares if there is room for all; neighbours without room for theirs share one. */
function paintNames(
  canvas: Canvas,
  row: number,
  nodes: readonly RingNode[],
  columnOf: (turn: Turn) => number,
  { glyphs, hasShares }: { readonly glyphs: Glyphs; readonly hasShares: boolean },
  theme: Theme,
): void {
  const placedBeneath = (group: readonly RingNode[], detail: "none" | "share"): PlacedName => {
    const [first, last] = [group[0], group.at(-1)];
    const isOne = group.length === 1 && first !== undefined;
    const label = isOne ? nodeLabel(first, detail, theme, glyphs) : groupLabel(group, false, theme, glyphs);
    const middle = (columnOf(first?.turn ?? 0) + columnOf(last?.turn ?? 0)) / 2;
    const x = Math.min(canvas.width - label.width, Math.round(middle - (label.width - 1) / 2));
    return { x: Math.max(label.isSelected ? 1 : 0, x), label };
  };
  let groups = nodes.map((node): readonly RingNode[] => [node]);
  let placed = groups.map((group) => placedBeneath(group, hasShares ? "share" : "none"));
  let clash = clashOf(placed);
  if (clash !== -1) {
    placed = groups.map((group) => placedBeneath(group, "none"));
    clash = clashOf(placed);
  }
  while (clash !== -1) {
    const joined = groups.slice(clash, clash + 2).flat();
    groups = [...groups.slice(0, clash), joined, ...groups.slice(clash + 2)];
    placed = groups.map((group) => placedBeneath(group, "none"));
    clash = clashOf(placed);
  }
  for (const { x, label } of placed) paintLabel(canvas, x, row, label, theme, glyphs);
}

interface PlacedName {
  readonly x: number;
  readonly label: Label;
}

/** The first label that the next one has no room beside; −1 if there is none. */
function clashOf(placed: readonly PlacedName[]): number {
  return placed.findIndex(({ x, label }, index) => {
    const next = placed[index + 1];
    return next !== undefined && x + label.width >= next.x - (next.label.isSelected ? 1 : 0);
  });
}
