import type { Canvas } from "../../screen/surface.js";
import { ownerStyle } from "../../screen/theme.js";
import { BrailleCanvas } from "./braille-canvas.js";
import { paintCentre } from "./centre.js";
import { type Circle, type Turn, arcsOf, cellOf, clockwise, dotsOf, ownerAt, pointAt, within } from "./geometry.js";
import { type PlacedNode, layOutLabels } from "./label-layout.js";
import { nodeLabel, paintLabel } from "./labels.js";
import { paintLinear } from "./paint-linear.js";
import { nodesOf } from "./nodes.js";
import { type RingView, shownView } from "./ring-view.js";
import { Traffic } from "./traffic.js";

/** Below so many rows or columns, or above so many slaves, a bar tells more than a circle. */
const ROWS_MIN = 10;
const COLUMNS_MIN = 24;
const SLAVES_MAX = 24;

/** A circle that leaves room for all labels is taken if it is so near to the greatest possible one. */
const NEARLY = 0.85;
const DASH_DOTS = 3;
const SHARE_COLUMNS = " 17%".length;

/**
 * Paints the ring: each slave's arc in its colour, the slaves with their names around it, the master in the middle, and the
 * updates and reads that are under way. A canvas too small for that, or a ring of many slaves, gets the linear bar.
 */
export function paintRing(canvas: Canvas, given: RingView): void {
  const view = shownView(given);
  const { slaves, glyphs, theme } = view;
  if (canvas.height < ROWS_MIN || canvas.width < COLUMNS_MIN || slaves.length > SLAVES_MAX || slaves.length === 0) {
    paintLinear(canvas, view);
    return;
  }
  const bare = nodesOf(view);
  const places = bare.map(({ turn }) => turn);
  const nameColumns = Math.max(...bare.map((node) => nodeLabel(node, "none", theme, glyphs).width));
  const circle = circleFor(canvas, nameColumns + SHARE_COLUMNS, nameColumns);
  const cellAt = (turn: Turn) => cellOf(pointAt(circle, turn));
  const nodes: readonly PlacedNode[] = bare.map((node) => ({ ...node, cell: cellAt(node.turn) }));
  const isNode = ({ x, y }: { readonly x: number; readonly y: number }) =>
    nodes.some(({ cell }) => cell.x === x && cell.y === y);

  const ring = new BrailleCanvas(canvas.width, canvas.height);
  drawArcs(ring, circle, places, view);
  const inside = new BrailleCanvas(canvas.width, canvas.height);
  const traffic = new Traffic(view, places, circle, inside);
  const centre = paintCentre(canvas, within(circle, 5), view);
  traffic.draw(centre);
  inside.paintOn(canvas, glyphs);
  ring.paintOn(canvas, glyphs);

  const isOutside = (x: number, y: number) => x < 0 || y < 0 || x >= canvas.width || y >= canvas.height;
  const isTaken = (x: number, y: number) => isOutside(x, y) || ring.isMarked(x, y) || isNode({ x, y });
  for (const { x, y, label } of layOutLabels(nodes, cellAt, isTaken, theme, glyphs)) {
    paintLabel(canvas, x, y, label, theme, glyphs);
  }
  for (const { cell, look } of [...nodes].sort((left, right) => left.look.weight - right.look.weight)) {
    canvas.put(cell.x, cell.y, look.glyph, look.style);
  }
  traffic.paintHeads(canvas, isNode);
}

/** The greatest circle around which labels have room: a row above and below, and their width at both sides. */
function circleFor({ width, height }: Canvas, labelColumns: number, shortColumns: number): Circle {
  // A dot less at both ends: so the line runs through the middle of the uppermost cells, as the nodes' glyphs do.
  const rows = ((height - 2) * 4 - 3) / 2;
  const beside = (columns: number) => Math.min(rows, ((width - 2 * (columns + 1)) * 2 - 1) / 2);
  const radius = beside(labelColumns) >= NEARLY * beside(shortColumns) ? beside(labelColumns) : beside(shortColumns);
  return { x: (width * 2 - 1) / 2, y: (height * 4 - 1) / 2, radius: Math.max(2.5, radius) };
}

/** Each slave's arc in its colour; the selected one's is thicker, and that of a slave that is down dim and dashed. */
function drawArcs(
  dots: BrailleCanvas,
  circle: Circle,
  places: readonly Turn[],
  { slaves, selected, theme }: RingView,
): void {
  const arcs = arcsOf(places);
  for (const line of [circle, within(circle, 1)]) {
    for (const { x, y, turn } of dotsOf(line)) {
      const owner = ownerAt(places, turn);
      const slave = slaves[owner];
      if (line !== circle && slave?.id !== selected) continue;
      if (slave?.state !== "down") dots.dot(x, y, ownerStyle(theme, owner));
      else if (isInDash(clockwise(arcs[owner]?.from ?? 0, turn), circle)) dots.dot(x, y, theme.dim);
    }
  }
}

function isInDash(way: Turn, { radius }: Circle): boolean {
  return Math.floor((way * 2 * Math.PI * radius) / DASH_DOTS) % 2 === 1;
}
