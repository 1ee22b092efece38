import type { Output } from "../repl/output.js";
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

  fail(text: string): Promise<void> {
    const colon = text.indexOf(":");
    return this.print(this.paint.bad(text.slice(0, colon)) + text.slice(colon));
  }
}
