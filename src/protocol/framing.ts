import { RingkvError } from "./errors.js";

const NEWLINE = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const NOTHING = new Uint8Array(0);

/**
 * Bytes in, lines out: the decoder of newline-delimited JSON, with no socket in it.
 *
 * It survives any chunking, `\r\n`, a character cut in two by a chunk border, invalid UTF-8 (refused, never replaced) and
 * lines over the limit (skipped to their end in constant memory). After every refused line the framing is intact, so the
 * connection goes on with the next one.
 */
export class LineDecoder {
  readonly #frameBytesMax: number;
  readonly #utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  /** The start of a line whose newline has not come yet: the first #pendingBytes of #pending. */
  #pending: Uint8Array = NOTHING;
  #pendingBytes = 0;
  readonly #keepsEmptyLines: boolean;
  /** Inside a line that is already over the limit and was already refused. */
  #skipping = false;

  /**
   * @param frameBytesMax the longest line taken, in bytes without its newline
   * @param keepsEmptyLines an empty line is a line like any other; messages have none
   */
  constructor(frameBytesMax: number, { keepsEmptyLines = false } = {}) {
    this.#frameBytesMax = frameBytesMax;
    this.#keepsEmptyLines = keepsEmptyLines;
  }

  /** The bytes held back for a line that has not ended yet. */
  get pendingBytes(): number {
    return this.#pendingBytes;
  }

  /** A line has begun and not ended, kept or not. */
  get isMidLine(): boolean {
    return this.#skipping || this.#pendingBytes > 0;
  }

  /** The line that has begun is over the limit: it was refused, and what comes of it is dropped. */
  get isSkipping(): boolean {
    return this.#skipping;
  }

  /**
   * Takes the next bytes of the stream and returns what they complete, in order: a line's text without its line end, or the
   * error (`BAD_FRAME`, `FRAME_TOO_LARGE`) that answers a refused line. Empty lines are no frames.
   */
  push(chunk: Uint8Array): (string | RingkvError)[] {
    const frames: (string | RingkvError)[] = [];
    let start = 0;
    const first = chunk.indexOf(NEWLINE);
    if (first === -1) {
      this.#keep(chunk, frames);
      return frames;
    }
    if (this.#skipping || this.#pendingBytes > 0) {
      this.#endPending(chunk.subarray(0, first), frames);
      start = first + 1;
    }
    const last = chunk.lastIndexOf(NEWLINE);
    if (last >= start) this.#decodeLines(chunk.subarray(start, last), frames);
    if (last + 1 < chunk.length) this.#keep(chunk.subarray(last + 1), frames);
    return frames;
  }

  /** Ends the stream: a last line without a newline counts as a line. */
  end(): (string | RingkvError)[] {
    const frames: (string | RingkvError)[] = [];
    if (this.#skipping || this.#pendingBytes > 0) this.#endPending(NOTHING, frames);
    return frames;
  }

  #keep(part: Uint8Array, frames: (string | RingkvError)[]): void {
    if (this.#skipping) return;
    // One byte more than the limit may still be the `\r` of a line end.
    const needed = this.#pendingBytes + part.length;
    if (needed > this.#frameBytesMax + 1) {
      this.#forgetPending();
      this.#skipping = true;
      frames.push(this.#tooLarge());
      return;
    }
    if (needed > this.#pending.length) {
      const grown = new Uint8Array(Math.max(needed, 2 * this.#pending.length));
      grown.set(this.#pending.subarray(0, this.#pendingBytes));
      this.#pending = grown;
    }
    this.#pending.set(part, this.#pendingBytes);
    this.#pendingBytes = needed;
  }

  #endPending(tail: Uint8Array, frames: (string | RingkvError)[]): void {
    if (!this.#skipping) this.#keep(tail, frames);
    if (this.#skipping) {
      this.#skipping = false;
      return;
    }
    this.#decodeLine(this.#pending.subarray(0, this.#pendingBytes), frames);
    this.#forgetPending();
  }

  #forgetPending(): void {
    this.#pending = NOTHING;
    this.#pendingBytes = 0;
  }

  /** Several whole lines at once: one decode for all of them, and line by line only when something is wrong. */
  #decodeLines(bytes: Uint8Array, frames: (string | RingkvError)[]): void {
    if (bytes.length <= this.#frameBytesMax) {
      const text = this.#decode(bytes);
      if (text !== undefined) {
        for (const line of text.split("\n")) this.#pushLine(line, frames);
        return;
      }
    }
    let start = 0;
    while (start <= bytes.length) {
      const newline = bytes.indexOf(NEWLINE, start);
      const end = newline === -1 ? bytes.length : newline;
      this.#decodeLine(bytes.subarray(start, end), frames);
      start = end + 1;
    }
  }

  #decodeLine(line: Uint8Array, frames: (string | RingkvError)[]): void {
    const length = line.at(-1) === CARRIAGE_RETURN ? line.length - 1 : line.length;
    if (length > this.#frameBytesMax) {
      frames.push(this.#tooLarge());
      return;
    }
    const text = this.#decode(line);
    if (text === undefined) frames.push(new RingkvError("BAD_FRAME", "The line is not valid UTF-8."));
    else this.#pushLine(text, frames);
  }

  #pushLine(line: string, frames: (string | RingkvError)[]): void {
    const text = line.endsWith("\r") ? line.slice(0, -1) : line;
    if (text.length > 0 || this.#keepsEmptyLines) frames.push(text);
  }

  #decode(bytes: Uint8Array): string | undefined {
    try {
      return this.#utf8.decode(bytes);
    } catch (error) {
      if (error instanceof TypeError) return undefined;
      throw error;
    }
  }

  #tooLarge(): RingkvError {
    return new RingkvError("FRAME_TOO_LARGE", `The line is longer than ${this.#frameBytesMax.toString()} bytes.`);
  }
}

/** The line that carries one message. */
export function encodeFrame(message: object): string {
  return `${JSON.stringify(message)}\n`;
}
