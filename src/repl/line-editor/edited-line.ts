import { boundaryFrom } from "./graphemes.js";

/** A text under a cursor, as prompts, command lines and filters are typed. It may have several lines. */
export interface EditedLine {
  readonly text: string;
  /** The place of the cursor, in UTF-16 units; never inside a character. */
  readonly cursor: number;
  /** Where in the history the text is from; undefined while it is the person's own. */
  readonly recalled: Recalled | undefined;
  /** The search in the history that is under way; the text is what it has found. */
  readonly search: ReverseSearch | undefined;
  /** What was cut last, for Ctrl-Y. */
  readonly killed: string;
  /** The key before this one cut too: what comes next joins it. */
  readonly isKilling: boolean;
}

export interface Recalled {
  /** Of the entry that the text is. */
  readonly index: number;
  /** What was typed before; entries that start so are gone through. */
  readonly draft: string;
}

export interface ReverseSearch {
  readonly query: string;
  /** The entry that shows; the number of entries while none does. */
  readonly index: number;
  /** No entry (any more) has the query. */
  readonly isFailed: boolean;
  /** What stood there before. */
  readonly before: { readonly text: string; readonly cursor: number };
}

export const EMPTY_LINE: EditedLine = {
  text: "",
  cursor: 0,
  recalled: undefined,
  search: undefined,
  killed: "",
  isKilling: false,
};

/** A line with this text, the cursor at its end. */
export function lineOf(text: string): EditedLine {
  return { ...EMPTY_LINE, text, cursor: text.length };
}

/** An empty line that still knows what was cut. */
export function emptied(line: EditedLine): EditedLine {
  return { ...EMPTY_LINE, killed: line.killed };
}

/** The line with another text, which is the person's own; the cursor goes to the next boundary at or behind a place. */
export function withText(line: EditedLine, text: string, place: number): EditedLine {
  return { ...line, text, cursor: boundaryFrom(text, place), recalled: undefined, isKilling: false };
}

/** The line with text put in at the cursor. */
export function inserted(line: EditedLine, added: string): EditedLine {
  return replaced(line, line.cursor, line.cursor, added);
}

/** The line with a part of it replaced, the cursor behind it. */
export function replaced(line: EditedLine, from: number, to: number, added: string): EditedLine {
  return withText(line, line.text.slice(0, from) + added + line.text.slice(to), from + added.length);
}
