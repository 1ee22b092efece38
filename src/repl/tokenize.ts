/**
 * The grammar of one line: words, quoted as in redis-cli.
 *
 * - Blanks separate words; a word without quotes is taken as it stands, a backslash in it too.
 * - `"…"` knows \n \r \t \b \a \\ \" \xHH (the character U+00HH) and \u{H…} (any character); any other `\c` is `c`.
 * - `'…'` is literal; only \' stands for a quote in it.
 * - A closing quote ends its word: a blank or the end of the line follows.
 */
export function tokenize(line: string): readonly Token[] {
  const tokens: Token[] = [];
  let at = 0;
  for (;;) {
    while (isBlank(line[at])) at += 1;
    if (at >= line.length) return tokens;
    const word = readWord(line, at);
    tokens.push({ text: word.text, start: at });
    at = word.end;
  }
}

/** One word of a line. */
export interface Token {
  /** The word's meaning: quotes and escapes resolved. */
  readonly text: string;
  /** Where it starts in the line, in UTF-16 units. */
  readonly start: number;
}

/** A line that is no sentence of the grammar. */
export class GrammarError extends Error {
  override readonly name = "GrammarError";
  /** The offending place in the line, in UTF-16 units. */
  readonly column: number;

  constructor(message: string, column: number) {
    super(message);
    this.column = column;
  }
}

/** Writes text as one word of the grammar: as it stands where it can, quoted where it must. `tokenize` is its inverse. */
export function quote(text: string): string {
  return PLAIN.test(text) ? text : `"${escapeUnprintable(text.replaceAll(/["\\]/g, "\\$&"))}"`;
}

/**
 * Text that a terminal shows as it is and that cannot steer the terminal: control, direction and other invisible
 * characters and lone surrogates become \xHH or \u{H…}. Emoji keep their joiners.
 */
export function escapeUnprintable(text: string): string {
  return text.replaceAll(UNPRINTABLE, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return code <= 0xff ? `\\x${code.toString(16).padStart(2, "0")}` : `\\u{${code.toString(16)}}`;
  });
}

/** Control characters, line and paragraph separators, lone surrogates, and what changes the direction of the line. */
const UNPRINTABLE = /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/gu;

/** Not empty, without blanks, quotes and backslashes, all of it printable, and not the start of a comment. */
const PLAIN = /^(?!#)[^\s"'\\\p{C}\p{Z}]+$/u;

const ESCAPES: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t", b: "\b", a: "\x07" };

interface Word {
  readonly text: string;
  readonly end: number;
}

function readWord(line: string, start: number): Word {
  let text = "";
  let at = start;
  for (; at < line.length && !isBlank(line[at]); at += 1) {
    const character = line[at] ?? "";
    if (character !== '"' && character !== "'") {
      text += character;
      continue;
    }
    const quoted = character === '"' ? readDouble(line, at) : readSingle(line, at);
    if (quoted.end < line.length && !isBlank(line[quoted.end])) {
      throw new GrammarError("a blank must follow a closing quote", quoted.end);
    }
    return { text: text + quoted.text, end: quoted.end };
  }
  return { text, end: at };
}

function readDouble(line: string, open: number): Word {
  let text = "";
  let at = open + 1;
  while (at < line.length) {
    const character = line[at] ?? "";
    if (character === '"') return { text, end: at + 1 };
    if (character === "\\" && at + 1 < line.length) {
      const escape = readEscape(line, at);
      text += escape.text;
      at = escape.end;
    } else {
      text += character;
      at += 1;
    }
  }
  throw new GrammarError("this quote is never closed", open);
}

function readSingle(line: string, open: number): Word {
  let text = "";
  let at = open + 1;
  while (at < line.length) {
    if (line[at] === "'") return { text, end: at + 1 };
    if (line.startsWith("\\'", at)) at += 1;
    text += line[at] ?? "";
    at += 1;
  }
  throw new GrammarError("this quote is never closed", open);
}

const HEX_ESCAPE = /\\x([0-9a-fA-F]{2})|\\u\{([0-9a-fA-F]{1,6})\}/y;
const CODE_POINT_MAX = 0x10ffff;

function readEscape(line: string, backslash: number): Word {
  const letter = line[backslash + 1] ?? "";
  if (letter !== "x" && letter !== "u") return { text: ESCAPES[letter] ?? letter, end: backslash + 2 };
  HEX_ESCAPE.lastIndex = backslash;
  const match = HEX_ESCAPE.exec(line);
  const code = Number.parseInt(match?.[1] ?? match?.[2] ?? "", 16);
  if (match === null || code > CODE_POINT_MAX) {
    const form = letter === "x" ? "\\xHH with two hex digits" : "\\u{H…} with at most 10ffff";
    throw new GrammarError(`this escape must be ${form}`, backslash);
  }
  return { text: String.fromCodePoint(code), end: backslash + match[0].length };
}

function isBlank(character: string | undefined): boolean {
  return character === " " || character === "\t" || character === "\r" || character === "\n";
}
