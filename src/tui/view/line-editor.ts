import type { Key } from "./key.js";

/** A line of text under a cursor, as command lines and filters are typed. */
export interface EditedLine {
  readonly text: string;
  /** The place of the cursor, in UTF-16 units; never inside a character. */
  readonly cursor: number;
  /** How far back in the history the text stands: 0 is the line being typed, kept in `draft`. */
  readonly historyIndex: number;
  readonly draft: string;
}

export const EMPTY_LINE: EditedLine = { text: "", cursor: 0, historyIndex: 0, draft: "" };

/** A line with this text, the cursor at its end. */
export function lineOf(text: string): EditedLine {
  return { ...EMPTY_LINE, text, cursor: text.length };
}

/** A line with text put in at the cursor; line ends and other controls become blanks, since a line is one line. */
export function inserted(line: EditedLine, text: string): EditedLine {
  const clean = text.replaceAll(/[\x00-\x1f\x7f]+/g, " ");
  return { ...line, ...typed(line, clean) };
}

/**
 * What an editing key makes of a line, as in a shell (Emacs keys); undefined when the key edits nothing.
 *
 * @param history earlier lines, oldest first
 */
export function edited(line: EditedLine, key: Key, history: readonly string[] = []): EditedLine | undefined {
  const { text, cursor } = line;
  switch (key.name) {
    case "left":
    case "ctrl-b":
      return { ...line, cursor: before(text, cursor) };
    case "right":
    case "ctrl-f":
      return { ...line, cursor: after(text, cursor) };
    case "alt-left":
    case "alt-b":
      return { ...line, cursor: wordStart(text, cursor) };
    case "alt-right":
    case "alt-f":
      return { ...line, cursor: wordEnd(text, cursor) };
    case "home":
    case "ctrl-a":
      return { ...line, cursor: 0 };
    case "end":
    case "ctrl-e":
      return { ...line, cursor: text.length };
    case "backspace":
    case "ctrl-h":
      return without(line, before(text, cursor), cursor);
    case "delete":
    case "ctrl-d":
      return without(line, cursor, after(text, cursor));
    case "ctrl-w":
      return without(line, wordStart(text, cursor), cursor);
    case "ctrl-u":
      return without(line, 0, cursor);
    case "ctrl-k":
      return without(line, cursor, text.length);
    case "up":
    case "ctrl-p":
      return recalled(line, history, line.historyIndex + 1);
    case "down":
    case "ctrl-n":
      return recalled(line, history, line.historyIndex - 1);
    default:
      return key.text === undefined ? undefined : inserted(line, key.text);
  }
}

function typed({ text, cursor }: EditedLine, added: string) {
  return { text: text.slice(0, cursor) + added + text.slice(cursor), cursor: cursor + added.length };
}

function without(line: EditedLine, from: number, to: number): EditedLine {
  return { ...line, text: line.text.slice(0, from) + line.text.slice(to), cursor: from };
}

function recalled(line: EditedLine, history: readonly string[], index: number): EditedLine {
  if (index < 0 || index > history.length) return line;
  const draft = line.historyIndex === 0 ? line.text : line.draft;
  const text = index === 0 ? draft : (history[history.length - index] ?? "");
  return { text, cursor: text.length, historyIndex: index, draft };
}

/** The place one character before; a surrogate pair is one character. */
function before(text: string, cursor: number): number {
  const character = Array.from(text.slice(Math.max(0, cursor - 2), cursor)).at(-1) ?? "";
  return cursor - character.length;
}

function after(text: string, cursor: number): number {
  return cursor + String.fromCodePoint(...[text.codePointAt(cursor)].filter((code) => code !== undefined)).length;
}

function wordStart(text: string, cursor: number): number {
  return text.slice(0, cursor).trimEnd().search(/\S+$/) === -1 ? 0 : text.slice(0, cursor).trimEnd().search(/\S+$/);
}

function wordEnd(text: string, cursor: number): number {
  const [found = ""] = /^\s*\S*/.exec(text.slice(cursor)) ?? [];
  return cursor + found.length;
}
