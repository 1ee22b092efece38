import { type EditedLine, replaced } from "./edited-line.js";

/** What can stand before the cursor, in place of the word that is typed there. */
export interface Completion {
  /** Where that word starts, in UTF-16 units. */
  readonly start: number;
  /** The words that can stand there, as they are written. */
  readonly candidates: readonly string[];
  /** There are more of them than are told. */
  readonly hasMore: boolean;
  /** What to put in place of the word: the one candidate and a blank, or what all of them begin with, or the word. */
  readonly replacement: string;
}

/** The line with the word before the cursor completed as far as that is clear; undefined when it is complete so far. */
export function completedLine(line: EditedLine, { start, replacement }: Completion): EditedLine | undefined {
  const { text, cursor } = line;
  // A blank that is there already is not put in again.
  const added = text.startsWith(" ", cursor) ? replacement.trimEnd() : replacement;
  return added === text.slice(start, cursor) ? undefined : replaced(line, start, cursor, added);
}
