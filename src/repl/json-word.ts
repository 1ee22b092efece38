import { LIMITS } from "../protocol/limits.js";
import { GrammarError } from "./grammar-error.js";

/** A word as it was read: its meaning, and the place behind it. */
export interface Word {
  readonly text: string;
  readonly end: number;
}

/**
 * What reading one statement has cost so far: characters that were looked at behind brackets which turned out to be no JSON. Each
 * such bracket is followed to its end, so that many of them in a long line would take minutes.
 */
export interface JsonEffort {
  wastedChars: number;
}

/** Two lines of the longest kind: some ten ms. */
const WASTED_CHARS_MAX = 2 * LIMITS.frameBytesMax;

/**
 * A JSON object or array that starts at this place of a statement, as one word, exactly as it was written; undefined when there is none, so
 * that `{i}` and `[x]` stay words like any other.
 *
 * @throws GrammarError for what can only be meant as JSON and is not
 */
export function readJsonWord(statement: string, start: number, effort: JsonEffort): Word | undefined {
  if (statement[start] !== "{" && statement[start] !== "[") return undefined;
  const end = closingBracket(statement, start);
  const text = statement.slice(start, end);
  const trouble =
    end === undefined ? "this JSON value is never closed (<<NAME takes several lines)" : troubleWith(text);
  if (trouble === undefined && /^(?:\s|$)/.test(statement.slice(start + text.length))) {
    return { text, end: start + text.length };
  }
  if (!LOOKS_LIKE_JSON.test(statement.slice(start, start + 64))) {
    effort.wastedChars += (end ?? statement.length) - start;
    if (effort.wastedChars > WASTED_CHARS_MAX) {
      throw new GrammarError("too many brackets that are no JSON (quote them)", start);
    }
    return undefined;
  }
  throw new GrammarError(trouble ?? "a blank must follow a JSON value", trouble ? start : start + text.length);
}

/** An object with a quoted name, or an array of strings, objects or arrays: other words rarely begin so. */
const LOOKS_LIKE_JSON = /^(?:\{\s*"|\[\s*["{[])/;

/** The place behind the bracket that closes the one at `start`; undefined when nothing closes it. */
function closingBracket(text: string, start: number): number | undefined {
  let depth = 0;
  let inString = false;
  for (let at = start; at < text.length; at += 1) {
    const character = text[at] ?? "";
    if (inString) {
      if (character === "\\") at += 1;
      else if (character === '"') inString = false;
    } else if (character === '"') {
      inString = true;
    } else if (character === "{" || character === "[") {
      depth += 1;
    } else if (character === "}" || character === "]") {
      depth -= 1;
      if (depth === 0) return at + 1;
    }
  }
  return undefined;
}

function troubleWith(json: string): string | undefined {
  try {
    JSON.parse(json);
    return undefined;
  } catch {
    return "this is no valid JSON (quote it to take it as text)";
  }
}
