import { PANES, type PaneName } from "./layout.js";
import { labelOf } from "./model/feed-model.js";
import { countFaults } from "./panes/fault-text.js";
import { widthOf } from "./screen/safe-text.js";
import type { Style } from "./screen/style.js";
import type { Scene } from "./scene.js";
import { droppedBelow } from "./view/log-window.js";
import { isStepping, selectedSlave } from "./view/view.js";

/** Blanks between the segments of the header. */
export const HEADER_GAP = 2;

/** A piece of a line. */
export interface Segment {
  readonly text: string;
  readonly style: Style;
}

/** A pane's title: its number, its name, and what is special about what it shows. */
export function titleOf(pane: PaneName, scene: Scene): string {
  const title = [String(PANES.indexOf(pane) + 1), ...wordsOf(pane, scene)];
  if (scene.live.connection.state === "lost") title.push("STALE");
  return title.join(" ");
}

function wordsOf(pane: PaneName, scene: Scene): readonly string[] {
  const { view, model } = scene;
  switch (pane) {
    case "ring":
      return ["Ring 2^64"];
    case "slaves":
      return ["Slaves"];
    case "log":
      return ["Log", ...logWords(scene)];
    case "ops":
      return ["Two-phase commit", ...stepWords(scene), ...(view.selectedOp === undefined ? [] : ["selected op"])];
    case "cache": {
      const name = view.cache.ofMaster ? "master's" : `${selectedSlave(view, model)?.name ?? "no slave"}'s`;
      return [`${name} cache`, ...(view.cache.from > 0 ? [`from set ${view.cache.from}`] : [])];
    }
    case "unresolved":
      return ["Unresolved", ...(model.metrics === undefined ? [] : [String(model.metrics.unresolved)])];
  }
}

function stepWords({ view, live }: Scene): readonly string[] {
  if (!live.step.on) return [];
  return isStepping(view, live) ? ["STEP MODE ", "n next"] : ["STEP MODE"];
}

function logWords({ view, live, model, glyphs }: Scene): readonly string[] {
  const { log, frozen } = view;
  const words = [log.source === undefined ? "all" : labelOf(model, log.source)];
  if (log.minLevel !== "debug") words.push(`${glyphs.ascii ? ">=" : "≥"}${log.minLevel}`);
  if (frozen !== undefined) words.push(`FROZEN ${live.logs.nextSeq - frozen.logs.nextSeq} new`);
  else if (log.anchor === undefined) words.push("FOLLOW");
  else {
    const dropped = droppedBelow(model.logs, log);
    const below = (model.logs.lines.at(-1)?.seq ?? 0) - log.anchor;
    words.push(dropped > 0 ? `PAUSED ${dropped} lines dropped` : `PAUSED ${below} new`);
  }
  const { pattern } = log;
  if (pattern !== undefined) {
    words.push(`${pattern.isFilter ? "filter" : "search"} ${pattern.isInverse ? "not " : ""}/${pattern.text}`);
  }
  return words;
}

/** The first line: name, connection and the figures that matter, as many as fit. */
export function headerOf(scene: Scene): readonly Segment[] {
  const { view, live, theme, glyphs } = scene;
  const { info, metrics, slaves, step, connection, traffic, missed } = live;
  const up = slaves.filter(({ state }) => state === "up").length;
  const keys = Math.round(slaves.reduce((sum, slave) => sum + slave.keys, 0) / 2);
  const reads = metrics === undefined ? 0 : metrics.cacheHits + metrics.cacheMisses;
  const segments: (Segment & { readonly rank: number })[] = [{ text: "ringkv", style: theme.title, rank: 0 }];
  const add = (rank: number, text: string, style: Style = theme.plain) => segments.push({ text, style, rank });
  switch (connection.state) {
    case "live":
      if (view.frozen === undefined) add(0, `${glyphs.up} LIVE`, theme.good);
      else add(0, `${glyphs.frozen} FROZEN`, theme.warning);
      break;
    case "connecting":
      add(0, `${glyphs.joining} CONNECTING`, theme.warning);
      break;
    case "lost":
      add(0, `${glyphs.down} MASTER LOST, trying again`, theme.bad);
      add(2, connection.reason, theme.bad);
  }
  // Nobody forgets what was set on purpose.
  const faults = countFaults(slaves);
  if (step.on) add(0, step.held.length === 0 ? "STEP" : `STEP ${step.held.length} held`, theme.warning);
  if (faults > 0) add(1, faults === 1 ? "1 fault" : `${faults} faults`, theme.warning);
  if (info !== undefined) add(2, `master ${info.client.host}:${info.client.port}`);
  if (info !== undefined) add(9, `epoch ${info.epoch}`);
  if (info !== undefined) {
    const isWhole = info.ringComplete && up === slaves.length && up > 0;
    add(1, `slaves ${up}/${Math.max(info.ringSize, slaves.length)}`, isWhole ? theme.plain : theme.bad);
  }
  if (metrics !== undefined) {
    add(4, `keys ${keys}`);
    add(3, `${Math.round(traffic.opsPerSecond)} op/s`);
    add(5, `2PC ${metrics.unresolved}`, metrics.unresolved > 0 ? theme.warning : theme.plain);
    add(7, `aborts ${metrics.aborts}`, metrics.aborts > 0 ? theme.warning : theme.plain);
    add(8, `cache ${reads === 0 ? "-" : `${Math.round((metrics.cacheHits / reads) * 100)}%`}`);
    add(10, `get ${metrics.getMs.p50.toFixed(1)}/${metrics.getMs.p99.toFixed(1)} ms`);
    add(11, `update ${metrics.updateMs.p50.toFixed(1)}/${metrics.updateMs.p99.toFixed(1)} ms`);
  }
  if (missed > 0) add(6, `missed ${missed}`, theme.warning);
  return fitting(segments, view.columns - 2);
}

/** As many segments as fit, with the gaps between them; those of the highest rank go first. */
function fitting(segments: readonly (Segment & { readonly rank: number })[], columns: number): readonly Segment[] {
  let kept = segments;
  const width = () => kept.reduce((sum, { text }) => sum + widthOf(text) + HEADER_GAP, -HEADER_GAP);
  while (kept.length > 1 && width() > columns) {
    const highest = Math.max(...kept.map(({ rank }) => rank));
    kept = kept.filter((segment, index) => segment.rank < highest || index === 0);
  }
  return kept;
}
