import stringWidth from "string-width";
import type { Paint } from "../paint.js";
import { escapeUnprintable } from "../tokenize.js";
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

/** The cells of one character (grapheme cluster). */
export function cellsOfCharacter(character: string, look: Look): readonly Cell[] {
  if (/^[\x20-\x7e]$/.test(character)) return simple(character, look);
  const safe = escapeUnprintable(character);
  const width = stringWidth(safe);
  if (safe !== character || width === 0)
    return Array.from(safe === character ? codesOf(safe) : safe).flatMap((letter) => simple(letter, look));
  const parts = Array.from(safe);
  const reach = Math.max(
    width,
    parts.reduce((total, part) => total + stringWidth(part), 0),
  );
  return [{ glyph: safe, width, reach, isUnsure: parts.length > 1 || /^\p{Emoji}$/u.test(safe), look }];
}

/** ASCII is most of what is typed: its cells are made once. */
const SIMPLE = new Map<string, readonly Cell[]>();

function simple(glyph: string, look: Look): readonly Cell[] {
  const name = `${look} ${glyph}`;
  const known = SIMPLE.get(name);
  if (known !== undefined) return known;
  const cells = [{ glyph, width: 1, reach: 1, isUnsure: false, look }];
  if (/^[\x20-\x7e]$/.test(glyph)) SIMPLE.set(name, cells);
  return cells;
}

/** Characters without a width of their own, such as a mark that stands on nothing. */
function codesOf(text: string): string {
  return Array.from(text, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`).join("");
}
