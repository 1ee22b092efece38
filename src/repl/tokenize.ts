import { escapeUnprintable } from "../protocol/unprintable.js";
import { GrammarError } from "./grammar-error.js";
import { type Word, readJsonWord } from "./json-word.js";

/**
 * The grammar of one statement: words, quoted as in redis-cli.
 *
 * - Blanks separate words; a word without quotes is taken as it stands, a backslash in it too.
 * - `"…"` knows \n \r \t \b \a \\ \" \xHH (the character U+00HH) and \u{H…} (any character); any other `\c` is `c`.
 * - `'…'` is literal; only \' stands for a quote in it.
 * - A closing quote ends its word: a blank or the end of the line follows.
 * - A JSON object or array is one word, blanks and quotes included, and stands as it was written.
 * - `<<NAME` at the end of the first line is a heredoc: the lines after it, up to one that is NAME, are the word.
 *
 * @throws GrammarError
 */
export function tokenize(statement: string): readonly Token[] {
  const tokens: Token[] = [];
  const effort = { wastedChars: 0 };
  let at = 0;
  for (;;) {
    while (isBlank(statement[at])) at += 1;
    if (at >= statement.length) return tokens;
    const word = readHeredoc(statement, at) ?? readJsonWord(statement, at, effort) ?? readWord(statement, at);
    tokens.push({ text: word.text, start: at, end: word.end, isPlain: word.text === statement.slice(at, word.end) });
    at = word.end;
  }
}

/** One word of a statement. */
export interface Token {
  /** The word's meaning: quotes and escapes resolved. */
  readonly text: string;
  /** Where it starts in the statement, in UTF-16 units. */
  readonly start: number;
  /** Where it ends. */
  readonly end: number;
  /** It stands as it means: no quotes. Only such a word can be a keyword. */
  readonly isPlain: boolean;
}

/** Writes text as one word of the grammar: as it stands where it can, quoted where it must. `tokenize` is its inverse. */
export function quote(text: string): string {
  return PLAIN.test(text) ? text : `"${escapeUnprintable(text.replaceAll(/["\\]/g, "\\$&"))}"`;
}

/** Not empty, without blanks, quotes and backslashes, all of it printable, and not the start of a comment, of JSON or of a heredoc. */
const PLAIN = /^(?![#{[<]|;$)[^\s"'\\\p{C}\p{Z}]+$/u;

const ESCAPES: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t", b: "\b", a: "\x07" };

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

/** The word of a heredoc that starts here; undefined when none does. */
function readHeredoc(statement: string, start: number): Word | undefined {
  HEREDOC.lastIndex = start;
  const [opening, marker = ""] = HEREDOC.exec(statement) ?? [];
  if (opening === undefined) return undefined;
  const bodyStart = start + opening.length + 1;
  const lines = statement.slice(bodyStart).split("\n");
  const end = lines.findIndex((line) => isHeredocEnd(line, marker));
  if (statement.length < bodyStart || end === -1) {
    throw new GrammarError(`this heredoc is never closed: a line that is ${marker} must follow`, start);
  }
  if (lines.slice(end + 1).some((line) => line.trim() !== "")) {
    throw new GrammarError(`nothing may follow the ${marker} that closes a heredoc`, start);
  }
  return { text: lines.slice(0, end).join("\n"), end: statement.length };
}

/** `<<NAME` and the end of its line. */
const HEREDOC = /<<([A-Za-z_][A-Za-z0-9_]*)[ \t\r]*(?=\n|$)/y;

/** The line closes the heredoc of that name. */
export function isHeredocEnd(line: string, marker: string): boolean {
  return line.trim() === marker;
}

/** The name of the heredoc that a line opens; undefined when it opens none. */
export function heredocMarker(line: string): string | undefined {
  const [, marker] = /(?:^|\s)<<([A-Za-z_][A-Za-z0-9_]*)\s*$/.exec(line) ?? [];
  if (marker === undefined || /^\s*#/.test(line)) return undefined;
  try {
    const last = tokenize(`${line}\n${marker}`).at(-1);
    return last?.text === "" && line.startsWith("<<", last.start) ? marker : undefined;
  } catch {
    // What is wrong with the line is told when it runs; a quote that is never closed opens no heredoc.
    return undefined;
  }
}

function isBlank(character: string | undefined): boolean {
  return character === " " || character === "\t" || character === "\r" || character === "\n";
}
