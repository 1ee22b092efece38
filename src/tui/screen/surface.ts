import { glyphWidth, safeGlyph, widthOf } from "./safe-text.js";
import { PLAIN, type Style } from "./style.js";

/** A part of a screen, in cells; the origin is the upper left corner. */
export interface Rect {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/**
 * A screen in memory: a grid of cells, each with a glyph and a style. The right half of a wide glyph is an empty cell. It has
 * no idea of a terminal; screen-writer.ts sends the difference of two of them to one.
 */
export class Surface {
  readonly columns: number;
  readonly rows: number;
  /** Row by row; "" in the right half of a wide glyph. */
  readonly glyphs: string[];
  readonly styles: Style[];

  constructor(columns: number, rows: number) {
    this.columns = columns;
    this.rows = rows;
    this.glyphs = new Array<string>(columns * rows).fill(" ");
    this.styles = new Array<Style>(columns * rows).fill(PLAIN);
  }

  /** All of it, to paint on. */
  get canvas(): Canvas {
    return new Canvas(this, { x: 0, y: 0, width: this.columns, height: this.rows });
  }

  /** Takes over all cells of a surface of the same size. */
  copyFrom(other: Surface): void {
    for (let index = 0; index < this.glyphs.length; index += 1) {
      this.glyphs[index] = other.glyphs[index] ?? " ";
      this.styles[index] = other.styles[index] ?? PLAIN;
    }
  }

  /** Takes over a part of the cells of a surface of the same size. */
  copyPart(other: Surface, { x, y, width, height }: Rect): void {
    for (let row = Math.max(0, y); row < Math.min(y + height, this.rows); row += 1) {
      for (let column = Math.max(0, x); column < Math.min(x + width, this.columns); column += 1) {
        const index = row * this.columns + column;
        this.glyphs[index] = other.glyphs[index] ?? " ";
        this.styles[index] = other.styles[index] ?? PLAIN;
      }
    }
  }

  /** Its lines as plain text, without the blanks at their ends. */
  toLines(): string[] {
    return Array.from({ length: this.rows }, (_, row) =>
      this.glyphs
        .slice(row * this.columns, (row + 1) * this.columns)
        .join("")
        .trimEnd(),
    );
  }
}

/** A rectangle of a surface that painters paint on: coordinates are its own, and nothing gets outside. */
export class Canvas {
  readonly #surface: Surface;
  readonly #rect: Rect;

  /** @param rect is cut where it leaves the surface */
  constructor(surface: Surface, rect: Rect) {
    this.#surface = surface;
    const x = clamp(rect.x, surface.columns);
    const y = clamp(rect.y, surface.rows);
    this.#rect = {
      x,
      y,
      width: clamp(rect.x + rect.width, surface.columns) - x,
      height: clamp(rect.y + rect.height, surface.rows) - y,
    };
  }

  get width(): number {
    return this.#rect.width;
  }

  get height(): number {
    return this.#rect.height;
  }

  /** A part of it, in its own coordinates. */
  part(rect: Rect): Canvas {
    const x = Math.min(Math.max(0, rect.x), this.width);
    const y = Math.min(Math.max(0, rect.y), this.height);
    return new Canvas(this.#surface, {
      x: this.#rect.x + x,
      y: this.#rect.y + y,
      width: Math.max(0, Math.min(rect.x + rect.width, this.width) - x),
      height: Math.max(0, Math.min(rect.y + rect.height, this.height) - y),
    });
  }

  /** Blanks everything. */
  clear(style: Style = PLAIN): void {
    for (let y = 0; y < this.height; y += 1) for (let x = 0; x < this.width; x += 1) this.#set(x, y, " ", style);
  }

  /**
   * Writes text from a cell to the right, made safe (safe-text.ts) and cut at the edges.
   * @returns the column behind it, though it may lie outside
   */
  text(x: number, y: number, text: string, style: Style = PLAIN): number {
    let column = x;
    let offset = 0;
    for (const character of text) {
      // What comes from anyone may be long: nothing beyond the edge is looked at glyph by glyph.
      if (column >= this.width) return column + widthOf(text.slice(offset));
      offset += character.length;
      const glyph = safeGlyph(character);
      const width = glyphWidth(glyph);
      if (width === 1) this.put(column, y, glyph, style);
      else this.#putWide(column, y, glyph, style);
      column += width;
    }
    return column;
  }

  /** Puts one narrow glyph; outside it has no effect. */
  put(x: number, y: number, glyph: string, style: Style = PLAIN): void {
    if (x >= 0 && y >= 0 && x < this.width && y < this.height) this.#set(x, y, glyph, style);
  }

  /** Gives cells of one row another style; their glyphs stay. */
  restyle(x: number, y: number, width: number, style: Style): void {
    if (y < 0 || y >= this.height) return;
    for (let column = Math.max(0, x); column < Math.min(x + width, this.width); column += 1) {
      this.#surface.styles[this.#index(column, y)] = style;
    }
  }

  /** Where an edge cuts through it, the half inside is a blank. */
  #putWide(x: number, y: number, glyph: string, style: Style): void {
    const isWhole = x >= 0 && x + 1 < this.width;
    this.put(x, y, isWhole ? glyph : " ", style);
    this.put(x + 1, y, isWhole ? "" : " ", style);
  }

  /** Half a wide glyph cannot stay: its other half becomes a blank, even where that lies outside. */
  #set(x: number, y: number, glyph: string, style: Style): void {
    const index = this.#index(x, y);
    const { glyphs, styles } = this.#surface;
    if (glyphs[index] === "" && glyph !== "") glyphs[index - 1] = " ";
    if (glyphs[index + 1] === "") glyphs[index + 1] = " ";
    glyphs[index] = glyph;
    styles[index] = style;
  }

  #index(x: number, y: number): number {
    return (this.#rect.y + y) * this.#surface.columns + this.#rect.x + x;
  }
}

function clamp(value: number, max: number): number {
  return Math.min(Math.max(0, value), max);
}
