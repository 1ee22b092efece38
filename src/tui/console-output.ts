import { type Failure, type FinishedStatement, type Output, formatMs } from "../repl/output.js";
import type { Paint } from "../repl/paint.js";

/** The answers of commands as lines of the monitor's console. */
export class ConsoleOutput implements Output {
  readonly terminal = true;
  readonly paint: Paint;
  readonly #print: (lines: readonly string[]) => void;

  constructor(paint: Paint, print: (lines: readonly string[]) => void) {
    this.paint = paint;
    this.#print = print;
  }

  print(text: string): Promise<void> {
    this.#print(text.split("\n"));
    return Promise.resolve();
  }

  fail({ code, message }: Failure): Promise<void> {
    return this.print(`${this.paint.bad(code)}: ${message}`);
  }

  finish({ elapsedMs }: FinishedStatement): Promise<void> {
    return this.print(`  (${formatMs(elapsedMs)})`);
  }
}
