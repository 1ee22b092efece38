import stringWidth from "string-width";

/**
 * Text as a screen may show it. Values, keys and log lines come from anyone: control characters become their pictures (␛), and
 * what has no width of its own or could turn or join its neighbours (bidi controls, joiners, variation selectors, combining
 * marks, vowels of Hangul, halves of flags, skin tones) becomes `�`. So no stored value can move the cursor, retitle the
 * terminal or break a border.
 */
export function safeText(text: string): string {
  return isPlainAscii(text) ? text : glyphsOf(text).join("");
}

/** The glyphs of safe text, one for each character, each 1 or 2 columns wide. */
export function glyphsOf(text: string): string[] {
  const glyphs: string[] = [];
  for (const character of text) glyphs.push(safeGlyph(character));
  return glyphs;
}

/** One character (code point) as a screen may show it. */
export function safeGlyph(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  if (code >= 0x20 && code < 0x7f) return character;
  // Of arrows, boxes, blocks, shapes and braille screens are full, and none of them is anything but itself.
  if (isOrdinarySymbol(code)) return character;
  if (code < 0x20) return String.fromCodePoint(0x2400 + code);
  if (code === 0x7f) return "␡";
  return UNSAFE.test(character) || stringWidth(character) === 0 ? REPLACEMENT : character;
}

/** Columns that one glyph takes. */
export function glyphWidth(glyph: string): 1 | 2 {
  const code = glyph.codePointAt(0) ?? 0;
  // Nothing below is wide: Hangul Jamo are the first.
  if (code < 0x1100 || isOrdinarySymbol(code)) return 1;
  return stringWidth(glyph) === 2 ? 2 : 1;
}

/** Columns that safe text takes. */
export function widthOf(text: string): number {
  if (isPlainAscii(text)) return text.length;
  let width = 0;
  for (const glyph of glyphsOf(text)) width += glyphWidth(glyph);
  return width;
}

/** Safe text cut to so many columns, the last one `…` where something was cut. */
export function truncated(text: string, columns: number): string {
  if (columns <= 0) return "";
  if (text.length <= columns && isPlainAscii(text)) return text;
  let width = 0;
  let whole = "";
  /** What leaves a column for the `…`. */
  let fitting = "";
  for (const character of text) {
    const glyph = safeGlyph(character);
    width += glyphWidth(glyph);
    if (width > columns) return `${fitting}…`;
    whole += glyph;
    if (width < columns) fitting = whole;
  }
  return whole;
}

function isPlainAscii(text: string): boolean {
  return /^[\x20-\x7e]*$/.test(text);
}

const REPLACEMENT = "\u{fffd}";

/** Controls, unassigned, private and lone surrogates; marks; what is invisible; and what joins the character beside it. */
const UNSAFE =
  /^[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{M}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\p{Emoji_Modifier}\p{Regional_Indicator}\u1160-\u11ff\ud7b0-\ud7ff]$/u;

function isOrdinarySymbol(code: number): boolean {
  return (code >= 0x2190 && code < 0x231a) || (code >= 0x2500 && code < 0x25fd) || (code >= 0x2800 && code < 0x2900);
}
