import type { Second, TimelineMark } from "../model/traffic.js";
import type { Style } from "../screen/style.js";
import type { Canvas } from "../screen/surface.js";
import type { Glyphs, Theme } from "../screen/theme.js";
import { barOf } from "./sparkline.js";

export interface TimelineView {
  /** By time, the newest last; seconds may be missing. */
  readonly seconds: readonly Second[];
  readonly theme: Theme;
  readonly glyphs: Glyphs;
}

/** Of several marks in one second the first of these shows. */
const BY_WEIGHT: readonly TimelineMark[] = ["down", "lost", "abort", "ring", "up"];

const NOW = " now";
/** Below so many columns the age would take the room of the bars. */
const COLUMNS_WITH_AGE = 40;
/** Of the age of the oldest second, `-10:00 `. */
const AGE_COLUMNS = 7;

/**
 * Paints one row of the last seconds: a bar for the ops of each, or a mark where something happened; `now` at the right end, at
 * the left how long ago that was, in minutes and seconds. Relative, so that it stands still while nothing happens.
 */
export function paintTimeline(canvas: Canvas, { seconds, theme, glyphs }: TimelineView): void {
  const newest = seconds.at(-1);
  if (newest === undefined) {
    canvas.text(0, 0, "nothing has happened yet", theme.dim);
    return;
  }
  const tail = `${glyphs.ascii ? "|" : "│"}${NOW}`;
  const left = canvas.width >= COLUMNS_WITH_AGE ? AGE_COLUMNS : 0;
  const columns = canvas.width - left - tail.length;
  if (columns <= 0) return;

  const oldest = newest.atSecond - columns + 1;
  const shown = seconds.filter(({ atSecond }) => atSecond >= oldest);
  const full = Math.max(...shown.map(({ ops }) => ops));
  for (const { atSecond, ops, marks } of shown) {
    if (ops === 0 && marks.length === 0) continue;
    const [glyph, style] = markOf(marks, theme, glyphs) ?? [barOf(ops, full, glyphs.bars), theme.accent];
    canvas.put(left + atSecond - oldest, 0, glyph, style);
  }
  if (left > 0) canvas.text(0, 0, ageOf(columns), theme.dim);
  canvas.text(left + columns, 0, tail, theme.dim);
}

function ageOf(seconds: number): string {
  return `-${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

function markOf(
  marks: readonly TimelineMark[],
  theme: Theme,
  glyphs: Glyphs,
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
