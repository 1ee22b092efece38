import type { MasterObserver } from "../../core/master.js";
import type { Op } from "../../core/two-phase-commit/coordinator.js";
import type { Outcome } from "../../core/two-phase-commit/recovery.js";
import type { OpId, SlaveId } from "../../protocol/ids.js";
import type { Metrics } from "../../protocol/messages.js";
import type { StatusFeed } from "./feed.js";

/** Turns what happens in the master's core into counters, which are exact, and events, which are sampled op by op. */
export class FeedObserver implements MasterObserver {
  readonly #feed: StatusFeed;
  /** Ops whose every phase is told. */
  readonly #traced = new Set<OpId>();
  readonly #counts = { hit: 0, miss: 0, fill: 0, evict: 0 };
  #aborts = 0;

  constructor(feed: StatusFeed) {
    this.#feed = feed;
  }

  get figures(): Pick<Metrics, "aborts" | "cacheHits" | "cacheMisses"> {
    return { aborts: this.#aborts, cacheHits: this.#counts.hit, cacheMisses: this.#counts.miss };
  }

  opBegan(op: Op): void {
    if (!this.#feed.mayTrace()) return;
    this.#traced.add(op.opId);
    const phase = op.state === "in-doubt" ? "in-doubt" : "begin";
    this.#feed.emit(opEvent(op, phase, { replicas: [...op.replicas] }));
  }

  opVoted(op: Op, slave: SlaveId, outcome: Outcome): void {
    if (this.#traced.has(op.opId)) this.#feed.emit(opEvent(op, "vote", { slave, outcome }));
  }

  opDecided(op: Op, outcome: Outcome): void {
    if (outcome === "abort") this.#aborts += 1;
    if (this.#traced.has(op.opId)) this.#feed.emit(opEvent(op, "decision", { outcome }));
  }

  opAcked(op: Op, slave: SlaveId): void {
    if (this.#traced.has(op.opId)) this.#feed.emit(opEvent(op, "ack", { slave }));
  }

  opSettled(op: Op): void {
    if (this.#traced.delete(op.opId)) this.#feed.emit(opEvent(op, "settled", {}));
  }

  cache(action: "hit" | "miss" | "fill" | "evict", set: number, key: string): void {
    this.#counts[action] += 1;
    if (this.#feed.mayTrace()) this.#feed.emit({ event: "cache", action, set, key });
  }
}

function opEvent<Phase extends string, Details extends object>(
  { opId, kind, key }: Op,
  phase: Phase,
  details: Details,
) {
  return { event: "op", phase, opId, kind, key, ...details } as const;
}
