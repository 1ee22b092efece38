import type { WatchItem } from "../../client/watch-status.js";
import { RingkvError } from "../../protocol/errors.js";
import type { Snapshot } from "../../protocol/messages.js";
import { describeSnapshot } from "./snapshot-words.js";

export interface UntilOptions {
  /** Whether the cluster is as one waits for. */
  readonly condition: (snapshot: Snapshot) => boolean;
  readonly withinMs: number;
  /** What happens from now on, beginning with a snapshot; it ends with the signal. */
  readonly watch: (signal: AbortSignal) => AsyncIterable<WatchItem>;
  /** The cluster as it is now. */
  readonly snapshot: (signal: AbortSignal) => Promise<Snapshot>;
  /** Ends the wait with its reason. */
  readonly signal: AbortSignal;
}

/**
 * Waits until a cluster is as it should be. It looks when the feed tells of anything, and never by the clock: once for all that
 * was told since it looked last.
 *
 * @returns the first snapshot for which the condition holds
 * @throws RingkvError TIMEOUT that tells the last state in words; the signal's reason; what the condition throws
 */
export async function until({ condition, withinMs, watch, snapshot, signal }: UntilOptions): Promise<Snapshot> {
  const over = new AbortController();
  const looking = AbortSignal.any([signal, over.signal]);
  const timer = setTimeout(() => over.abort(), withinMs);
  const news = new News(looking);
  const reading = news.read(watch(looking));
  let last = "nothing was heard of the master";
  try {
    while (await news.next()) {
      try {
        const seen = news.takeSnapshot() ?? (await snapshot(looking));
        last = describeSnapshot(seen);
        if (condition(seen)) return seen;
      } catch (error) {
        if (isOver(looking)) break;
        if (!(error instanceof RingkvError) || !error.retriable) throw error;
        last = `the master did not answer: ${error.message}`;
      }
    }
    signal.throwIfAborted();
    throw new RingkvError("TIMEOUT", `It did not come about within ${withinMs} ms. At last: ${last}.`);
  } finally {
    clearTimeout(timer);
    over.abort();
    await reading;
  }
}

/** Tells that something has happened since one looked last. */
class News {
  readonly #signal: AbortSignal;
  #isThere = false;
  #snapshot: Snapshot | undefined;
  #wake: () => void = () => undefined;

  constructor(signal: AbortSignal) {
    this.#signal = signal;
    signal.addEventListener("abort", () => this.#wake(), { once: true });
  }

  async read(items: AsyncIterable<WatchItem>): Promise<void> {
    for await (const item of items) {
      // A snapshot that was not looked at is old with the next event.
      this.#snapshot = item.type === "snapshot" ? item : undefined;
      this.#isThere = true;
      this.#wake();
    }
  }

  /** Waits for news; false when the signal comes first. */
  async next(): Promise<boolean> {
    if (!this.#isThere && !this.#signal.aborted) await new Promise<void>((resolve) => (this.#wake = resolve));
    this.#isThere = false;
    return !this.#signal.aborted;
  }

  /** The snapshot that was the newest news. */
  takeSnapshot(): Snapshot | undefined {
    const snapshot = this.#snapshot;
    this.#snapshot = undefined;
    return snapshot;
  }
}

/** Read anew after each wait. */
function isOver(signal: AbortSignal): boolean {
  return signal.aborted;
}
