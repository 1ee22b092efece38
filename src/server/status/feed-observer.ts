import { performance } from "node:perf_hooks";
import type { KeyHash } from "../../core/hash.js";
import type { MasterObserver } from "../../core/master.js";
import type { Op } from "../../core/two-phase-commit/coordinator.js";
import type { Outcome } from "../../core/two-phase-commit/recovery.js";
import type { ErrorCode } from "../../protocol/errors.js";
import type { OpId, SlaveId } from "../../protocol/ids.js";
import { LIMITS } from "../../protocol/limits.js";
import { quotedKey } from "../quoted-key.js";
import { SampledLines } from "../sampled-lines.js";
import type { EventBody, StatusFeed } from "./feed.js";
import { TraceBudget } from "./trace-budget.js";
import { VoteTimes } from "./vote-times.js";

/** What an op's whole way takes: begin, two votes, decision, answered, two acks, settled. */
const EVENTS_OF_OP = 8;
/** So much of the budget may be saved up: a handful of commands typed or scripted at once is told whole. */
const BURST_MS = 1_000;

type OpPhase = Extract<EventBody, { event: "op" }>["phase"];

/** What an event of an op may tell beside its phase. */
interface OpDetails {
  readonly slave?: SlaveId;
  readonly outcome?: Outcome;
  readonly code?: ErrorCode;
}

/** Turns what happens in the master's core into events: an op with all its phases or none, as the budget allows. */
export class FeedObserver implements MasterObserver {
  readonly votes = new VoteTimes();
  readonly #feed: StatusFeed;
  readonly #hash: KeyHash;
  readonly #budget = new TraceBudget(LIMITS.tracedPerSecondMax, BURST_MS);
  readonly #abortLines: SampledLines;
  /** Ops whose every phase is told, and when they began. */
  readonly #traced = new Map<OpId, number>();
  #aborts = 0;

  /** @param tell takes log lines for the feed: on aborts, a sample */
  constructor(feed: StatusFeed, hash: KeyHash, tell: (text: string) => void) {
    this.#feed = feed;
    this.#hash = hash;
    this.#abortLines = new SampledLines("aborts", tell);
  }

  /** Decisions to abort, counted exactly. */
  get aborts(): number {
    return this.#aborts;
  }

  /** @param nowMs any monotone clock's reading */
  tick(nowMs: number): void {
    this.#budget.refill(nowMs);
  }

  close(): void {
    this.#abortLines.close();
  }

  opBegan(op: Op): void {
    const isOwn = op.state === "preparing";
    if (isOwn) this.votes.began(op.opId, readMs);
    if (!this.#feed.hasSubscribers || !this.#budget.take(EVENTS_OF_OP)) return;
    const { opId, kind, key, replicas } = op;
    this.#traced.set(opId, readMs());
    this.#feed.emit({
      event: "op",
      opId,
      phase: isOwn ? "begin" : "in-doubt",
      ms: 0,
      kind,
      key,
      hash: this.#hash(key).toString(),
      replicas: [...replicas],
    });
  }

  opVoted(op: Op, slave: SlaveId, outcome: Outcome): void {
    this.votes.voted(op.opId, slave, readMs);
    this.#tell(op, "vote", { slave, outcome });
  }

  opDecided(op: Op, outcome: Outcome): void {
    this.votes.decided(op.opId);
    if (outcome === "abort") this.#aborts += 1;
    this.#tell(op, "decision", { outcome });
  }

  opAnswered(op: Op, refusal?: { readonly code: ErrorCode; readonly message: string }): void {
    this.#tell(op, "answered", refusal === undefined ? NO_DETAILS : { code: refusal.code });
    if (refusal === undefined || !this.#abortLines.mayTell()) return;
    const { opId, kind, key } = op;
    this.#abortLines.tell(`aborted ${opId} ${kind} ${quotedKey(key)}: ${refusal.code} ${refusal.message}`);
  }

  opAcked(op: Op, slave: SlaveId): void {
    this.#tell(op, "ack", { slave });
  }

  opSettled(op: Op): void {
    this.#tell(op, "settled", NO_DETAILS);
    this.#traced.delete(op.opId);
  }

  cache(action: "hit" | "miss" | "fill" | "evict", set: number, key: string): void {
    if (!this.#feed.hasSubscribers || !this.#budget.take(1)) return;
    this.#feed.emit({ event: "cache", action, set, key, hash: this.#hash(key).toString() });
  }

  #tell({ opId, kind, key }: Op, phase: OpPhase, details: OpDetails): void {
    const beganMs = this.#traced.get(opId);
    if (beganMs === undefined) return;
    const ms = Math.round((readMs() - beganMs) * 1_000) / 1_000;
    this.#feed.emit({ event: "op", opId, phase, ms, kind, key, ...details });
  }
}

const NO_DETAILS: OpDetails = {};

function readMs(): number {
  return performance.now();
}
