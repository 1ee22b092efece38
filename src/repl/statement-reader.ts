import { LIMITS } from "../protocol/limits.js";
import { heredocMarker, isHeredocEnd } from "./tokenize.js";

/** Collects lines until they are a whole statement: one line, or several where it opens a heredoc. */
export class StatementReader {
  #lines: string[] = [];
  #chars = 0;
  #marker: string | undefined;

  /** A heredoc is open: more lines belong to the statement. */
  get isOpen(): boolean {
    return this.#marker !== undefined;
  }

  /** Takes the next line; returns the statement when it is whole. One that grows beyond what a value takes ends as it is, to be refused. */
  push(line: string): string | undefined {
    this.#lines.push(line);
    this.#chars += line.length + 1;
    if (this.#marker === undefined) this.#marker = heredocMarker(line);
    else if (isHeredocEnd(line, this.#marker) || this.#chars > LIMITS.frameBytesMax) this.#marker = undefined;
    return this.#marker === undefined ? this.cancel() : undefined;
  }

  /** Gives up what is open; returns what had come, if anything. */
  cancel(): string | undefined {
    const statement = this.#lines.length === 0 ? undefined : this.#lines.join("\n");
    this.#lines = [];
    this.#chars = 0;
    this.#marker = undefined;
    return statement;
  }
}
