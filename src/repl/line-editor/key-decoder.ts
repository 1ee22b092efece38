import type { Key } from "./key.js";

const ESC = "\u001b";
const PASTE_START = `${ESC}[200~`;
const PASTE_END = `${ESC}[201~`;

/**
 * Reads what a terminal sends as keys, however it was cut into pieces. Sequences after ECMA-48 and xterm's "PC-style function
 * keys"; what is none of them, such as a report nobody has asked for, is no key. A bracketed paste is one key, whatever is in it.
 */
export class KeyDecoder {
  /** The begin of a sequence whose end has not come yet. */
  #rest = "";
  /** What has come of a paste so far; undefined outside of one. */
  #pasted: string | undefined;

  /** An escape character waits for what may belong to it; `flush` says that nothing does. */
  get isWaiting(): boolean {
    return this.#pasted === undefined && this.#rest !== "";
  }

  /** The keys that are complete with this text. */
  push(text: string): readonly Key[] {
    const keys: Key[] = [];
    let input = this.#rest + text;
    this.#rest = "";
    while (input !== "") {
      if (this.#pasted !== undefined) {
        input = this.#paste(input, keys);
      } else if (input.startsWith(PASTE_START)) {
        this.#pasted = "";
        input = input.slice(PASTE_START.length);
      } else {
        const [sequence] = SEQUENCE.exec(input) ?? [];
        // Only an escape sequence can be unfinished.
        if (sequence === undefined) break;
        const key = keyOf(sequence);
        if (key !== undefined) keys.push(key);
        input = input.slice(sequence.length);
      }
    }
    this.#rest += input;
    return keys;
  }

  /** Nothing more has come in time: an escape character that waits is the Esc key, or was held with the key behind it. */
  flush(): readonly Key[] {
    if (!this.isWaiting) return [];
    const behind = this.#rest.slice(ESC.length);
    this.#rest = "";
    if (behind === "") return [ESC_KEY];
    if (behind.startsWith(ESC)) {
      this.#rest = behind;
      return [ESC_KEY, ...this.flush()];
    }
    const [first = "", ...others] = Array.from(behind);
    return [{ name: `alt-${first.toLowerCase()}`, text: undefined }, ...this.push(others.join(""))];
  }

  /** Takes the paste's part of the input; returns what is behind it. */
  #paste(input: string, keys: Key[]): string {
    const whole = (this.#pasted ?? "") + input;
    const end = whole.indexOf(PASTE_END);
    if (end === -1) {
      this.#pasted = whole;
      return "";
    }
    this.#pasted = undefined;
    const text = whole.slice(0, end).replaceAll(/\r\n?/g, "\n");
    if (text !== "") keys.push({ name: "paste", text });
    return whole.slice(end + PASTE_END.length);
  }
}

const ESC_KEY: Key = { name: "esc", text: undefined };

/** One key's characters at the start of the input; none while an escape sequence is unfinished. */
const SEQUENCE =
  /^(?:\u001b{1,2}\[\[[A-E]|\u001b{1,2}\[[0-?]*[ -/]*[@-Z\\-~]|\u001b{1,2}O[0-9;]*[A-Za-z]|\u001b[^\u001b[O]|\u001b(?=\u001b[^[O])|[^\u001b])/u;

const CSI_LETTERS: Readonly<Record<string, string>> = {
  A: "up",
  B: "down",
  C: "right",
  D: "left",
  F: "end",
  H: "home",
  P: "f1",
  Q: "f2",
  R: "f3",
  S: "f4",
};

const CSI_NUMBERS: Readonly<Record<string, string>> = {
  1: "home",
  2: "insert",
  3: "delete",
  4: "end",
  5: "pgup",
  6: "pgdn",
  7: "home",
  8: "end",
  ...Object.fromEntries([11, 12, 13, 14, 15, 17, 18, 19, 20, 21, 23, 24].map((code, index) => [code, `f${index + 1}`])),
};

const CONTROLS: Readonly<Record<string, string>> = {
  "\r": "enter",
  "\n": "enter",
  "\t": "tab",
  "\b": "backspace",
  "\u007f": "backspace",
  "\u0000": "ctrl-space",
};

/** The key of one whole sequence; undefined when it is none. */
function keyOf(sequence: string): Key | undefined {
  if (!sequence.startsWith(ESC)) return keyOfCharacter(sequence);
  const isHeld = sequence.startsWith(ESC + ESC);
  const behind = sequence.slice(isHeld ? 2 : 1);
  if (behind === "") return ESC_KEY;
  if (/^(?:\[|O.)/.test(behind)) return keyOfFunction(behind, isHeld);
  const { name = "" } = keyOfCharacter(behind) ?? {};
  return name === ""
    ? undefined
    : { name: `alt-${/^\p{Lu}$/u.test(name) ? name.toLowerCase() : name}`, text: undefined };
}

function keyOfCharacter(character: string): Key | undefined {
  const code = character.codePointAt(0) ?? 0;
  const control = CONTROLS[character];
  if (control !== undefined) return { name: control, text: undefined };
  if (code < 0x20) return { name: `ctrl-${String.fromCharCode(code + 0x40).toLowerCase()}`, text: undefined };
  // The other controls and lone surrogates are nothing that a person types.
  if (/^[\p{Cc}\p{Cs}]$/u.test(character)) return undefined;
  return { name: character === " " ? "space" : character, text: character };
}

/** @param behind what follows the escape character: `[` or `O`, parameters, a letter */
function keyOfFunction(behind: string, isHeld: boolean): Key | undefined {
  const [, first = "", modifiers = "", final = ""] = /^(?:\[\[?|O)(\d*)(?:;(\d+))?([A-Za-z~])$/.exec(behind) ?? [];
  if (final === "R" && modifiers !== "") {
    const report = { row: Number(first) - 1, column: Number(modifiers) - 1 };
    return { name: "cursor-report", text: undefined, report };
  }
  if (behind === "[Z") return { name: "shift-tab", text: undefined };
  if (behind.startsWith("[[")) return { name: `f${final.charCodeAt(0) - 0x40}`, text: undefined };
  const name = final === "~" ? CSI_NUMBERS[first] : behind === "OM" ? "enter" : CSI_LETTERS[final];
  if (name === undefined) return undefined;
  const bits = Math.max(0, Number(modifiers) - 1);
  const held = [bits & 4 && "ctrl-", (bits & 2 || isHeld) && "alt-", bits & 1 && "shift-"].filter(
    (part) => typeof part === "string",
  );
  return { name: held.join("") + name, text: undefined };
}
