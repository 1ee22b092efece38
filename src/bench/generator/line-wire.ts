/** The wire of ringkv, and of the bare servers that speak like it: a JSON object a line, without an `id`, answered in order. */
import type { ByteSink, OnAnswer, WireSession } from "./wire.js";

const NEWLINE = 0x0a;
const FAILURE_MARK = '"code":"';
/** A line that tells of a failure is shorter. */
const FAILURE_BYTES_MAX = 8_192;
/** What stands before the number of an answer to a request that has one. */
const NUMBER_MARK = '{"type":"resp","id":';
const ZERO = 0x30;

export function openSession(socket: ByteSink, onAnswer: OnAnswer): WireSession {
  return new LineSession(socket, onAnswer);
}

/** Lines of requests and answers. */
export class LineSession implements WireSession {
  readonly #socket: ByteSink;
  readonly #onAnswer: OnAnswer;
  readonly #isNumbered: boolean;
  #sent = 0;
  #text = "";
  /** The start of a line whose end has not come. */
  #pending: Buffer[] = [];
  #pendingBytes = 0;

  /** @param isNumbered requests carry their number as `id`, so that each is answered as soon as it is done */
  constructor(socket: ByteSink, onAnswer: OnAnswer, isNumbered = false) {
    this.#socket = socket;
    this.#onAnswer = onAnswer;
    this.#isNumbered = isNumbered;
  }

  put(key: string, value: string): void {
    this.#text += `{"type":"putreq",${this.#number()}"key":"${key}","value":"${value}"}\n`;
  }

  get(key: string): void {
    this.#text += `{"type":"getreq",${this.#number()}"key":"${key}"}\n`;
  }

  flush(): void {
    if (this.#text === "") return;
    this.#socket.write(this.#text, "latin1");
    this.#text = "";
  }

  take(chunk: Buffer): void {
    // One search says that no line of the chunk tells of a failure, as good as always.
    const isClean = chunk.indexOf(FAILURE_MARK, 0, "latin1") === -1;
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, start)) {
      if (this.#pendingBytes > 0) this.#endPending(chunk.subarray(start, end));
      else {
        const failure = isClean ? undefined : failureIn(chunk.subarray(start, end));
        this.#onAnswer(failure, end - start, this.#isNumbered ? numberIn(chunk, start) : undefined);
      }
      start = end + 1;
    }
    if (start < chunk.length) {
      this.#pending.push(chunk.subarray(start));
      this.#pendingBytes += chunk.length - start;
    }
  }

  /** The next request's number, as a field. */
  #number(): string {
    return this.#isNumbered ? `"id":${this.#sent++},` : "";
  }

  #endPending(tail: Buffer): void {
    const bytes = this.#pendingBytes + tail.length;
    const head = Buffer.concat([...this.#pending, tail], Math.min(bytes, FAILURE_BYTES_MAX));
    this.#pending = [];
    this.#pendingBytes = 0;
    const failure = bytes > FAILURE_BYTES_MAX ? undefined : failureIn(head);
    this.#onAnswer(failure, bytes, this.#isNumbered ? numberIn(head, 0) : undefined);
  }
}

/** The code of a line that tells of a failure. */
function failureIn(line: Buffer): string | undefined {
  if (line.length > FAILURE_BYTES_MAX) return undefined;
  return /"code":"([A-Z_]+)"/.exec(line.toString("latin1"))?.[1];
}

/** The number of the answer that begins here. */
function numberIn(bytes: Buffer, start: number): number {
  let number = 0;
  for (let at = start + NUMBER_MARK.length; ; at++) {
    const digit = (bytes[at] ?? 0) - ZERO;
    if (digit < 0 || digit > 9) return number;
    number = number * 10 + digit;
  }
}
