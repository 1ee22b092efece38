import type { GrammarError } from "./grammar-error.js";
import { escapeUnprintable } from "../protocol/unprintable.js";

/** The characters of a long line shown on each side of the offending place. */
const CONTEXT_CHARS = 36;

/**
 * Tells a grammar error as three lines: what is wrong, the line of the statement (the part of it around the place), and a caret below the
 * place.
 */
export function reportGrammarError(statement: string, error: GrammarError): string {
  const lineStart = statement.lastIndexOf("\n", error.column - 1) + 1;
  const [line = ""] = statement.slice(lineStart).split("\n", 1);
  const column = error.column - lineStart;
  const from = Math.max(0, column - CONTEXT_CHARS);
  const to = Math.min(line.length, column + CONTEXT_CHARS);
  const before = (from > 0 ? "…" : "") + line.slice(from, column);
  const after = line.slice(column, to) + (to < line.length ? "…" : "");
  const indent = " ".repeat(columnsOf(escapeUnprintable(before)));
  return [error.message, `  ${escapeUnprintable(before + after)}`, `  ${indent}^`].join("\n");
}

/** Terminal columns, near enough for a caret: wide scripts and emoji take two, marks and joiners none. */
function columnsOf(text: string): number {
  let columns = 0;
  for (const character of text) {
    if (/\p{M}|\u200d/u.test(character)) continue;
    columns += WIDE.test(character) ? 2 : 1;
  }
  return columns;
}

const WIDE = /\p{Emoji_Presentation}|\p{sc=Han}|\p{sc=Hangul}|\p{sc=Hiragana}|\p{sc=Katakana}|[\uff01-\uff60]/u;
