import type { ByteSink, OnAnswer, WireSession } from "../../src/bench/generator/wire.js";

const NEWLINE = 0x0a;
const BULK = 0x24;
const INTEGER = 0x3a;
const ERROR = 0x2d;

/** One client's conversation with Redis (RESP 2). With `waits`, each SET has a WAIT 1 behind it, in the same write. */
export class RedisSession implements WireSession {
  readonly #sink: ByteSink;
  readonly #onAnswer: OnAnswer;
  readonly #waits: boolean;
  #text = "";
  /** Replies that each request under way still gets, the oldest first. */
  readonly #repliesLeft: number[] = [];
  #failure: string | undefined;
  /** The start of a reply's line. */
  #pending: Buffer | undefined;
  /** Bytes of a value that are still to come, with its line end; and the value's size. */
  #valueLeft = 0;
  #valueBytes = 0;

  constructor(sink: ByteSink, onAnswer: OnAnswer, waits: boolean) {
    this.#sink = sink;
    this.#onAnswer = onAnswer;
    this.#waits = waits;
  }

  put(key: string, value: string): void {
    this.#text += `*3\r\n$3\r\nSET\r\n$${key.length}\r\n${key}\r\n$${value.length}\r\n${value}\r\n`;
    if (this.#waits) this.#text += "*3\r\n$4\r\nWAIT\r\n$1\r\n1\r\n$5\r\n10000\r\n";
    this.#repliesLeft.push(this.#waits ? 2 : 1);
  }

  get(key: string): void {
    this.#text += `*2\r\n$3\r\nGET\r\n$${key.length}\r\n${key}\r\n`;
    this.#repliesLeft.push(1);
  }

  flush(): void {
    if (this.#text !== "") this.#sink.write(this.#text, "latin1");
    this.#text = "";
  }

  take(chunk: Buffer): void {
    const bytes = this.#pending === undefined ? chunk : Buffer.concat([this.#pending, chunk]);
    this.#pending = undefined;
    let at = 0;
    while (at < bytes.length) {
      if (this.#valueLeft > 0) {
        const taken = Math.min(this.#valueLeft, bytes.length - at);
        at += taken;
        this.#valueLeft -= taken;
        if (this.#valueLeft === 0) this.#reply(undefined, this.#valueBytes);
        continue;
      }
      const end = bytes.indexOf(NEWLINE, at);
      if (end === -1) {
        this.#pending = bytes.subarray(at);
        return;
      }
      this.#line(bytes[at] ?? 0, bytes.toString("latin1", at + 1, end - 1));
      at = end + 1;
    }
  }

  #line(type: number, text: string): void {
    if (type === BULK && text !== "-1") {
      this.#valueBytes = Number(text);
      this.#valueLeft = this.#valueBytes + 2;
    } else if (type === BULK) this.#reply("KEY_NOT_FOUND", 0);
    else if (type === ERROR) this.#reply(text.split(" ")[0], 0);
    else this.#reply(type === INTEGER && text === "0" ? "NOT_REPLICATED" : undefined, 0);
  }

  #reply(failure: string | undefined, bytes: number): void {
    this.#failure ??= failure;
    const left = (this.#repliesLeft[0] ?? 1) - 1;
    this.#repliesLeft[0] = left;
    if (left > 0) return;
    this.#repliesLeft.shift();
    const first = this.#failure;
    this.#failure = undefined;
    this.#onAnswer(first, bytes);
  }
}
