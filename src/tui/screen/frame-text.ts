import { glyphWidth } from "./safe-text.js";
import { PLAIN, type Style } from "./style.js";

const BEGIN_UPDATE = "\u001b[?2026h";
const END_UPDATE = "\u001b[?2026l";
const SHOW_CURSOR = "\u001b[?25h";
const HIDE_CURSOR = "\u001b[?25l";
const ERASE_TO_LINE_END = "\u001b[K";

/**
 * The text of one frame as it grows, with what the terminal's pen is known to be: its place and its style. It trusts the
 * terminal with the width of ASCII, boxes, blocks and braille only; after any other glyph it places the cursor anew, so that a
 * terminal that draws it wider or narrower shifts nothing.
 */
export class FrameText {
  #text = BEGIN_UPDATE;
  /** Where the pen is; -1 when it is not known. */
  #x = -1;
  #y = -1;
  #style: Style | undefined;

  /** Writes one glyph at a cell. */
  glyph(x: number, y: number, glyph: string, style: Style): void {
    this.#pen(x, y, style);
    if (hasCertainWidth(glyph)) {
      this.#text += glyph;
      this.#x += 1;
      return;
    }
    // A terminal that draws a wide glyph narrow must not leave the old glyph in its second cell.
    if (glyphWidth(glyph) === 2) this.#text += `  ${moveTo(x, y)}`;
    this.#text += glyph;
    this.#x = -1;
  }

  /** Blanks a row from a cell to its end. */
  blankFrom(x: number, y: number): void {
    this.#pen(x, y, PLAIN);
    this.#text += ERASE_TO_LINE_END;
  }

  hideCursor(): void {
    this.#text += HIDE_CURSOR;
  }

  showCursor(x: number, y: number): void {
    this.#text += moveTo(x, y) + SHOW_CURSOR;
  }

  /** All of it; the style is the default again. */
  finish(): string {
    return this.#text + (this.#style === undefined || this.#style === PLAIN ? "" : sgrOf(PLAIN)) + END_UPDATE;
  }

  #pen(x: number, y: number, style: Style): void {
    if (x !== this.#x || y !== this.#y) this.#text += moveTo(x, y);
    if (style !== this.#style) this.#text += sgrOf(style);
    this.#x = x;
    this.#y = y;
    this.#style = style;
  }
}

/** Whether all terminals agree on the glyph's width: ASCII, boxes, blocks and braille. */
export function hasCertainWidth(glyph: string): boolean {
  const code = glyph.charCodeAt(0);
  return (code >= 0x20 && code < 0x7f) || (code >= 0x2500 && code < 0x25a0) || (code >= 0x2800 && code < 0x2900);
}

function moveTo(x: number, y: number): string {
  return `\u001b[${y + 1};${x + 1}H`;
}

/** It always resets first, so that a style never depends on the one before. */
function sgrOf(style: Style): string {
  return style === PLAIN ? "\u001b[0m" : `\u001b[0;${style}m`;
}
