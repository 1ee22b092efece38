import xterm, { type IBufferCell } from "@xterm/headless";
import stringWidth from "string-width";
import { Surface } from "../../src/tui/screen/surface.js";

/**
 * A row that was blank for a while though it was not before its frame, nor after it: erased, or overwritten with blanks and left so
 * for the time being. It would flicker where updates are not synchronised.
 */
export interface BlankedRow {
  /** Counted from 1. */
  readonly frame: number;
  readonly row: number;
}

/** Columns of a code point; 0 joins the one before. */
export type WidthTable = (codePoint: number) => 0 | 1 | 2;

/** The widths that today's terminals give single code points; xterm's own are those of Unicode 6, with narrow emoji. */
export const TODAYS_WIDTHS: WidthTable = (codePoint) => {
  const width = stringWidth(String.fromCodePoint(codePoint));
  return width === 0 || width === 2 ? width : 1;
};

export interface EmulatorOptions {
  readonly columns: number;
  readonly rows: number;
  /** TODAYS_WIDTHS unless another table is given; `unicode-6` are xterm's own. */
  readonly widths?: WidthTable | "unicode-6";
  /** Takes what the terminal answers when it is asked something, such as where its cursor is. */
  readonly onReply?: (text: string) => void;
}

/**
 * A terminal without a window: takes what a program writes and shows what a user would see, and watches how it came about.
 * Feeding is asynchronous; `settled` waits for it.
 */
export class Emulator {
  readonly #terminal: xterm.Terminal;
  #settled: Promise<void> = Promise.resolve();
  /** The begin of an escape sequence whose end has not come yet. */
  #begun = "";
  #bytes = 0;
  #clears = 0;
  #frames = 0;
  #isCursorVisible = true;
  /** Rows that were not blank when the frame began; undefined outside of frames. */
  #filledBefore: ReadonlySet<number> | undefined;
  #cursorRow = 0;
  readonly #blankedNow = new Set<number>();
  readonly #blankedRows: BlankedRow[] = [];

  constructor({ columns, rows, widths = TODAYS_WIDTHS, onReply }: EmulatorOptions) {
    this.#terminal = new xterm.Terminal({ cols: columns, rows, allowProposedApi: true, scrollback: 1_000 });
    if (widths !== "unicode-6") {
      this.#terminal.unicode.register(providerOf(widths));
      this.#terminal.unicode.activeVersion = "test";
    }
    this.#watchModes();
    if (onReply !== undefined) this.#terminal.onData(onReply);
  }

  /** Takes what a program writes. */
  feed(text: string): void {
    this.#bytes += Buffer.byteLength(text);
    const pieces = (this.#begun + text).split(PIECES);
    this.#begun = UNFINISHED.test(pieces.at(-1) ?? "") ? (pieces.pop() ?? "") : "";
    for (const piece of pieces) this.#terminal.write(piece, () => this.#findBlankRows(piece));
    this.#settled = new Promise((resolve) => this.#terminal.write("", resolve));
  }

  /** Resolves when all that was fed is on the screen. */
  settled(): Promise<void> {
    return this.#settled;
  }

  resize(columns: number, rows: number): void {
    this.#terminal.resize(columns, rows);
  }

  /** The screen's lines as text, without the blanks at their ends. */
  get lines(): string[] {
    return this.surface().toLines();
  }

  /** The screen, cell by cell; styles are canonical (src/tui/screen/style.ts). */
  surface(): Surface {
    const { cols, rows } = this.#terminal;
    const surface = new Surface(cols, rows);
    for (let index = 0; index < cols * rows; index += 1) {
      const cell = this.#cell(index % cols, Math.floor(index / cols));
      surface.glyphs[index] = cell?.getWidth() === 0 ? "" : (cell?.getChars() ?? "") || " ";
      surface.styles[index] = cell === undefined ? "" : styleOfCell(cell);
    }
    return surface;
  }

  /** Undefined when it is hidden. */
  get cursor(): { readonly x: number; readonly y: number } | undefined {
    const { cursorX: x, cursorY: y } = this.#terminal.buffer.active;
    return this.#isCursorVisible ? { x, y } : undefined;
  }

  get isAlternate(): boolean {
    return this.#terminal.buffer.active.type === "alternate";
  }

  /** `?7`, `?2004` and `?2026`. */
  get modes(): { readonly autowrap: boolean; readonly bracketedPaste: boolean; readonly updating: boolean } {
    const { wraparoundMode, bracketedPasteMode, synchronizedOutputMode } = this.#terminal.modes;
    return { autowrap: wraparoundMode, bracketedPaste: bracketedPasteMode, updating: synchronizedOutputMode };
  }

  /** Bytes fed so far. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Synchronised updates (`?2026h` … `?2026l`) that have ended. */
  get frames(): number {
    return this.#frames;
  }

  /** How often the screen or the scrollback was cleared (`2J`, `3J`). */
  get clears(): number {
    return this.#clears;
  }

  get blankedRows(): readonly BlankedRow[] {
    return this.#blankedRows;
  }

  #watchModes(): void {
    const { parser } = this.#terminal;
    const on = (final: "h" | "l") =>
      parser.registerCsiHandler({ prefix: "?", final }, (parameters) => {
        for (const mode of parameters) this.#onMode(mode, final === "h");
        return false;
      });
    on("h");
    on("l");
    parser.registerCsiHandler({ final: "J" }, ([what]) => {
      if (what === 2 || what === 3) this.#clears += 1;
      return false;
    });
  }

