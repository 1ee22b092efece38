import type { OpId, SlaveId } from "../../protocol/ids.js";
import type { SlaveView } from "../model/feed-model.js";
import type { OpTrace } from "../model/op-trace.js";
import { truncated, widthOf } from "../screen/safe-text.js";
import type { Style } from "../screen/style.js";
import type { Canvas } from "../screen/surface.js";
import { type Glyphs, type Theme, ownerStyle } from "../screen/theme.js";
import { faultText } from "./fault-text.js";
import { sparkline } from "./sparkline.js";

export interface SlavesPaneView {
  readonly slaves: readonly SlaveView[];
  readonly selected: SlaveId | undefined;
  /** Updates that are not settled: who has one to vote for shows so. */
  readonly openOps: readonly OpTrace[];
  readonly theme: Theme;
  readonly glyphs: Glyphs;
}

/** The table of the slaves: as many columns as fit, the selected slave in sight. */
export function paintSlaves(canvas: Canvas, view: SlavesPaneView): void {
  const { slaves, theme, glyphs } = view;
  if (slaves.length === 0) {
    canvas.text(1, 0, "waiting for slaves to register", theme.dim);
    return;
  }
  const columns = columnsFor(canvas.width, slaves);
  let x = 2;
  for (const column of columns) {
    canvas.text(x, 0, fitted(column.title, column.width, column.align), theme.dim);
    x += column.width + 1;
  }
  const room = Math.max(0, canvas.height - 1);
  const selectedIndex = Math.max(
    0,
    slaves.findIndex(({ id }) => id === view.selected),
  );
  const first = Math.min(Math.max(0, selectedIndex - room + 1), Math.max(0, slaves.length - room));
  for (const [row, slave] of slaves.slice(first, first + room).entries()) {
    const y = row + 1;
    const isSelected = first + row === selectedIndex;
    const index = first + row;
    canvas.put(0, y, isSelected ? glyphs.marker : " ", theme.strong);
    let column = 2;
    for (const { width, align, cell } of columns) {
      const { text, style } = cell(slave, { view, index });
      canvas.text(column, y, fitted(text, width, align), isSelected && style === theme.plain ? theme.strong : style);
      column += width + 1;
    }
  }
  // Where the table goes on.
  const [above, below] = glyphs.ascii ? ["^", "v"] : ["↑", "↓"];
  if (first > 0) canvas.put(1, 1, above, theme.dim);
  if (first + room < slaves.length) canvas.put(1, room, below, theme.dim);
}

/** The glyph and the word for what a slave is doing. */
export function stateOf(
  slave: SlaveView,
  openOps: readonly OpTrace[],
  { theme, glyphs }: { readonly theme: Theme; readonly glyphs: Glyphs },
): { readonly glyph: string; readonly word: string; readonly style: Style } {
  if (slave.paused) return { glyph: glyphs.frozen, word: "frozen", style: theme.warning };
  if (slave.state === "down") return { glyph: glyphs.down, word: "down", style: theme.bad };
  if (slave.state === "suspect") return { glyph: glyphs.suspect, word: "suspect", style: theme.warning };
  if (slave.state === "joining") return { glyph: glyphs.joining, word: "joining", style: theme.warning };
  const awaited = awaitedFrom(openOps, slave.id);
  if (awaited !== undefined) return { glyph: glyphs.busy, word: awaited, style: theme.warning };
  return { glyph: glyphs.up, word: "up", style: theme.good };
}

/** What an open update waits for from this slave. */
function awaitedFrom(openOps: readonly OpTrace[], slave: SlaveId): string | undefined {
  const asked = new Set<OpId>();
  for (const op of openOps) {
    if (op.isSettled || !op.replicas.includes(slave)) continue;
    const phases = op.steps.filter((step) => step.slave === slave).map(({ phase }) => phase);
    if (op.state === "preparing" && !phases.includes("vote")) return "PREPARE";
    if (op.state !== "preparing" && op.state !== "in-doubt" && !phases.includes("ack")) asked.add(op.opId);
  }
  return asked.size > 0 ? "DECIDED" : undefined;
}

interface Column {
  readonly title: string;
  readonly width: number;
  readonly align: "left" | "right";
  readonly cell: (
    slave: SlaveView,
    place: { readonly view: SlavesPaneView; readonly index: number },
  ) => { readonly text: string; readonly style: Style };
}

