/** The wire of ringkv, and of the bare servers that speak like it: a JSON object a line, answered in order. */
import type { ByteSink, OnAnswer, WireSession } from "./wire.js";

const NEWLINE = 0x0a;
const FAILURE_MARK = '"code":"';
/** A line that tells of a failure is shorter. */
const FAILURE_BYTES_MAX = 8_192;

export function openSession(socket: ByteSink, onAnswer: OnAnswer): WireSession {
  return new LineSession(socket, onAnswer);
}

class LineSession implements WireSession {
  readonly #socket: ByteSink;
  readonly #onAnswer: OnAnswer;
  #text = "";
  /** The start of a line whose end has not come. */
  #pending: Buffer[] = [];
  #pendingBytes = 0;

  constructor(socket: ByteSink, onAnswer: OnAnswer) {
    this.#socket = socket;
    this.#onAnswer = onAnswer;
  }

  put(key: string, value: string): void {
    this.#text += `{"type":"putreq","key":"${key}","value":"${value}"}\n`;
  }

  get(key: string): void {
    this.#text += `{"type":"getreq","key":"${key}"}\n`;
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
      else this.#onAnswer(isClean ? undefined : failureIn(chunk.subarray(start, end)), end - start);
      start = end + 1;
    }
    if (start < chunk.length) {
      this.#pending.push(chunk.subarray(start));
      this.#pendingBytes += chunk.length - start;
    }
  }

  #endPending(tail: Buffer): void {
    const bytes = this.#pendingBytes + tail.length;
    const failure = bytes > FAILURE_BYTES_MAX ? undefined : failureIn(Buffer.concat([...this.#pending, tail], bytes));
    this.#pending = [];
    this.#pendingBytes = 0;
    this.#onAnswer(failure, bytes);
  }
}

/** The code of a line that tells of a failure. */
function failureIn(line: Buffer): string | undefined {
  if (line.length > FAILURE_BYTES_MAX) return undefined;
  return /"code":"([A-Z_]+)"/.exec(line.toString("latin1"))?.[1];
}
