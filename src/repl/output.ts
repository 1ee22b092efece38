import type { Writable } from "node:stream";
import type { Paint } from "./paint.js";

/** Where the answers of commands go. */
export interface Output {
  /** True for a person's terminal: text is made safe to show and may be painted; false keeps values raw. */
  readonly terminal: boolean;
  readonly paint: Paint;
  /**
   * Prints one answer, line end added; resolves when more may be written.
   * @param data the same for programs; without it the text is all there is
   */
  print(text: string, data?: object): Promise<void>;
  /** Prints one error. */
  fail(failure: Failure): Promise<void>;
  /** A statement is over. */
  finish(statement: FinishedStatement): Promise<void>;
}

/** An error as people and programs are told it. */
export interface Failure {
  /** A code of the error table, or one of the REPL's own: SYNTAX, USAGE, EXPECTED, INTERRUPTED. */
  readonly code: string;
  readonly message: string;
}

/** What is known of a statement when it is over. */
export interface FinishedStatement {
  readonly elapsedMs: number;
  /** What its answers are, where a command gives any number of them. */
  readonly list: string | undefined;
}

/** `CODE: message`. */
export function failureText({ code, message }: Failure): string {
  return `${code}: ${message}`;
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

  fail(failure: Failure): Promise<void> {
    return writeText(this.#errors, `${failureText(failure)}\n`);
  }

  finish(): Promise<void> {
    return Promise.resolve();
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

  fail({ code, message }: Failure): Promise<void> {
    return this.print(`${this.paint.bad(code)}: ${message}`);
  }

  /** Ends the open line with the statement's time. */
  async finish({ elapsedMs }: Pick<FinishedStatement, "elapsedMs">): Promise<void> {
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
