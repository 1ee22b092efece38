import type { RingkvError } from "../protocol/errors.js";
import { LIMITS } from "../protocol/limits.js";
import type { Gap, Snapshot, StatusEvent } from "../protocol/messages.js";

/** What a subscriber gets: a snapshot, then events; a gap where events were dropped. */
export type FeedItem = Snapshot | StatusEvent | Gap;

/**
 * The status feed as a program reads it. Items wait in a bounded queue; for a program that falls behind, events are dropped
 * and counted, here as at the master, because waiting for it would hold up the answers on the same connection.
 */
export class Feed implements AsyncIterableIterator<FeedItem, undefined> {
  readonly #onReturn: () => void;
  readonly #items: FeedItem[] = [];
  #missed = 0;
  readonly #readers: {
    readonly resolve: (result: IteratorResult<FeedItem, undefined>) => void;
    readonly reject: (reason: RingkvError) => void;
  }[] = [];
  #ended = false;
  #failure: RingkvError | undefined;

  /** @param onReturn the program has stopped reading */
  constructor(onReturn: () => void) {
    this.#onReturn = onReturn;
  }

  push(item: FeedItem): void {
    if (this.#ended) return;
    const reader = this.#readers.shift();
    if (reader !== undefined) reader.resolve({ value: item, done: false });
    else if (item.type === "gap") this.#missed += item.missed;
    else if (item.type === "event" && this.#items.length >= LIMITS.feedItemsMax) this.#missed++;
    else {
      this.#flushGap();
      this.#items.push(item);
    }
  }

  /** The feed is over; with a failure the program's loop throws it after the last item. */
  end(failure?: RingkvError): void {
    if (this.#ended) return;
    this.#flushGap();
    this.#ended = true;
    const reader = this.#readers.shift();
    if (reader === undefined) this.#failure = failure;
    else if (failure === undefined) reader.resolve({ value: undefined, done: true });
    else reader.reject(failure);
    for (const { resolve } of this.#readers.splice(0)) resolve({ value: undefined, done: true });
  }

  next(): Promise<IteratorResult<FeedItem, undefined>> {
    if (this.#items.length === 0) this.#flushGap();
    const item = this.#items.shift();
    if (item !== undefined) return Promise.resolve({ value: item, done: false });
    if (this.#failure !== undefined) {
      const failure = this.#failure;
      this.#failure = undefined;
      return Promise.reject(failure);
    }
    if (this.#ended) return Promise.resolve({ value: undefined, done: true });
    return new Promise((resolve, reject) => this.#readers.push({ resolve, reject }));
  }

  return(): Promise<IteratorResult<FeedItem, undefined>> {
    this.#items.length = 0;
    this.#missed = 0;
    this.end();
    this.#onReturn();
    return Promise.resolve({ value: undefined, done: true });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #flushGap(): void {
    if (this.#missed > 0) this.#items.push({ type: "gap", missed: this.#missed });
    this.#missed = 0;
  }
}
