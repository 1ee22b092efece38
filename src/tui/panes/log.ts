import type { LogLevel } from "../../protocol/messages.js";
import { type FeedModel, labelOf } from "../model/feed-model.js";
import type { LogLine } from "../model/log-buffer.js";
import { glyphWidth, glyphsOf, safeText, widthOf } from "../screen/safe-text.js";
import type { Style } from "../screen/style.js";
import type { Canvas } from "../screen/surface.js";
import { type Theme, ownerStyle } from "../screen/theme.js";
import { linesBackward, placesOf } from "../view/log-window.js";
import type { LogView } from "../view/view.js";

export interface LogPaneView {
  readonly model: FeedModel;
  readonly log: LogView;
  readonly theme: Theme;
  /** A time of day, from ms since 1970. */
  readonly clock: (time: number) => string;
}

/** The log, its newest line (or the anchor's) at the bottom. */
export function paintLog(canvas: Canvas, view: LogPaneView): void {
  let bottom = canvas.height;
  for (const line of linesBackward(view.model.logs, view.log)) {
    if (bottom <= 0) return;
    const rows = paintLine(canvas, bottom, line, view);
    bottom -= rows;
  }
  if (bottom !== canvas.height) return;
  const why = view.log.pattern?.isFilter === true ? "no line matches the filter (Esc shows all)" : "no line yet";
  canvas.text(1, 0, why, view.theme.dim);
}

/** Paints a line so that it ends above row `bottom`; returns how many rows it took. */
function paintLine(canvas: Canvas, bottom: number, line: LogLine, view: LogPaneView): number {
  const { theme, log, model } = view;
  const label = labelOf(model, line.source);
  const labelWidth = Math.max(3, ...model.slaves.map(({ name }) => name.length));
  const head: [text: string, style: Style][] = [
    ...(log.hasTimes ? [[`${view.clock(line.time)} `, theme.dim] as [string, Style]] : []),
    [label.padEnd(labelWidth), sourceStyle(line, view)],
    [` ${LEVEL_WORDS[line.level]} `, levelStyle(line.level, theme)],
  ];
  const indent = head.reduce((width, [text]) => width + widthOf(text), 0);
  const room = Math.max(8, canvas.width - indent);
  const glyphs = glyphsOf(line.text);
  const rows = log.isWrapped ? wrapped(glyphs, room) : [{ from: 0, to: glyphs.length }];
  const top = bottom - rows.length;
  let x = 0;
  for (const [text, style] of head) x = canvas.text(x, top, text, style);
  for (const [index, { from, to }] of rows.entries()) {
    canvas.text(indent, top + index, glyphs.slice(from, to).join(""), textStyle(line.level, theme));
  }
  if (!log.isWrapped && widthOf(line.text) > room) canvas.put(canvas.width - 1, top, "…", theme.dim);
  if (log.pattern !== undefined && !log.pattern.isInverse && rows.length === 1) {
    const text = safeText(line.text);
    for (const [start, end] of placesOf(text, log.pattern)) {
      const at = indent + widthOf(text.slice(0, start));
      canvas.restyle(at, top, widthOf(text.slice(start, end)), theme.found);
    }
  }
  return rows.length;
}

/** The parts of a text that fit rows of so many columns. */
function wrapped(
  glyphs: readonly string[],
  columns: number,
): readonly { readonly from: number; readonly to: number }[] {
  const rows: { from: number; to: number }[] = [];
  let from = 0;
  let width = 0;
  for (const [index, glyph] of glyphs.entries()) {
    width += glyphWidth(glyph);
    if (width <= columns) continue;
    rows.push({ from, to: index });
    from = index;
    width = glyphWidth(glyph);
  }
  rows.push({ from, to: glyphs.length });
  return rows;
}

/** A word beside each colour. */
const LEVEL_WORDS: Readonly<Record<LogLevel, string>> = { debug: "dbg", info: "   ", warn: "WRN", error: "ERR" };

function levelStyle(level: LogLevel, theme: Theme): Style {
  switch (level) {
    case "debug":
    case "info":
      return theme.dim;
    case "warn":
      return theme.warning;
    case "error":
      return theme.bad;
  }
}

function textStyle(level: LogLevel, theme: Theme): Style {
  return level === "info" ? theme.plain : levelStyle(level, theme);
}

function sourceStyle({ source }: LogLine, { model, theme }: LogPaneView): Style {
  if (source === "master" || source === "monitor") return theme.strong;
  return ownerStyle(
    theme,
    Math.max(
      0,
      model.slaves.findIndex(({ id }) => id === source),
    ),
  );
}
