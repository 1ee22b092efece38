import stringWidth from "string-width";
import type { Paint } from "../paint.js";
import { escapeUnprintable } from "../../protocol/unprintable.js";
import { graphemesOf } from "./graphemes.js";

/** How text looks: painted by meaning, or as it is. */
export type Look = keyof Paint | "plain";

/** Text of one look. */
export interface Piece {
  readonly text: string;
  readonly look: Look;
}

/** What a character takes on the screen. */
export interface Cell {
  readonly glyph: string;
  /** Columns, at least 1. */
  readonly width: number;
  /** The most columns that a terminal may give it: many count each part of a cluster. */
  readonly reach: number;
  /** Terminals do not agree on its width. */
  readonly isUnsure: boolean;
  readonly look: Look;
}

/**
 * The cells of text. What a terminal could take for a command, or would not show at all, is escaped as in the grammar: `\x1b`,
 * each letter of it a cell.
 */
export function cellsOf(text: string, look: Look): readonly Cell[] {
  return graphemesOf(text).flatMap((character) => cellsOfCharacter(character, look));
}

/** Characters whose cells are known; beyond that all are forgotten. */
const KNOWN_MAX = 10_000;
const KNOWN = new Map<string, readonly Cell[]>();

/** The cells of one character (grapheme cluster). Each is worked out once: a line is laid out at every keypress. */
export function cellsOfCharacter(character: string, look: Look): readonly Cell[] {
  const name = look + character;
  const known = KNOWN.get(name);
  if (known !== undefined) return known;
  const cells = workedOut(character, look);
  if (KNOWN.size >= KNOWN_MAX) KNOWN.clear();
  KNOWN.set(name, cells);
  return cells;
}

function workedOut(character: string, look: Look): readonly Cell[] {
  const safe = escapeUnprintable(character);
  const width = stringWidth(safe);
  if (safe !== character || width === 0) {
    const escaped = safe === character ? codesOf(safe) : safe;
    return Array.from(escaped, (glyph) => ({ glyph, width: 1, reach: 1, isUnsure: false, look }));
  }
  const parts = Array.from(safe);
  const isUnsure = parts.length > 1 || /^(?=[^\x00-\x7f])\p{Emoji}$/u.test(safe);
  const reach = parts.reduce((total, part) => total + stringWidth(part), 0);
  return [{ glyph: safe, width, reach: Math.max(width, reach), isUnsure, look }];
}

/** Characters without a width of their own, such as a mark that stands on nothing. */
function codesOf(text: string): string {
  return Array.from(text, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`).join("");
}
