import { Writable } from "node:stream";

/** Answers on their way to a terminal whose last rows are someone's line: they are printed above it. */
export class AnswerStream extends Writable {
  readonly #print: (stream: AnswerStream, text: string, done: (error?: Error | null) => void) => void;
  /** Its last line is not ended, though the terminal's is. */
  isCut = false;

  constructor(print: (stream: AnswerStream, text: string, done: (error?: Error | null) => void) => void) {
    super({ decodeStrings: false });
    this.#print = print;
    // The writer is told by its callback.
    this.on("error", () => undefined);
  }

  override _write(chunk: string | Uint8Array, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#print(this, typeof chunk === "string" ? chunk : Buffer.from(chunk).toString(), done);
  }
}
