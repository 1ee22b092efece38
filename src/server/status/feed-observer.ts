import { performance } from "node:perf_hooks";
import type { KeyHash } from "../../core/hash.js";
import type { MasterObserver } from "../../core/master.js";
import type { Op } from "../../core/two-phase-commit/coordinator.js";
import type { Outcome } from "../../core/two-phase-commit/recovery.js";
import type { ErrorCode } from "../../protocol/errors.js";
import type { OpId, SlaveId } from "../../protocol/ids.js";
import type { EventBody, StatusFeed } from "./feed.js";

type OpPhase = Extract<EventBody, { event: "op" }>["phase"];

/** What an event of an op may tell beside its phase. */
interface OpDetails {
  readonly slave?: SlaveId;
  readonly outcome?: Outcome;
  readonly code?: ErrorCode;
  readonly hash?: string;
  readonly replicas?: [SlaveId, SlaveId];
}

/** Turns what happens in the master's core into events: an op with all its phases or none, as the feed allows. */
export class FeedObserver implements MasterObserver {
  readonly #feed: StatusFeed;
  readonly #hash: KeyHash;
  /** Ops whose every phase is told, and when they began. */
  readonly #traced = new Map<OpId, number>();
  #aborts = 0;

  constructor(feed: StatusFeed, hash: KeyHash) {
    this.#feed = feed;
    this.#hash = hash;
  }

  /** Decisions to abort, counted exactly. */
  get aborts(): number {
    return this.#aborts;
  }

  opBegan(op: Op): void {
    if (!this.#feed.mayTrace()) return;
    this.#traced.set(op.opId, performance.now());
    this.#tell(op, op.state === "in-doubt" ? "in-doubt" : "begin", {
      hash: this.#hash(op.key).toString(),
      replicas: [...op.replicas],
    });
  }

  opVoted(op: Op, slave: SlaveId, outcome: Outcome): void {
    this.#tell(op, "vote", { slave, outcome });
  }

  opDecided(op: Op, outcome: Outcome): void {
    if (outcome === "abort") this.#aborts += 1;
    this.#tell(op, "decision", { outcome });
  }

  opAnswered(op: Op, refusal?: { readonly code: ErrorCode }): void {
    this.#tell(op, "answered", refusal === undefined ? {} : { code: refusal.code });
  }

  opAcked(op: Op, slave: SlaveId): void {
    this.#tell(op, "ack", { slave });
  }

  opSettled(op: Op): void {
    this.#tell(op, "settled", {});
    this.#traced.delete(op.opId);
  }

  cache(action: "hit" | "miss" | "fill" | "evict", set: number, key: string): void {
    if (this.#feed.mayTrace()) {
      this.#feed.emit({ event: "cache", action, set, key, hash: this.#hash(key).toString() });
    }
  }

  #tell({ opId, kind, key }: Op, phase: OpPhase, details: OpDetails): void {
    const beganMs = this.#traced.get(opId);
    if (beganMs === undefined) return;
    const ms = Math.round((performance.now() - beganMs) * 1_000) / 1_000;
    this.#feed.emit({ event: "op", opId, phase, ms, kind, key, ...details });
  }
}
