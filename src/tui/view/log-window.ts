import { type LogBuffer, type LogLine, LOG_LEVELS, indexOfSeq } from "../model/log-buffer.js";
import type { LogPattern, LogView } from "./view.js";

/**
 * Whether a line has the pattern's text: any of its alternatives, separated by `|`; capitals count when the pattern has some.
 * Not a regular expression: one that takes for ever would stop the screen.
 */
export function hasText({ text }: LogLine, pattern: LogPattern): boolean {
  return alternativesOf(pattern.text).some(({ part, fold }) => (fold ? text.toLowerCase() : text).includes(part));
}

/** The places of the pattern in a text, as [start, end) in UTF-16 units. */
export function placesOf(text: string, pattern: LogPattern): readonly (readonly [start: number, end: number])[] {
  return alternativesOf(pattern.text).flatMap(({ part, fold }) => {
    const places: [number, number][] = [];
    const searched = fold ? text.toLowerCase() : text;
    for (let at = searched.indexOf(part); at !== -1; at = searched.indexOf(part, at + part.length)) {
      places.push([at, at + part.length]);
    }
    return places;
  });
}

/** The line at the bottom of the view; undefined when it shows none. */
export function bottomLine(buffer: LogBuffer, view: LogView): LogLine | undefined {
  for (const line of linesBackward(buffer, view)) return line;
  return undefined;
}

/** The lines that the view shows, newest first, from its anchor down to the oldest one. */
export function* linesBackward(buffer: LogBuffer, view: LogView): Generator<LogLine> {
  const end = view.anchor === undefined ? buffer.lines.length : indexOfSeq(buffer, view.anchor + 1);
  for (let index = end - 1; index >= 0; index -= 1) {
    const line = buffer.lines[index];
    if (line !== undefined && isShown(line, view)) yield line;
  }
}

/**
 * The view scrolled by so many of its lines; with the newest line at the bottom it follows again.
 * @param by negative towards older lines
 */
export function scrolled(buffer: LogBuffer, view: LogView, by: number): LogView {
  if (by === 0) return view;
  const step = Math.sign(by);
  let left = Math.abs(by);
  const bottom = bottomLine(buffer, view);
  let anchor = bottom?.seq;
  for (let index = bottom === undefined ? -1 : indexOfSeq(buffer, bottom.seq) + step; left > 0; index += step) {
    const line = buffer.lines[index];
    if (line === undefined) break;
    if (!isShown(line, view)) continue;
    anchor = line.seq;
    left -= 1;
  }
  return anchored(buffer, view, anchor);
}

/** The view with the next line that has the pattern's text at the bottom; all lines show, so that its neighbours do. */
export function found(buffer: LogBuffer, view: LogView, step: 1 | -1): LogView | undefined {
  if (view.pattern === undefined) return undefined;
  const pattern = { ...view.pattern, isFilter: false };
  const open = { ...view, pattern };
  const from = view.anchor ?? (buffer.lines.at(-1)?.seq ?? 0) + 1;
  for (let index = indexOfSeq(buffer, from) + step; ; index += step) {
    const line = buffer.lines[index];
    if (line === undefined) return undefined;
    if (isOfView(line, view) && hasText(line, pattern) !== pattern.isInverse) return { ...open, anchor: line.seq };
  }
}

/** How many lines above the anchor's have gone since it was set: its own line, too, when this is more than 0. */
export function droppedBelow(buffer: LogBuffer, view: LogView): number {
  const oldest = buffer.lines[0]?.seq ?? 0;
  return view.anchor === undefined ? 0 : Math.max(0, oldest - view.anchor);
}

function anchored(buffer: LogBuffer, view: LogView, anchor: number | undefined): LogView {
  const newest = bottomLine(buffer, { ...view, anchor: undefined });
  return { ...view, anchor: newest?.seq === anchor ? undefined : anchor };
}

function isShown(line: LogLine, view: LogView): boolean {
  if (!isOfView(line, view)) return false;
  const { pattern } = view;
  return pattern?.isFilter !== true || hasText(line, pattern) !== pattern.isInverse;
}

function isOfView(line: LogLine, view: LogView): boolean {
  if (view.source !== undefined && line.source !== view.source) return false;
  return LOG_LEVELS.indexOf(line.level) >= LOG_LEVELS.indexOf(view.minLevel);
}

function alternativesOf(text: string): readonly { readonly part: string; readonly fold: boolean }[] {
  const fold = text === text.toLowerCase();
  return text
    .split("|")
    .filter((part) => part !== "")
    .map((part) => ({ part, fold }));
}
