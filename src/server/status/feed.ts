import { LIMITS } from "../../protocol/limits.js";
import type { StatusEvent } from "../../protocol/messages.js";
import type { Connection } from "../../transport/transport.js";

/** An event before the feed has numbered and dated it. */
export type EventBody = StatusEvent extends infer Event
  ? Event extends StatusEvent
    ? Omit<Event, "type" | "seq" | "time">
    : never
  : never;

/**
 * Hands each event to every subscriber, numbered. Events are encoded once, collected, and leave together for all of them at
 * the next `flush`, so that the cost of watching hangs on the number of events and hardly on that of the watchers.
 *
 * A subscriber that does not read misses events rather than making us hold them: they are counted, and it is told how many
 * as soon as it reads again.
 */
export class StatusFeed {
  readonly #subscribers = new Map<Connection, { missed: number }>();
  #seq = 0;
  /** Lines that wait for the next flush, and how many. */
  #pending = "";
  #pendingCount = 0;

  /** The number of the newest event. */
  get seq(): number {
    return this.#seq;
  }

  get hasSubscribers(): boolean {
    return this.#subscribers.size > 0;
  }

  /** From here on the connection gets every event. */
  subscribe(connection: Connection): void {
    this.flush();
    this.#subscribers.set(connection, { missed: 0 });
  }

  unsubscribe(connection: Connection): void {
    this.#subscribers.delete(connection);
  }

  /** @param time ms since 1970; now if left out */
  emit(body: EventBody, time = Date.now()): void {
    this.#seq += 1;
    if (this.#subscribers.size === 0) return;
    // The head is spliced on as text: one object less to build for every event.
    this.#pending += `{"type":"event","seq":${this.#seq},"time":${time},${JSON.stringify(body).slice(1)}\n`;
    this.#pendingCount += 1;
    if (this.#pending.length >= LIMITS.feedBatchCharsMax) this.flush();
  }

  /** Sends what was collected; call it every few ten ms. */
  flush(): void {
    if (this.#pendingCount === 0) return;
    const lines = this.#pending;
    const count = this.#pendingCount;
    this.#pending = "";
    this.#pendingCount = 0;
    for (const [connection, subscriber] of this.#subscribers) {
      if (connection.queuedBytes > LIMITS.subscriberQueueBytesMax) {
        subscriber.missed += count;
        continue;
      }
      if (subscriber.missed > 0) {
        connection.send({ type: "gap", missed: subscriber.missed });
        subscriber.missed = 0;
      }
      connection.sendLine(lines);
    }
  }
}
