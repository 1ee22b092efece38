import { type Cell, type Look, type Piece, cellsOf, cellsOfCharacter } from "./cells.js";
import { graphemesOf } from "./graphemes.js";

/** What is to be shown of a line that is edited. */
export interface Content {
  readonly prompt: readonly Piece[];
  /** What stands before the second line of the text and those after it. */
  readonly continuation: readonly Piece[];
  readonly text: string;
  /** In UTF-16 units. */
  readonly cursor: number;
  /** How the text looks from a place on, until the next one. */
  readonly looks: readonly Span[];
  /** Stands behind the text, as far as there is room in its row; the cursor stays before it. */
  readonly hint: string;
}

/** From here on, in UTF-16 units, text looks so. */
export interface Span {
  readonly start: number;
  readonly look: Look;
}

/** A row of a screen. */
export interface Row {
  readonly cells: readonly Cell[];
  /** The terminal itself goes on to the next row: nothing but more text of the same line follows, and no column is free. */
  readonly isFull: boolean;
}

/** Rows, and the place of the cursor in them, counted from 0. */
export interface Frame {
  readonly rows: readonly Row[];
  readonly cursor: Place;
}

export interface Place {
  readonly row: number;
  readonly column: number;
}

/** Lays content out in rows of so many columns. A character that does not fit, however a terminal counts it, begins a new row. */
export function layOut(content: Content, columns: number): Frame {
  const rows = new Rows(columns);
  for (const { text, look } of content.prompt) rows.add(cellsOf(text, look));
  let cursor: Place | undefined;
  let at = 0;
  let span = 0;
  for (const character of graphemesOf(content.text)) {
    while ((content.looks[span + 1]?.start ?? Number.POSITIVE_INFINITY) <= at) span += 1;
    const isCursor = at === content.cursor;
    at += character.length;
    if (character === "\n") {
      if (isCursor) cursor = rows.placeFor();
      rows.breakLine();
      for (const { text, look } of content.continuation) rows.add(cellsOf(text, look));
    } else {
      const cells = cellsOfCharacter(character, content.looks[span]?.look ?? "plain");
      if (isCursor) cursor = rows.placeFor(cells[0]);
      rows.add(cells);
    }
  }
  cursor ??= rows.placeFor();
  rows.addHint(content.hint);
  return { rows: rows.end(), cursor };
}

/** The rows of a frame that a screen of so many has room for, so that the cursor's is among them; `from` is where they began before. */
export function windowed(
  { rows, cursor }: Frame,
  height: number,
  from: number,
): { readonly frame: Frame; readonly from: number } {
  const lowest = Math.max(0, Math.min(cursor.row, rows.length - height));
  const first = Math.max(0, Math.min(Math.max(from, cursor.row - height + 1), lowest));
  const frame = { rows: rows.slice(first, first + height), cursor: { row: cursor.row - first, column: cursor.column } };
  return { frame, from: first };
}

class Rows {
  readonly #columns: number;
  readonly #rows: Row[] = [];
  #cells: Cell[] = [];
  #width = 0;

  constructor(columns: number) {
    this.#columns = columns;
  }

  add(cells: readonly Cell[]): void {
    for (const cell of cells) {
      this.placeFor(cell);
      this.#cells.push(cell);
      this.#width += cell.width;
    }
  }

  /** Where a cell goes that comes next; a narrow one where none is named. */
  placeFor({ reach } = { reach: 1 }): Place {
    if (this.#width > 0 && this.#width + Math.min(reach, this.#columns) > this.#columns) this.#breakRow();
    return { row: this.#rows.length, column: this.#width };
  }

  breakLine(): void {
    this.#rows.push({ cells: this.#cells, isFull: false });
    this.#cells = [];
    this.#width = 0;
  }

  addHint(hint: string): void {
    const room = this.#columns - this.#width;
    const cells = cellsOf(hint, "dim");
    let width = 0;
    const fitting = cells.findIndex((cell) => (width += cell.reach) > room);
    if (fitting === -1) this.add(cells);
    else if (room > 1) this.add([...fittingIn(cells, room - 1), ...cellsOf("…", "dim")]);
  }

  end(): readonly Row[] {
    return [...this.#rows, { cells: this.#cells, isFull: false }];
  }

  #breakRow(): void {
    const isFull = this.#width === this.#columns && this.#cells.at(-1)?.isUnsure !== true;
    this.#rows.push({ cells: this.#cells, isFull });
    this.#cells = [];
    this.#width = 0;
  }
}

/** Columns that cells take. */
export function widthOf(cells: readonly Cell[]): number {
  return cells.reduce((total, { width }) => total + width, 0);
}

function fittingIn(cells: readonly Cell[], columns: number): readonly Cell[] {
  let width = 0;
  const end = cells.findIndex((cell) => (width += cell.reach) > columns);
  return end === -1 ? cells : cells.slice(0, end);
}
