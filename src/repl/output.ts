import type { Writable } from "node:stream";
import type { Paint } from "./paint.js";

/** Where the answers of commands go. */
export interface Output {
  /** True for a person's terminal: text is made safe to show and may be painted; false keeps values raw. */
  readonly terminal: boolean;
  readonly paint: Paint;
  /** Prints one answer, line end added; resolves when more may be written. */
  print(text: string): Promise<void>;
  /** Prints one error, `CODE: message`. */
  fail(text: string): Promise<void>;
}

/** The reader of our output has gone away (`ringkv keys | head`), so there is no one left to answer. */
export class OutputClosed extends Error {
  override readonly name = "OutputClosed";
}

/** Answers and errors as plain lines, for pipes and files. The same stream for both keeps them in order. */
export class PlainOutput implements Output {
  readonly terminal = false;
  readonly paint: Paint;
  readonly #answers: Writable;
  readonly #errors: Writable;

  constructor(streams: { readonly answers: Writable; readonly errors: Writable; readonly paint: Paint }) {
    this.#answers = streams.answers;
    this.#errors = streams.errors;
    this.paint = streams.paint;
  }

  print(text: string): Promise<void> {
    return writeText(this.#answers, `${text}\n`);
  }

  fail(text: string): Promise<void> {
    return writeText(this.#errors, `${text}\n`);
  }
}

/** The time that a command took goes behind its last line, so that line stays open until `finish`. */
export class TerminalOutput implements Output {
  readonly terminal = true;
  readonly paint: Paint;
  readonly #stream: Writable;
  #lineOpen = false;

  constructor(stream: Writable, paint: Paint) {
    this.#stream = stream;
    this.paint = paint;
  }

  print(text: string): Promise<void> {
    const lead = this.#lineOpen ? "\n" : "";
    this.#lineOpen = true;
    return writeText(this.#stream, lead + text);
  }

  fail(text: string): Promise<void> {
    const colon = text.indexOf(":");
    return this.print(this.paint.bad(text.slice(0, colon)) + text.slice(colon));
  }

  /** Ends the open line with the command's time in ms. */
  async finish(elapsedMs: number): Promise<void> {
    if (!this.#lineOpen) return;
    this.#lineOpen = false;
    await writeText(this.#stream, `  ${this.paint.dim(`(${formatMs(elapsedMs)})`)}\n`);
  }
}

/** A duration for people, three digits of it. */
export function formatMs(ms: number): string {
  return ms < 1_000 ? `${ms.toPrecision(3)} ms` : `${(ms / 1_000).toPrecision(3)} s`;
}

/**
 * Writes text and waits while the stream is full.
 * @throws OutputClosed when the reader has gone away
 */
export function writeText(stream: Writable, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    stream.write(text, (error) => {
      if (error) reject(new OutputClosed("The output was closed.", { cause: error }));
      else resolve();
    });
  });
}
