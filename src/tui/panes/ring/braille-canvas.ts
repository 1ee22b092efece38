import { PLAIN, type Style } from "../../screen/style.js";
import type { Canvas } from "../../screen/surface.js";
import type { Glyphs } from "../../screen/theme.js";
import type { Point } from "./geometry.js";

/** Bits of the dots in a braille pattern (Unicode 2800-28FF), row by row: left, right. */
const DOT_BITS = [0x01, 0x08, 0x02, 0x10, 0x04, 0x20, 0x40, 0x80] as const;
const LEFT = 0x47;
const BRAILLE = 0x2800;

/** Dots, 2 by 4 in each cell and thereby square; a cell has one style, that of its last dot. */
export class BrailleCanvas {
  readonly columns: number;
  readonly rows: number;
  readonly #patterns: Uint8Array;
  readonly #styles: Style[];

  constructor(columns: number, rows: number) {
    this.columns = columns;
    this.rows = rows;
    this.#patterns = new Uint8Array(columns * rows);
    this.#styles = new Array<Style>(columns * rows).fill(PLAIN);
  }

  /** Sets the dot nearest to a point; outside it has no effect. */
  dot(x: number, y: number, style: Style): void {
    const column = Math.round(x);
    const row = Math.round(y);
    if (column < 0 || row < 0 || column >= this.columns * 2 || row >= this.rows * 4) return;
    const index = (row >> 2) * this.columns + (column >> 1);
    this.#patterns[index] = (this.#patterns[index] ?? 0) | (DOT_BITS[(row & 3) * 2 + (column & 1)] ?? 0);
    this.#styles[index] = style;
  }

  /** Dots on the straight way from one point to another, so many dots apart. */
  line(from: Point, to: Point, apart: number, style: Style): void {
    const length = Math.hypot(to.x - from.x, to.y - from.y);
    for (let way = 0; way <= length; way += apart) {
      const part = length === 0 ? 0 : way / length;
      this.dot(from.x + (to.x - from.x) * part, from.y + (to.y - from.y) * part, style);
    }
  }

  /** True for a cell with a dot in it. */
  isMarked(x: number, y: number): boolean {
    if (x < 0 || y < 0 || x >= this.columns || y >= this.rows) return false;
    return this.#patterns[y * this.columns + x] !== 0;
  }

  /** Paints the cells that have dots; the others stay as they are. */
  paintOn(canvas: Canvas, { ascii }: Glyphs): void {
    for (let y = 0; y < this.rows; y += 1) {
      for (let x = 0; x < this.columns; x += 1) {
        const index = y * this.columns + x;
        const pattern = this.#patterns[index] ?? 0;
        if (pattern === 0) continue;
        const glyph = ascii ? asciiOf(pattern) : String.fromCodePoint(BRAILLE + pattern);
        canvas.put(x, y, glyph, this.#styles[index]);
      }
    }
  }
}

/** The character whose shape comes near to a pattern of dots. */
function asciiOf(pattern: number): string {
  const left = heightsOf(pattern & LEFT, 0);
  const right = heightsOf(pattern & ~LEFT, 1);
  const all = [...left, ...right];
  if (all.length === 1) return (all[0] ?? 0) < 2 ? "'" : ".";
  if (left.length === 0 || right.length === 0) return Math.max(...all) - Math.min(...all) >= 2 ? "|" : ":";
  const slope = mean(right) - mean(left);
  if (Math.abs(slope) >= 1.5) return slope > 0 ? "\\" : "/";
  if (Math.max(...all) - Math.min(...all) >= 3) return "|";
  const height = mean(all);
  return height < 0.75 ? "'" : height > 2.25 ? "." : "-";
}

/** The rows, 0 to 3 from the top, of one side's dots. */
function heightsOf(pattern: number, side: 0 | 1): number[] {
  return [0, 1, 2, 3].filter((row) => (pattern & (DOT_BITS[row * 2 + side] ?? 0)) !== 0);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
