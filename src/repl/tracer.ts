import type { WatchItem } from "../client/watch-status.js";
import type { Snapshot, StatusEvent } from "../protocol/messages.js";
import type { Cluster } from "./cluster.js";
import { layOut } from "./table.js";
import { quote } from "./tokenize.js";

type OpEvent = Extract<StatusEvent, { event: "op" }>;
type CacheEvent = Extract<StatusEvent, { event: "cache" }>;

/** Events of keys that nobody asks for are let go of beyond this. */
const EVENTS_KEPT = 1_000;

/** How long the rest of an op is waited for, in ms: its acks come with the slaves' next force, the feed's events 20 ms later. */
const REST_MS = 400;

/** Follows what the cluster does, to tell after a command which messages it made flow. */
export class Tracer {
  readonly #closing = new AbortController();
  readonly #following: Promise<void>;
  #events: (OpEvent | CacheEvent)[] = [];
  #names = new Map<string, string>();
  #onEvent: (() => void) | undefined;

  private constructor(cluster: Cluster, onReady: () => void) {
    this.#following = this.#follow(cluster.watch(this.#closing.signal), onReady);
  }

  /** Resolves when the feed is there. @throws the signal's reason */
  static async open(cluster: Cluster, signal: AbortSignal): Promise<Tracer> {
    return new Promise((resolve, reject) => {
      const onAbort = () => {
        tracer.close();
        reject(signal.reason as Error);
      };
      const tracer = new Tracer(cluster, () => {
        signal.removeEventListener("abort", onAbort);
        resolve(tracer);
      });
      signal.addEventListener("abort", onAbort, { once: true });
    });
  }

  close(): void {
    this.#closing.abort();
    void this.#following;
  }

  /** A command on a key begins; what is of that key from now on is its own. */
  begin(): void {
    this.#events = [];
  }

  /** What happened to the key since `begin`, one message a line; waits a moment for what is still on its way. */
  async tell(kind: "get" | "put" | "del", key: string): Promise<string> {
    const isWhole = () =>
      this.#events.some((event) =>
        kind === "get"
          ? event.event === "cache" && event.key === key
          : event.event === "op" && event.phase === "settled",
      );
    const deadline = performance.now() + REST_MS;
    while (!isWhole() && performance.now() < deadline) await this.#nextEvent(deadline - performance.now());
    const events = this.#events.filter((event) => event.key === key);
    if (events.length === 0) return "trace: the feed told nothing of it (under load it tells a sample)";
    return layOut(events.map((event) => (event.event === "op" ? this.#opLine(event) : this.#cacheLine(event))));
  }

  async #follow(items: AsyncIterable<WatchItem>, onReady: () => void): Promise<void> {
    for await (const item of items) {
      if (item.type === "snapshot") {
        this.#learnNames(item.slaves);
        onReady();
      }
      if (item.type !== "event") continue;
      if (item.event === "ring") this.#learnNames(item.slaves);
      if (item.event !== "op" && item.event !== "cache") continue;
      this.#events.push(item);
      if (this.#events.length > EVENTS_KEPT) this.#events = this.#events.slice(-EVENTS_KEPT / 2);
      this.#onEvent?.();
    }
  }

  #learnNames(slaves: Snapshot["slaves"]): void {
    this.#names = new Map(slaves.map(({ id, name }) => [id, name]));
  }

  #nextEvent(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#onEvent = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  #opLine({ opId, phase, ms, kind, key, slave, replicas, outcome, code }: OpEvent): readonly string[] {
    const who = this.#names.get(slave ?? "") ?? slave ?? "";
    const both = (replicas ?? []).map((id) => this.#names.get(id) ?? id).join(", ");
    const text = {
      begin: `PREPARE ${kind} ${quote(key)} → ${both}`,
      "in-doubt": `${kind} ${quote(key)} is in doubt: ${both}`,
      vote: `${who} votes ${outcome === "commit" ? "yes" : "no"}`,
      decision: `decision: ${outcome ?? ""}`,
      answered: code === undefined ? "the client is told: OK" : `the client is told: ${code}`,
      ack: `${who} acknowledges`,
      settled: "settled: both may forget it",
    }[phase];
    return [`${ms.toFixed(1).padStart(8)} ms`, opId, text];
  }

  #cacheLine({ action, set, key }: CacheEvent): readonly string[] {
    const text = {
      hit: `the master's cache has it (set ${set})`,
      miss: `not in the master's cache (set ${set}): a slave is asked`,
      fill: `${quote(key)} enters the master's cache (set ${set})`,
      evict: `${quote(key)} leaves the master's cache (set ${set})`,
    }[action];
    return ["", "cache", text];
  }
}
