import type { Paint } from "../paint.js";
import type { Cell } from "./cells.js";
import { type Frame, type Place, type Row, widthOf } from "./layout.js";

const ORIGIN: Place = { row: 0, column: 0 };

/**
 * The rows at the end of a terminal's text that are drawn again and again, below what has been printed for good. It knows what
 * it has drawn, and gives what must be written to show something else: as little as will do, to be sent in one write.
 */
export class LiveArea {
  readonly #paint: Paint;
  readonly #fillsLines: boolean | undefined;
  #rows: readonly Row[] = [];
  #columns = 0;
  /** Where the terminal's cursor is. */
  #at: Place = ORIGIN;

  /** @param fillsLines whether the terminal is known to fill long lines into a new width; undefined where it is not known */
  constructor(paint: Paint, fillsLines?: boolean) {
    this.#paint = paint;
    this.#fillsLines = fillsLines;
  }

  get isEmpty(): boolean {
    return this.#rows.length === 0;
  }

  /** Shows a frame, laid out for so many columns. */
  show({ rows, cursor }: Frame, columns: number): string {
    const old = this.#rows;
    const pen = new Pen(this.#paint, columns, old.length, this.#at);
    rows.forEach((row, index) => pen.row(index, row, old[index]));
    if (old.length > rows.length) pen.eraseFrom(rows.length);
    pen.moveTo(cursor);
    this.#rows = rows;
    this.#columns = columns;
    this.#at = cursor;
    return pen.text;
  }

  /** Erases it; what is printed next stands where it stood. */
  clear(): string {
    if (this.isEmpty) return "";
    const text = up(this.#at.row) + ERASE_BELOW;
    this.forget();
    return text;
  }

  /** Leaves it on the screen for good; what is printed next stands below. */
  leave(): string {
    if (this.isEmpty) return "";
    const text = `${down(this.#rows.length - 1 - this.#at.row)}\r\n`;
    this.forget();
    return text;
  }

  /** The terminal shows nothing of it any more. */
  forget(): void {
    this.#rows = [];
    this.#at = ORIGIN;
  }

  /**
   * Erases it after the terminal has become so many columns wide. What terminals make of the rows differs: most fill long lines
   * into the new width, some leave the line with the cursor as it was. Where that cannot be told, a row of ours rather stays than
   * that one goes which is not.
   *
   * @param column where the cursor is now, if the terminal has told
   */
  clearResized(columns: number, column: number | undefined): string {
    if (this.isEmpty) return "";
    const { row, column: old } = this.#at;
    const lineStart = this.#rows.slice(0, row).findLastIndex(({ isFull }) => !isFull) + 1;
    const offset = (row - lineStart) * this.#columns + old;
    const isFilled = column === undefined || column === offset % columns;
    const isLeft = column === undefined || column === Math.min(old, columns - 1);
    const filled = Math.floor(offset / columns);
    const left = row - lineStart;
    const unclear = this.#fillsLines === true ? filled : this.#fillsLines === false ? left : Math.min(filled, left);
    const above = isFilled && isLeft ? unclear : isLeft ? left : filled;
    let lines = 0;
    let length = 0;
    for (const { cells, isFull } of this.#rows.slice(0, lineStart)) {
      length += widthOf(cells);
      if (isFull) continue;
      lines += Math.max(1, Math.ceil(length / columns));
      length = 0;
    }
    this.forget();
    return up(lines + above) + ERASE_BELOW;
  }
}

const ERASE_BELOW = "\u001b[J";
const ERASE_RIGHT = "\u001b[K";

function up(rows: number): string {
  return rows > 0 ? `\u001b[${rows}A\r` : "\r";
}

function down(rows: number): string {
  return rows > 0 ? `\u001b[${rows}B` : "";
}

function toColumn(column: number): string {
  return column === 0 ? "\r" : `\u001b[${column + 1}G`;
}

/** Writes rows of cells, and knows where that leaves the terminal's cursor. */
class Pen {
  text = "";
  readonly #paint: Paint;
  readonly #columns: number;
  /** Rows that the terminal has for us by now. */
  #height: number;
  #at: Place;
  /** A full row was written to its end: what is written next begins the next row. */
  #isWrapping = false;

  constructor(paint: Paint, columns: number, height: number, at: Place) {
    this.#paint = paint;
    this.#columns = columns;
    this.#height = Math.max(1, height);
    this.#at = at;
  }

  /** Writes what is new in a row. */
  row(index: number, row: Row, old: Row | undefined): void {
    const from = this.#isWrapping ? 0 : sameCells(row.cells, old?.cells ?? []);
    const isSame = from === row.cells.length && from === old?.cells.length && row.isFull === old.isFull;
    if (isSame && !this.#isWrapping) return;
    if (this.#isWrapping) this.#wrap(row.cells.length === 0);
    // So that a row which has become full is written to its end.
    const start = row.isFull && from === row.cells.length ? from - 1 : from;
    const column = widthOf(row.cells.slice(0, start));
    this.moveTo({ row: index, column });
    this.#cells(row.cells.slice(start), column);
    const end = widthOf(row.cells);
    this.#at = { row: index, column: end };
    this.#isWrapping = row.isFull;
    if (end < widthOf(old?.cells ?? [])) this.text += ERASE_RIGHT;
  }

  eraseFrom(row: number): void {
    this.moveTo({ row, column: 0 });
    this.text += ERASE_BELOW;
    this.#height = row;
  }

  moveTo({ row, column }: Place): void {
    if (row >= this.#height) {
      this.text += `${down(this.#height - 1 - this.#at.row)}${"\r\n".repeat(row - this.#height + 1)}`;
      this.#height = row + 1;
      this.#at = { row, column: 0 };
    }
    const by = row - this.#at.row;
    if (by !== 0) this.text += by > 0 ? down(by) : `\u001b[${-by}A`;
    // In the last column a cursor may be waiting to wrap: it is placed anew even where it seems right.
    if (column !== this.#at.column || this.#at.column >= this.#columns) this.text += toColumn(column);
    this.#at = { row, column };
    this.#isWrapping = false;
  }

  /** Goes to the next row as text does that is too long for one, so that the terminal knows the two to be one line. */
  #wrap(isEmpty: boolean): void {
    if (isEmpty) this.text += " \r";
    this.#at = { row: this.#at.row + 1, column: 0 };
    this.#height = Math.max(this.#height, this.#at.row + 1);
    this.#isWrapping = false;
  }

  #cells(cells: readonly Cell[], column: number): void {
    let run = "";
    let look: Cell["look"] = "plain";
    const flush = () => {
      if (run !== "") this.text += look === "plain" ? run : this.#paint[look](run);
      run = "";
    };
    for (const cell of cells) {
      if (cell.look !== look) flush();
      look = cell.look;
      if (cell.isUnsure) flush();
      run += cell.glyph;
      column += cell.width;
      if (!cell.isUnsure) continue;
      // A terminal that gives it less shows what was there before: blanks. One that gives it more has written into what follows.
      this.text += " ".repeat(cell.width) + toColumn(column - cell.width);
      flush();
      if (column < this.#columns) this.text += toColumn(column) + (cell.reach > cell.width ? ERASE_RIGHT : "");
    }
    flush();
  }
}

/** How many cells at the start are the same. */
function sameCells(left: readonly Cell[], right: readonly Cell[]): number {
  const end = Math.min(left.length, right.length);
  for (let index = 0; index < end; index += 1) {
    const [one, other] = [left[index], right[index]];
    if (one !== other && (one?.glyph !== other?.glyph || one?.look !== other?.look)) return index;
  }
  return end;
}
