import type { Style } from "../screen/style.js";
import type { Canvas } from "../screen/surface.js";
import type { Glyphs, Theme } from "../screen/theme.js";
import { barOf } from "./sparkline.js";

/** What happened besides ops: a slave went down or came up, an op was aborted, events were lost, the ring changed. */
export type TimelineMark = "down" | "up" | "abort" | "lost" | "ring";

/** One second. */
export interface TimelineBucket {
  /** Seconds since 1970. */
  readonly atSecond: number;
  readonly ops: number;
  readonly marks: readonly TimelineMark[];
}

export interface TimelineView {
  /** By time, the newest last; seconds may be missing. */
  readonly buckets: readonly TimelineBucket[];
  readonly theme: Theme;
  readonly glyphs: Glyphs;
  /** The second that is looked at, in seconds since 1970; it is shown inverse. */
  readonly scrub?: number;
}

/** Of several marks in one second the first of these shows. */
const BY_WEIGHT: readonly TimelineMark[] = ["down", "lost", "abort", "ring", "up"];

const CLOCK_COLUMNS = "00:00:00".length;
const NOW = " now";
/** Below so many columns the clock times would take the room of the bars. */
const COLUMNS_WITH_CLOCKS = 44;

/**
 * Paints one row of the last seconds: a bar for the ops of each, or a mark where something happened; `now` at the right end.
 *
 * @param formatTime shows a second since 1970; the default is HH:MM:SS of this machine's zone
 */
export function paintTimeline(
  canvas: Canvas,
  view: TimelineView,
  formatTime: (atSecond: number) => string = localTime,
): void {
  const { theme, glyphs } = view;
  const newest = view.buckets.at(-1);
  if (newest === undefined) {
    canvas.text(0, 0, "nothing has happened yet", theme.dim);
    return;
  }
  const hasClocks = canvas.width >= COLUMNS_WITH_CLOCKS;
  const tail = `${glyphs.ascii ? "|" : "│"}${NOW}${hasClocks ? ` ${formatTime(newest.atSecond)}` : ""}`;
  const left = hasClocks ? CLOCK_COLUMNS + 1 : 0;
  const columns = canvas.width - left - tail.length;
  if (columns <= 0) return;

  const oldest = newest.atSecond - columns + 1;
  const shown = view.buckets.filter(({ atSecond }) => atSecond >= oldest);
  const full = Math.max(...shown.map(({ ops }) => ops));
  for (const bucket of shown) {
    const [glyph, style] = markOf(bucket.marks, view) ?? [barOf(bucket.ops, full, glyphs.bars), theme.accent];
    canvas.put(left + bucket.atSecond - oldest, 0, glyph, style);
  }
  if (view.scrub !== undefined && view.scrub >= oldest && view.scrub <= newest.atSecond) {
    canvas.restyle(left + view.scrub - oldest, 0, 1, theme.selected);
  }
  if (hasClocks) canvas.text(0, 0, formatTime(oldest), theme.dim);
  canvas.text(left + columns, 0, tail, theme.dim);
}

/** A second since 1970 as HH:MM:SS of this machine's zone. */
function localTime(atSecond: number): string {
  const date = new Date(atSecond * 1000);
  return [date.getHours(), date.getMinutes(), date.getSeconds()].map((part) => String(part).padStart(2, "0")).join(":");
}

function markOf(
  marks: readonly TimelineMark[],
  { theme, glyphs }: TimelineView,
): readonly [glyph: string, style: Style] | undefined {
  switch (BY_WEIGHT.find((mark) => marks.includes(mark))) {
    case "down":
      return [glyphs.down, theme.bad];
    case "lost":
      return [glyphs.suspect, theme.warning];
    case "abort":
      return ["!", theme.warning];
    case "ring":
      return [glyphs.key, theme.accent];
    case "up":
      return [glyphs.up, theme.good];
    case undefined:
      return undefined;
  }
}
