import { type EditedLine, inserted } from "./edited-line.js";
import { wordEnd } from "./words.js";

/** What could follow a text that is typed. */
export interface Hint {
  readonly text: string;
  /** It can be taken over as it stands. Otherwise it names what is missing. */
  readonly canBeTaken: boolean;
}

/** Keys that take over the whole hint, and those that take over a word of it. */
const TAKES_ALL = ["right", "end", "ctrl-e", "ctrl-f"];
const TAKES_WORD = ["alt-f", "alt-right", "ctrl-right"];

/** The line with what a key takes over of the hint behind it; undefined when it takes over nothing. */
export function withHint(line: EditedLine, hint: Hint | undefined, key: string): EditedLine | undefined {
  if (hint?.canBeTaken !== true) return undefined;
  const whole = line.text + hint.text;
  if (TAKES_ALL.includes(key)) return inserted(line, hint.text);
  return TAKES_WORD.includes(key) ? inserted(line, whole.slice(line.cursor, wordEnd(whole, line.cursor))) : undefined;
}
