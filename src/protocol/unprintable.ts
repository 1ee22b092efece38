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

/** The same for text of several lines, which stay lines. */
export function escapeLines(text: string): string {
  return text.split("\n").map(escapeUnprintable).join("\n");
}

/** Control characters, line and paragraph separators, lone surrogates, and what changes the direction of the line. */
const UNPRINTABLE = /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/gu;
