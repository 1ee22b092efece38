/** What a terminal or an eye would take for something else: controls, marks of direction, lone surrogates, separators. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/** A key as log lines show it: in quotes, on one line, with escapes for everything that does not print. */
export function quotedKey(key: string): string {
  return printable(JSON.stringify(key));
}

/** Text with escapes for everything that does not print: it may quote what a peer has sent. */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, (character) =>
    Array.from({ length: character.length }, (_, index) => escaped(character.charCodeAt(index))).join(""),
  );
}

function escaped(unit: number): string {
  return `\\u${unit.toString(16).padStart(4, "0")}`;
}
