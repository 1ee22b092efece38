import { LIMITS } from "../../protocol/limits.js";
import { encodeFrame } from "../../protocol/framing.js";
import type { StatusEvent } from "../../protocol/messages.js";
import type { Connection } from "../../transport/transport.js";

/** An event before the feed has numbered and dated it. */
export type EventBody = StatusEvent extends infer Event
  ? Event extends StatusEvent
    ? Omit<Event, "type" | "seq" | "time">
    : never
  : never;

/**
 * Hands each event to every subscriber, numbered. A subscriber that does not read misses events rather than making us hold
 * them: they are counted, and it is told how many as soon as it reads again.
 */
export class StatusFeed {
  readonly #subscribers = new Map<Connection, { missed: number }>();
  #seq = 0;
  #tracedInInterval = 0;

  /** The number of the newest event. */
  get seq(): number {
    return this.#seq;
  }

  get hasSubscribers(): boolean {
    return this.#subscribers.size > 0;
  }

  /** From here on the connection gets every event. */
  subscribe(connection: Connection): void {
    this.#subscribers.set(connection, { missed: 0 });
  }

  unsubscribe(connection: Connection): void {
    this.#subscribers.delete(connection);
  }

  emit(body: EventBody): void {
    this.#seq += 1;
    if (this.#subscribers.size === 0) return;
    const line = encodeFrame({ type: "event", seq: this.#seq, time: Date.now(), ...body });
    for (const [connection, subscriber] of this.#subscribers) {
      if (connection.queuedBytes > LIMITS.subscriberQueueBytesMax) {
        subscriber.missed += 1;
        continue;
      }
      if (subscriber.missed > 0) {
        connection.send({ type: "gap", missed: subscriber.missed });
        subscriber.missed = 0;
      }
      connection.sendLine(line);
    }
  }

  /**
   * Whether to tell one more op or cache event in this interval: under load most are left out, so that watching does not
   * slow down what is watched.
   */
  mayTrace(): boolean {
    if (this.#subscribers.size === 0 || this.#tracedInInterval >= LIMITS.tracedPerIntervalMax) return false;
    this.#tracedInInterval += 1;
    return true;
  }

  /** A new interval of `mayTrace` begins. */
  startInterval(): void {
    this.#tracedInInterval = 0;
  }
}
