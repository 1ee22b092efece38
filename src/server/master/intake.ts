import type { RingkvError } from "../../protocol/errors.js";
import { LIMITS } from "../../protocol/limits.js";
import type { Connection } from "../../transport/transport.js";

/** A line of a client, or the error that answers a refused one. */
export type Frame = string | RingkvError;

/** What a value of this many bytes may take as an answer besides its text. */
const ANSWER_OVERHEAD_BYTES = 256;

/**
 * How much of a client's input is taken: only so many requests, and only so many bytes of them and their answers, are under way
 * at once. What was read beyond that waits here, which is a chunk at most, and everything else in the client's own system.
 *
 * How long an answer to a read will be nobody knows before it comes. So each is taken for as long as the longest of the newest
 * ones: the first few for as long as can be, then, where values are small, for little.
 */
export class Intake {
  readonly #connection: Connection;
  readonly #take: (frame: Frame) => void;
  /** What was read and not taken, from #next on. */
  #waiting: readonly Frame[] = [];
  #next = 0;
  #owed = 0;
  #owedBytes = 0;
  #readBytes: number = LIMITS.valueBytesMax;
  #isTaking = false;
  #isPaused = false;
  #hasEnded = false;
  /** Runs while the client is not read because of what it has sent. */
  #rest: NodeJS.Timeout | undefined;

  /** @param take handles one frame: calls `begun` with what it will cost, and `done` with the same once it is answered */
  constructor(connection: Connection, take: (frame: Frame) => void) {
    this.#connection = connection;
    this.#take = take;
  }

  push(frames: readonly Frame[]): void {
    this.#waiting = this.#next < this.#waiting.length ? [...this.#waiting.slice(this.#next), ...frames] : frames;
    this.#next = 0;
    this.regulate();
  }

  /** What the answer to a read is taken for, in bytes. */
  get readBytes(): number {
    return this.#readBytes;
  }

  /** A read was answered with a value of this length. */
  wasRead(length: number): void {
    this.#readBytes = Math.max(length + ANSWER_OVERHEAD_BYTES, this.#readBytes - (this.#readBytes >> 3));
  }

  /** A line of this length was refused: for a long one its sender is not read for a while. */
  refused(chars: number): void {
    if (chars <= LIMITS.refusedCharsFree) return;
    clearTimeout(this.#rest);
    this.#rest = setTimeout(
      () => {
        this.#rest = undefined;
        this.regulate();
      },
      (1_000 * chars) / LIMITS.refusedCharsPerSecond,
    );
  }

  begun(bytes: number): void {
    this.#owed += 1;
    this.#owedBytes += bytes;
  }

  done(bytes: number): void {
    this.#owed -= 1;
    this.#owedBytes -= bytes;
    this.regulate();
  }

  /** Takes what may be taken; then reads on, or does not, by what is under way and what the client has not taken yet. */
  regulate(): void {
    if (this.#isTaking) return;
    this.#isTaking = true;
    while (this.#next < this.#waiting.length && !this.#isFull) {
      const frame = this.#waiting[this.#next];
      this.#next += 1;
      if (frame !== undefined) this.#take(frame);
    }
    this.#isTaking = false;
    const isWaiting = this.#next < this.#waiting.length;
    if (!isWaiting) this.#waiting = NOTHING;
    this.#pauseIf(isWaiting || this.#isFull);
    if (this.#hasEnded && !isWaiting && this.#owed === 0) this.#connection.end();
  }

  /** The client has said all: its connection ends with its last answer. */
  end(): void {
    this.#hasEnded = true;
    this.regulate();
  }

  /** The connection is gone: nothing more is begun. */
  close(): void {
    this.#waiting = NOTHING;
    this.#next = 0;
    clearTimeout(this.#rest);
  }

  get #isFull(): boolean {
    return (
      this.#rest !== undefined ||
      this.#owed >= LIMITS.requestsInFlightMax ||
      this.#owedBytes >= LIMITS.requestsInFlightBytesMax ||
      this.#connection.queuedBytes >= LIMITS.writeQueueBytesMax
    );
  }

  #pauseIf(isFull: boolean): void {
    if (isFull === this.#isPaused) return;
    this.#isPaused = isFull;
    if (isFull) this.#connection.pause();
    else this.#connection.resume();
  }
}

const NOTHING: readonly Frame[] = [];
