import { FrameText, hasCertainWidth } from "./frame-text.js";
import { PLAIN } from "./style.js";
import { Surface } from "./surface.js";

/** A cell by column and row, from 0. */
export interface Cell {
  readonly x: number;
  readonly y: number;
}

/**
 * Keeps a terminal equal to a surface by sending what has changed since the frame before: one write for a frame, none when
 * nothing has changed. A frame is a synchronised update (DEC mode 2026), and it goes from row to row and leaves none blank that is
 * not: terminals without that mode do not flicker either. The terminal must not wrap at the end of a line (terminal.ts).
 */
export class ScreenWriter {
  readonly #write: (text: string) => void;
  /** What the terminal shows; undefined when that is not known. */
  #shown: Surface | undefined;
  /** Where the cursor shows; "hidden", or undefined when that is not known. */
  #cursor: Cell | "hidden" | undefined;

  /** @param write takes a whole frame */
  constructor(write: (text: string) => void) {
    this.#write = write;
  }

  /**
   * Shows a surface; of another size than the one before, it is sent whole.
   * @param cursor where the cursor shows; without it, it is hidden
   */
  show(surface: Surface, cursor?: Cell): void {
    const shown = this.#shown;
    const isKnown = shown?.columns === surface.columns && shown.rows === surface.rows;
    const changes = isKnown ? changedCells(surface, shown) : undefined;
    const isSameCursor = isEqual(this.#cursor, cursor ?? "hidden");
    if (changes?.length === 0 && isSameCursor) return;
    const frame = new FrameText();
    // While it paints, a cursor that shows would be seen to jump about.
    if (this.#cursor !== "hidden") frame.hideCursor();
    if (changes === undefined) addRows(frame, surface);
    else for (const index of changes) addCell(frame, surface, index);
    if (cursor !== undefined) frame.showCursor(cursor.x, cursor.y);
    this.#cursor = cursor ?? "hidden";
    if (!isKnown) this.#shown = new Surface(surface.columns, surface.rows);
    if (changes?.length !== 0) this.#shown?.copyFrom(surface);
    this.#write(frame.finish());
  }

  /** The terminal may show anything by now (resized, or stopped and continued): the next frame is sent whole. */
  forget(): void {
    this.#shown = undefined;
    this.#cursor = undefined;
  }
}

/**
 * The cells to write, rising. A glyph of disputed width may have covered the cell behind it on this terminal: what stands there
 * is written again.
 */
function changedCells(surface: Surface, shown: Surface): number[] {
  const { glyphs, styles } = surface;
  const changed: number[] = [];
  let mayBeCovered = -1;
  for (let index = 0; index < glyphs.length; index += 1) {
    const glyph = glyphs[index];
    const isSame = glyph === shown.glyphs[index] && styles[index] === shown.styles[index];
    if (isSame && (index !== mayBeCovered || glyph === " ")) continue;
    // The right half of a wide glyph comes with the left one.
    if (glyph === "" || glyph === undefined) continue;
    changed.push(index);
    if (!hasCertainWidth(glyph)) mayBeCovered = index + 1;
  }
  return changed;
}

function addCell(frame: FrameText, surface: Surface, index: number): void {
  const x = index % surface.columns;
  frame.glyph(x, (index - x) / surface.columns, surface.glyphs[index] ?? " ", surface.styles[index] ?? PLAIN);
}

/** All rows, overwritten from left to right; only what is blank at their ends is erased. */
function addRows(frame: FrameText, surface: Surface): void {
  const { glyphs, styles, columns } = surface;
  for (let y = 0; y < surface.rows; y += 1) {
    const start = y * columns;
    let end = start + columns;
    while (end > start && glyphs[end - 1] === " " && styles[end - 1] === PLAIN) end -= 1;
    for (let index = start; index < end; index += 1) if (glyphs[index] !== "") addCell(frame, surface, index);
    if (end < start + columns) frame.blankFrom(end - start, y);
  }
}

function isEqual(one: Cell | "hidden" | undefined, other: Cell | "hidden"): boolean {
  if (one === undefined || one === "hidden" || other === "hidden") return one === other;
  return one.x === other.x && one.y === other.y;
}