  #onMode(mode: number | readonly number[], isSet: boolean): void {
    if (mode === 25) this.#isCursorVisible = isSet;
    if (mode !== 2026) return;
    if (isSet) {
      this.#filledBefore = this.#filledRows();
      this.#blankedNow.clear();
    } else if (this.#filledBefore !== undefined) {
      this.#frames += 1;
      const filled = this.#filledRows();
      for (const row of this.#blankedNow) if (filled.has(row)) this.#blankedRows.push({ frame: this.#frames, row });
      this.#filledBefore = undefined;
    }
  }

  /** Erasing is seen at once; overwriting with blanks only when the cursor goes on to another row without more. */
  #findBlankRows(piece: string): void {
    const { cursorY } = this.#terminal.buffer.active;
    const left = cursorY === this.#cursorRow ? [] : [this.#cursorRow];
    const touched = ENDS_IN_ERASURE.test(piece) ? (this.#filledBefore ?? []) : left;
    for (const row of touched) if (this.#isBlanked(row)) this.#blankedNow.add(row);
    this.#cursorRow = cursorY;
  }

  #isBlanked(row: number): boolean {
    return this.#filledBefore?.has(row) === true && !this.#isFilled(row);
  }

  #filledRows(): Set<number> {
    const rows = Array.from({ length: this.#terminal.rows }, (_, row) => row);
    return new Set(rows.filter((row) => this.#isFilled(row)));
  }

  #isFilled(row: number): boolean {
    const { active } = this.#terminal.buffer;
    return (
      active
        .getLine(active.viewportY + row)
        ?.translateToString(true)
        .trim() !== ""
    );
  }

  #cell(x: number, y: number): IBufferCell | undefined {
    const { active } = this.#terminal.buffer;
    return active.getLine(active.viewportY + y)?.getCell(x);
  }
}

/** The screen is looked at behind whatever erases or scrolls, and behind what moves the cursor to another row. */
const PIECES = /(?<=\u001b\[[\d;]*[A-HJKLMPSTXdf@]|\n)/;
const ENDS_IN_ERASURE = /\u001b\[[\d;]*[JKLMPSTX@]$/;
const UNFINISHED = /\u001b(?:\[[0-?]*[ -/]*)?$/;

function providerOf(widths: WidthTable): xterm.IUnicodeVersionProvider {
  return {
    version: "test",
    wcwidth: widths,
    // Packed as xterm wants it: bit 0 says whether it joins the one before, bits 1 and 2 are the width.
    charProperties(codePoint, preceding) {
      const width = widths(codePoint);
      return width === 0 && preceding !== 0 ? (preceding & 0b110) | 1 : width << 1;
    },
  };
}

function styleOfCell(cell: IBufferCell): string {
  const parameters = [
    cell.isBold() !== 0 && "1",
    cell.isDim() !== 0 && "2",
    cell.isUnderline() !== 0 && "4",
    cell.isInverse() !== 0 && "7",
    !cell.isFgDefault() && colorOf(3, cell.isFgRGB(), cell.getFgColorMode(), cell.getFgColor()),
    !cell.isBgDefault() && colorOf(4, cell.isBgRGB(), cell.getBgColorMode(), cell.getBgColor()),
  ];
  return parameters.filter((parameter) => parameter !== false).join(";");
}

/** xterm's mode of the 16 colours that have SGR numbers of their own. */
const SIXTEEN_COLORS = 0x1000000;

/** @param ground 3 for the foreground, 4 for the background */
function colorOf(ground: 3 | 4, isRgb: boolean, mode: number, color: number): string {
  if (isRgb) return `${ground}8;2;${color >> 16};${(color >> 8) & 255};${color & 255}`;
  if (mode !== SIXTEEN_COLORS) return `${ground}8;5;${color}`;
  return color < 8 ? `${ground}${color}` : `${ground === 3 ? 9 : 10}${color - 8}`;
}
