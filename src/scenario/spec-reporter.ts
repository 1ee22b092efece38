import type { Paint } from "../repl/paint.js";
import { escapeUnprintable } from "../protocol/unprintable.js";
import type { Reporter, ScenarioEvent, TestPoint, Totals } from "./events.js";

/** For people at a terminal: a mark for each test, and of a failure where it stands, what was expected, and what was found. */
export class SpecReporter implements Reporter {
  readonly #paint: Paint;
  #isInSection = false;

  constructor(paint: Paint) {
    this.#paint = paint;
  }

  begin(): string {
    return "";
  }

  report(event: ScenarioEvent): string {
    const { strong, dim, bad } = this.#paint;
    switch (event.type) {
      case "file":
        this.#isInSection = false;
        return `${strong(escapeUnprintable(event.file))} ${dim(`seed ${event.seed}`)}\n`;
      case "section":
        this.#isInSection = true;
        return `  ${escapeUnprintable(event.title)}\n`;
      case "test":
        return this.#test(event);
      case "note":
        return `${this.#indent}${dim(escapeUnprintable(event.text))}\n`;
      case "file-end":
        return event.problem === undefined ? "" : `  ${bad("✗")} ${escapeUnprintable(event.problem)}\n`;
    }
  }

  end({ passed, failed }: Totals): string {
    const { good, bad } = this.#paint;
    return `\n${failed === 0 ? good(`${passed} passed`) : `${passed} passed`}, ${failed === 0 ? "0 failed" : bad(`${failed} failed`)}\n`;
  }

  get #indent(): string {
    return this.#isInSection ? "    " : "  ";
  }

  #test({ ok, name, elapsedMs, failure }: TestPoint): string {
    const { good, bad, dim, warning } = this.#paint;
    const line = `${this.#indent}${ok ? good("✓") : bad("✗")} ${escapeUnprintable(name)} ${dim(`(${elapsedMs.toFixed(0)} ms)`)}\n`;
    if (failure === undefined) return line;
    const { file, line: number, message, expected, found } = failure;
    const details =
      expected === undefined || found === undefined
        ? [escapeUnprintable(message)]
        : [`expected  ${good(escapeUnprintable(expected))}`, `found     ${warning(escapeUnprintable(found))}`];
    return (
      line +
      [...details, dim(`at ${escapeUnprintable(file)}:${number}`)]
        .map((text) => `${this.#indent}    ${text}\n`)
        .join("")
    );
  }
}