/** The columns that fit, dropping the least needed first; what room is left goes to the sparkline. */
function columnsFor(width: number, slaves: readonly SlaveView[]): readonly Column[] {
  const nameWidth = Math.max(2, ...slaves.map(({ name }) => name.length));
  const plain = (text: string, { view }: { readonly view: SlavesPaneView }) => ({ text, style: view.theme.plain });
  const name: Column = {
    title: "ID",
    width: nameWidth,
    align: "left",
    cell: ({ name }, { view, index }) => ({ text: name, style: ownerStyle(view.theme, index) }),
  };
  const state: Column = {
    title: "STATE",
    width: 9,
    align: "left",
    cell: (slave, { view }) => {
      const { glyph, word, style } = stateOf(slave, view.openOps, view);
      return { text: `${glyph} ${word}`, style };
    },
  };
  const faultWidth = Math.max(...slaves.map((slave) => widthOf(faultText(slave))));
  const fault: Column = {
    title: "FAULT",
    width: Math.max("FAULT".length, Math.min(faultWidth, width - (3 + nameWidth + state.width + 1))),
    align: "left",
    cell: (slave, { view }) => ({ text: faultText(slave), style: view.theme.warning }),
  };
  const owns: Column = {
    title: "OWNS",
    width: 5,
    align: "right",
    cell: ({ share }, place) => plain(`${(share * 100).toFixed(1)}%`, place),
  };
  const keys: Column = {
    title: "KEYS",
    width: 6,
    align: "right",
    cell: ({ keys }, place) => plain(String(keys), place),
  };
  const hits: Column = {
    title: "HIT%",
    width: 4,
    align: "right",
    cell: ({ cacheHits, cacheMisses }, place) => {
      const reads = cacheHits + cacheMisses;
      return plain(reads === 0 ? "-" : String(Math.round((cacheHits / reads) * 100)), place);
    },
  };
  const vote: Column = {
    title: "VOTE",
    width: 7,
    align: "right",
    cell: ({ voteMs }, place) => plain(voteMs === undefined ? "-" : milliseconds(voteMs), place),
  };
  const ringId: Column = {
    title: "RING ID",
    width: 16,
    align: "left",
    cell: ({ id }, { view }) => ({ text: BigInt(id).toString(16).padStart(16, "0"), style: view.theme.dim }),
  };
  const address: Column = {
    title: "ADDRESS",
    width: 18,
    align: "left",
    cell: ({ port, pid }, { view }) => ({
      text: port === undefined || pid === undefined ? "-" : `:${port} pid ${pid}`,
      style: view.theme.dim,
    }),
  };
  const load = (columns: number): Column => ({
    title: columns >= 12 ? `op/s, last ${columns} s` : "op/s",
    width: columns,
    align: "left",
    cell: ({ opsBySecond }, { view, index }) => ({
      text: sparkline(opsBySecond, columns, undefined, view.glyphs.bars),
      style: ownerStyle(view.theme, index),
    }),
  });
  const faults = faultWidth === 0 ? [] : [fault];
  const wanted: readonly Column[] = [name, state, ...faults, owns, keys, hits, vote, ringId, address];
  // In the order in which they go when there is no room.
  const dropOrder = [address, ringId, vote, hits, owns, keys];
  let columns = wanted;
  const taken = () => columns.reduce((sum, column) => sum + column.width + 1, 2);
  for (const column of dropOrder) {
    if (taken() + 7 <= width) break;
    columns = columns.filter((each) => each !== column);
  }
  const left = width - taken() - 1;
  return left >= 4 ? [...columns, load(Math.min(60, left))] : columns;
}

function fitted(text: string, width: number, align: "left" | "right"): string {
  const cut = truncated(text, width);
  const padding = " ".repeat(Math.max(0, width - widthOf(cut)));
  return align === "left" ? cut + padding : padding + cut;
}

/** A duration in few columns. */
export function milliseconds(ms: number): string {
  if (ms < 10) return `${ms.toFixed(1)}ms`;
  return ms < 10_000 ? `${Math.round(ms)}ms` : `${(ms / 1_000).toFixed(0)}s`;
}
