import { Writable } from "node:stream";

/** Ink also hides and shows the cursor; it ends with an empty write, whose callback it waits for, and in CI with a line feed. */
const NO_FRAMES = ["\u001b[?25l", "\u001b[?25h", "", "\n"];

/**
 * What Ink takes for its stdout (render's option `stdout`, with `debug: true`): a terminal of a given size that hands each frame,
 * lines of text with SGR sequences, to a callback instead of showing it. Ink writes in the middle of React's commit, so the
 * callback must not render.
 */
export class StandIn extends Writable {
  readonly isTTY = true;
  columns: number;
  rows: number;
  readonly #onFrame: (frame: string) => void;

  constructor(columns: number, rows: number, onFrame: (frame: string) => void) {
    super({ decodeStrings: false });
    this.columns = columns;
    this.rows = rows;
    this.#onFrame = onFrame;
  }

  /** As Ink's options want it; of a WriteStream Ink uses no more than what is here. */
  get stdout(): NodeJS.WriteStream {
    return this as unknown as NodeJS.WriteStream;
  }

  /** Gives it another size: Ink lays out anew and writes a frame at once, though not with `CI` in the environment. */
  resize(columns: number, rows: number): void {
    if (columns === this.columns && rows === this.rows) return;
    this.columns = columns;
    this.rows = rows;
    this.emit("resize");
  }

  override _write(chunk: unknown, _encoding: BufferEncoding, done: () => void): void {
    if (typeof chunk === "string" && !NO_FRAMES.includes(chunk)) this.#onFrame(chunk);
    done();
  }
}
