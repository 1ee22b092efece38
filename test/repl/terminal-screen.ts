import { PassThrough } from "node:stream";
import { Emulator } from "../tui/emulator.js";

/** A terminal for a prompt in this process: keys to press, and a screen to look at. */
export class TerminalScreen {
  readonly input = new PassThrough();
  readonly output: PassThrough & { columns: number; rows: number };
  readonly emulator: Emulator;
  /** What was written at once, oldest first. */
  readonly writes: string[] = [];
  readonly #waits = new Set<() => void>();

  constructor({ columns = 80, rows = 24 } = {}) {
    // What the terminal is asked, it answers.
    this.emulator = new Emulator({ columns, rows, onReply: (text) => this.input.write(text) });
    this.output = Object.assign(new PassThrough({ encoding: "utf8" }), { columns, rows });
    this.output.on("data", (text: string) => {
      this.writes.push(text);
      // As the line discipline of a terminal does it.
      this.emulator.feed(text.replaceAll(/\r?\n/g, "\r\n"));
      void this.emulator.settled().then(() => {
        for (const check of this.#waits) check();
      });
    });
  }

  press(keys: string): void {
    this.input.write(keys);
  }

  /** The lines, without those that are blank at the end; blanks at a line's end are left out. */
  get lines(): string[] {
    return this.emulator.lines.join("\n").trimEnd().split("\n");
  }

  /** Resolves with the lines when one matches, or with a string when the last line is it. */
  shows(what: RegExp | string): Promise<readonly string[]> {
    return new Promise((resolve) => {
      const check = () => {
        const { lines } = this;
        const isShown = typeof what === "string" ? lines.at(-1) === what : what.test(lines.join("\n"));
        if (!isShown) return;
        this.#waits.delete(check);
        resolve(lines);
      };
      this.#waits.add(check);
      void this.emulator.settled().then(check);
    });
  }

  /** What it shows in a row, with its styles, run by run. */
  styled(row: number): readonly (readonly [text: string, style: string])[] {
    const surface = this.emulator.surface();
    const runs: [string, string][] = [];
    for (let column = 0; column < this.output.columns; column += 1) {
      const index = row * this.output.columns + column;
      const [glyph = " ", style = ""] = [surface.glyphs[index], surface.styles[index]];
      const last = runs.at(-1);
      if (last?.[1] === style) last[0] += glyph;
      else runs.push([glyph, style]);
    }
    return runs;
  }
}
