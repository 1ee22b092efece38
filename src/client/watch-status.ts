import { setTimeout as pause } from "node:timers/promises";
import { type ErrorCode, RingkvError } from "../protocol/errors.js";
import { Backoff } from "./backoff.js";
import type { FeedItem } from "./feed.js";
import { StatusClient, type StatusClientOptions } from "./status-client.js";

export interface WatchOptions extends Omit<StatusClientOptions, "requestTimeoutMs"> {
  /** Ends the watch, as the end of the loop does. */
  readonly signal?: AbortSignal;
  /** A connection on which nothing comes for so long is given up, in ms; default 5,000. A master tells its counters every 250. */
  readonly silenceMs?: number;
}

/** `silenceMs` of those who name none: many times the interval of the counters, so that a busy machine is not taken for it. */
const SILENCE_MS = 5_000;

/** Reasons that another attempt does not change; for one who was in before, certificates may be renewed. */
const HOPELESS: readonly ErrorCode[] = ["UNAUTHORIZED", "BAD_REQUEST"];

/**
 * What a watcher gets: what the feed tells, and how the connection fares. `connected`: the master answers, and its snapshot
 * follows. `lost`: it does not any more, or not yet; told once, however often connecting again then fails.
 */
export type WatchItem =
  FeedItem | { readonly type: "connected" } | { readonly type: "lost"; readonly error: RingkvError };

/**
 * Watches a cluster for as long as the loop goes on: the status feed, subscribed to again whenever its connection is lost.
 * Each new connection begins with a snapshot, which tells what was missed. It never ends by itself: an address where no master
 * is gives `lost`, and is tried again.
 * @throws RingkvError UNAUTHORIZED when the master does not let us in from the start; BAD_REQUEST for certificates that cannot be
 *   used
 */
export function watchStatus(options: WatchOptions = {}): AsyncIterableIterator<WatchItem, undefined> {
  const ending = new AbortController();
  const end = () => ending.abort();
  options.signal?.addEventListener("abort", end, { once: true });
  if (options.signal?.aborted === true) end();
  const items = watch(options, ending.signal);
  return {
    next: () => items.next(),
    // Aborted first, because a generator takes its return only between two items.
    return: () => {
      options.signal?.removeEventListener("abort", end);
      end();
      return items.return(undefined);
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

async function* watch(options: WatchOptions, signal: AbortSignal): AsyncGenerator<WatchItem, undefined, void> {
  const backoff = new Backoff();
  let isLost = false;
  let wasIn = false;
  while (!isOver(signal)) {
    try {
      for await (const item of watchOnce(options, signal)) {
        if (item.type === "connected") {
          backoff.reset();
          isLost = false;
          wasIn = true;
        }
        yield item;
      }
    } catch (error) {
      if (isOver(signal)) return;
      if (!(error instanceof RingkvError) || (!wasIn && HOPELESS.includes(error.code))) throw error;
      if (!isLost) yield { type: "lost", error };
      isLost = true;
    }
    // Only the signal ends it early.
    await pause(backoff.next(), undefined, { signal }).catch(() => undefined);
  }
}

/** Watches over one connection. @throws RingkvError why there is none (any more); the signal's reason */
async function* watchOnce(options: WatchOptions, signal: AbortSignal): AsyncGenerator<WatchItem, never, void> {
  const { silenceMs = SILENCE_MS } = options;
  const client = await StatusClient.connect({ ...options, signal });
  const close = () => void client.close();
  signal.addEventListener("abort", close, { once: true });
  let isWaiting = false;
  let silence: RingkvError | undefined;
  const silenceTimer = setTimeout(() => {
    // A loop that is slow to ask for the next item is no silence of the master's.
    if (!isWaiting) return;
    silence = new RingkvError("UNAVAILABLE", `The master has said nothing for ${silenceMs} ms.`);
    close();
  }, silenceMs);
  try {
    const feed = client.subscribe();
    for (;;) {
      isWaiting = true;
      silenceTimer.refresh();
      const { value: item } = await feed.next();
      isWaiting = false;
      if (item === undefined) {
        signal.throwIfAborted();
        throw silence ?? client.lost ?? new RingkvError("UNAVAILABLE");
      }
      if (item.type === "snapshot") yield { type: "connected" };
      yield item;
    }
  } finally {
    clearTimeout(silenceTimer);
    signal.removeEventListener("abort", close);
    await client.close();
  }
}

/** Read anew after each wait. */
function isOver(signal: AbortSignal): boolean {
  return signal.aborted;
}
