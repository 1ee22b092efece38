import type { Rect } from "./screen/surface.js";

/** The panes in the order of their numbers and of Tab. */
export const PANES = ["ring", "slaves", "log", "ops", "cache", "unresolved"] as const;
export type PaneName = (typeof PANES)[number];

/** Where everything stands on a screen of one size. Outer rectangles of panes: a border is inside. */
export interface Layout {
  readonly columns: number;
  readonly rows: number;
  readonly header: Rect;
  /** The panes that show, in the order of PANES. */
  readonly panes: readonly { readonly name: PaneName; readonly rect: Rect }[];
  readonly timeline: Rect | undefined;
  readonly commandLine: Rect;
  /** The keys; where it is left out `?` lists them. */
  readonly footer: Rect | undefined;
  /** Panes have no borders: one fills the screen. */
  readonly isBare: boolean;
}

/** Smaller than this, one pane at a time fills the screen. */
const SMALLEST = { columns: 60, rows: 16 };

/**
 * Lays out a screen. There is a shape for 60x16, 80x24, 120x36 and 160x48 and what is larger; each takes over where the next
 * smaller one has room to spare, and grows with the screen.
 *
 * @param zoomed the pane that has the whole body to itself, if one has
 * @param focused the pane that shows where only one can
 */
export function layoutOf(columns: number, rows: number, zoomed: PaneName | undefined, focused: PaneName): Layout {
  const isBare = columns < SMALLEST.columns || rows < SMALLEST.rows;
  const only = isBare ? (zoomed ?? focused) : zoomed;
  const hasTimeline = rows >= 20 && columns >= 60;
  const hasFooter = rows >= 10;
  const header: Rect = { x: 0, y: 0, width: columns, height: Math.min(1, rows) };
  const bottom = (hasTimeline ? 1 : 0) + (hasFooter ? 1 : 0) + (rows > 2 ? 1 : 0);
  const body: Rect = { x: 0, y: 1, width: columns, height: Math.max(0, rows - 1 - bottom) };
  let y = body.y + body.height;
  const line = (isThere: boolean): Rect | undefined =>
    isThere ? { x: 0, y: y++, width: columns, height: 1 } : undefined;
  const timeline = line(hasTimeline);
  const commandLine = line(rows > 2) ?? { x: 0, y: rows, width: columns, height: 0 };
  return {
    columns,
    rows,
    header,
    panes: only === undefined ? shapeOf(body) : [{ name: only, rect: body }],
    timeline,
    commandLine,
    footer: line(hasFooter),
    isBare,
  };
}

/** The layout of what a person has chosen to see. */
export function layoutFor(view: {
  readonly columns: number;
  readonly rows: number;
  readonly focus: PaneName;
  readonly isZoomed: boolean;
}): Layout {
  return layoutOf(view.columns, view.rows, view.isZoomed ? view.focus : undefined, view.focus);
}

/** The cells of a pane within its border. */
export function interiorOf({ x, y, width, height }: Rect, isBare: boolean): Rect {
  if (isBare) return { x, y, width, height };
  return { x: x + 1, y: y + 1, width: Math.max(0, width - 2), height: Math.max(0, height - 2) };
}

function shapeOf(body: Rect): Layout["panes"] {
  const [width, height] = [body.width, body.height];
  if (width >= 150 && height >= 40) return wide(body);
  if (width >= 110 && height >= 30) return medium(body);
  if (width >= 76 && height >= 19) return small(body);
  return tiny(body);
}

/** 60x16: the slaves above the log. */
function tiny({ x, y, width, height }: Rect): Layout["panes"] {
  const above = Math.max(4, Math.min(9, Math.round(height * 0.54)));
  return [
    { name: "slaves", rect: { x, y, width, height: above } },
    { name: "log", rect: { x, y: y + above, width, height: height - above } },
  ];
}

/** 80x24: the ring, beside it the slaves and the newest op, below them the log. */
function small({ x, y, width, height }: Rect): Layout["panes"] {
  const log = Math.max(6, Math.floor(height * 0.29));
  const upper = height - log;
  const left = Math.floor(width * 0.475);
  const ops = Math.max(6, Math.floor(upper * 0.44));
  return [
    { name: "ring", rect: { x, y, width: left, height: upper } },
    { name: "slaves", rect: { x: x + left, y, width: width - left, height: upper - ops } },
    { name: "log", rect: { x, y: y + upper, width, height: log } },
    { name: "ops", rect: { x: x + left, y: y + upper - ops, width: width - left, height: ops } },
  ];
}

/** 120x36: as 80x24, and the unresolved ops beside the newest one. */
function medium({ x, y, width, height }: Rect): Layout["panes"] {
  const log = Math.floor(height * 0.31);
  const upper = height - log;
  const left = Math.floor(width * 0.42);
  const slaves = Math.max(9, Math.floor(upper * 0.4));
  const unresolved = 4;
  const ops = upper - slaves - unresolved;
  const right = { x: x + left, width: width - left };
  return [
    { name: "ring", rect: { x, y, width: left, height: upper } },
    { name: "slaves", rect: { ...right, y, height: slaves } },
    { name: "log", rect: { x, y: y + upper, width, height: log } },
    { name: "ops", rect: { ...right, y: y + slaves, height: ops } },
    { name: "unresolved", rect: { ...right, y: y + slaves + ops, height: unresolved } },
  ];
}

/** 160x48: everything. */
function wide({ x, y, width, height }: Rect): Layout["panes"] {
  const log = Math.floor(height * 0.36);
  const upper = height - log;
  const left = Math.floor(width * 0.39);
  const slaves = Math.max(10, Math.floor(upper * 0.4));
  const lower = upper - slaves;
  const unresolved = 6;
  const cache = Math.max(34, Math.floor((width - left) * 0.36));
  const middle = width - left - cache;
  return [
    { name: "ring", rect: { x, y, width: left, height: upper } },
    { name: "slaves", rect: { x: x + left, y, width: width - left, height: slaves } },
    { name: "log", rect: { x, y: y + upper, width, height: log } },
    { name: "ops", rect: { x: x + left, y: y + slaves, width: middle, height: lower } },
    { name: "cache", rect: { x: x + left + middle, y: y + slaves, width: cache, height: lower - unresolved } },
    {
      name: "unresolved",
      rect: { x: x + left + middle, y: y + upper - unresolved, width: cache, height: unresolved },
    },
  ];
}
