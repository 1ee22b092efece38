import type { ErrorCode } from "../protocol/errors.js";
import type { Epoch, OpId, SlaveId } from "../protocol/ids.js";
import { LIMITS } from "../protocol/limits.js";
import type { FromSlave, ToSlave, Unresolved } from "../protocol/messages.js";
import { type CacheEntry, type CacheFigures, SetAssociativeCache } from "./cache.js";
import { type CachePage, type CachePageRequest, readCachePage } from "./cache-page.js";
import type { KeyHash } from "./hash.js";
import { KeyListing, type KeysResult } from "./key-listing.js";
import { LockTable } from "./lock-table.js";
import type { Replicas } from "./log-record.js";
import { ReplicaReads } from "./replica-reads.js";
import { KEY_NOT_FOUND, type ReadResult, type UpdateResult, failure } from "./result.js";
import type { Ring } from "./ring.js";
import type { SlaveLinks } from "./slave-links.js";
import { type SlaveAnswerResult, type SlaveQuestion, SlaveQuestions } from "./slave-questions.js";
import type { KeysPage, Versioned } from "./store.js";
import { Coordinator, type Op, type Update } from "./two-phase-commit/coordinator.js";
import type { Outcome } from "./two-phase-commit/recovery.js";

/**
 * The master without its sockets: ring, cache, locks, reads and the two-phase-commit coordinator.
 *
 * Every request of a key goes through the read-write lock of the key's cache set, in the order of arrival. A GET holds it
 * shared until it is answered, so no update can fall between a replica's answer and the cache fill. An update holds it alone
 * from before PREPARE to the decision.
 */
export class MasterCore {
  readonly #options: MasterOptions;
  readonly #effects: MasterEffects;
  readonly #observer: MasterObserver;
  readonly #cache: SetAssociativeCache<CachedValue>;
  readonly #locks = new LockTable(LIMITS.lockQueueMax);
  /** With `serial`: the one update at a time of the course; otherwise undefined. */
  readonly #updateGate: LockTable | undefined;
  readonly #coordinator: Coordinator;
  readonly #reads: ReplicaReads;
  readonly #listing: KeyListing;
  readonly #questions: SlaveQuestions;
  readonly #updates = new Map<OpId, PendingUpdate>();
  #ring: Ring | undefined;
  #nextRequestId = 0;

  constructor(options: MasterOptions, effects: MasterEffects, observer: MasterObserver) {
    this.#options = options;
    this.#effects = effects;
    this.#observer = observer;
    this.#cache = new SetAssociativeCache(options.cacheSets, options.cacheWays);
    this.#updateGate = options.serial ? new LockTable(LIMITS.lockQueueMax) : undefined;
    this.#coordinator = new Coordinator(options, {
      send: (slave, message) => effects.send(slave, message),
      onBegan: (op) => observer.opBegan(op),
      onVoted: (op, slave, vote) => observer.opVoted(op, slave, vote),
      onAcked: (op, slave) => observer.opAcked(op, slave),
      onSettled: (op) => observer.opSettled(op),
      onDecided: (op, outcome, own) => this.#decided(op, outcome, own),
      onRefused: (op, code, message) => this.#refused(op, code, message),
    });
    const links: SlaveLinks = {
      isLinked: (slave) => this.#coordinator.isLinked(slave),
      nextRequestId: () => this.#nextRequestId++,
      send: (slave, message) => effects.send(slave, message),
    };
    this.#reads = new ReplicaReads(options.readTimeoutMs, links);
    this.#listing = new KeyListing(options.prepareTimeoutMs, links);
    this.#questions = new SlaveQuestions(options.readTimeoutMs, links);
  }

  get ring(): Ring | undefined {
    return this.#ring;
  }

  /** Ops that are undecided or not acknowledged by both replicas, oldest first. */
  get openOps(): Iterable<Op> {
    return this.#coordinator.openOps;
  }

  get openCount(): number {
    return this.#coordinator.openCount;
  }

  /** An op of this replica that is not settled. */
  findOp(replica: SlaveId, opId: OpId): Op | undefined {
    return this.#coordinator.find(replica, opId);
  }

  isLinked(slave: SlaveId): boolean {
    return this.#coordinator.isLinked(slave);
  }

  /** All members are known: requests are served from here on. */
  completeRing(ring: Ring): void {
    this.#ring = ring;
  }

  /** Where a key lives, whether it exists or not; undefined before the ring is complete. */
  locate(key: string): Location | undefined {
    if (this.#ring === undefined) return undefined;
    const hash = this.#options.hash(key);
    return { hash, set: this.#cache.setOf(hash), replicas: this.#ring.replicasOf(hash) };
  }

  /**
   * What the cache answers for this key at this moment: a `get` that its lock lets pass at once, and that hits. Undefined for
   * every other one: ask `get` then. It changes nothing; whoever answers with it calls `answeredWith`.
   */
  hit(key: string): CacheEntry<CachedValue> | undefined {
    const entry = this.#cache.find(key);
    if (entry === undefined || !this.#locks.isFree(entry.set, "read")) return undefined;
    return this.#coordinator.isInDoubt(key) ? undefined : entry;
  }

  /** A read was answered with what `hit` gave. */
  answeredWith(entry: CacheEntry<CachedValue>): void {
    this.#cache.touch(entry);
    this.#observer.cache("hit", entry.set, entry.key);
  }

  /** Reads a key; `done` is called exactly once, at once when the cache answers. */
  get(key: string, done: (result: ReadResult) => void): void {
    const place = this.locate(key);
    if (place === undefined) {
      done(RING_INCOMPLETE);
      return;
    }
    const { set, replicas } = place;
    const granted = this.#locks.acquire(set, "read", () =>
      this.#read(key, set, replicas, (result) => {
        done(result);
        this.#locks.release(set, "read");
      }),
    );
    if (!granted) done(LOCK_QUEUE_FULL);
  }

  /** Puts or deletes a key; `done` is called exactly once, with the truth as far as anyone can know it. */
  update(update: Update, done: (result: UpdateResult) => void): void {
    const place = this.locate(update.key);
    if (place === undefined) {
      done(RING_INCOMPLETE);
      return;
    }
    const pending: PendingUpdate = { set: place.set, done };
    const granted = this.#locks.acquire(place.set, "write", () => {
      if (this.#updateGate === undefined) this.#begin(update, place.replicas, pending);
      else if (!this.#updateGate.acquire(0, "write", () => this.#begin(update, place.replicas, pending))) {
        this.#locks.release(place.set, "write");
        done(LOCK_QUEUE_FULL);
      }
    });
    if (!granted) done(LOCK_QUEUE_FULL);
  }

  /** Lists keys of the whole ring, a page at a time. */
  keys(page: KeysPage, done: (result: KeysResult) => void): void {
    if (this.#ring === undefined) done(RING_INCOMPLETE);
    else this.#listing.list(this.#ring, page, done);
  }

  /**
   * A slave's report on a new connection has come in whole; reads and new ops may go to it from here on.
   *
   * @param newest the newest op that was ever PREPARED on its disk, as its `welcome` tells
   * @returns false, and nothing is changed, when the slave comes with an old copy of its disk: it must not be let in
   */
  link(slave: SlaveId, report: readonly Unresolved[], newest: OpId): boolean {
    return this.#coordinator.link(slave, report, newest);
  }

  /** A slave has left a ring that is still forming: another one, on another disk, may take its ID. */
  withdraw(slave: SlaveId): void {
    this.#coordinator.withdraw(slave);
  }

  /** A slave's connection is gone; the shell hands on no message of it any more. */
  unlink(slave: SlaveId): void {
    this.#coordinator.unlink(slave);
    this.#reads.unlink(slave);
    this.#listing.unlink(slave);
    this.#questions.unlink(slave);
  }

  /** A linked slave is silent (or has spoken again): reads avoid it while the other replica can answer. */
  setSuspect(slave: SlaveId, isSuspect: boolean): void {
    if (isSuspect) this.#reads.suspect(slave);
    else this.#reads.trust(slave);
  }

  /** A message of a linked slave, from its present connection. */
  receive(slave: SlaveId, message: Exclude<FromSlave, { type: "welcome" | "unresolved" | "refused" }>): void {
    switch (message.type) {
      case "ready":
        this.#coordinator.voteReady(slave, message.opId);
        return;
      case "abort":
        this.#coordinator.voteAbort(slave, message.opId, message.code, message.message);
        return;
      case "ack":
        this.#coordinator.acked(slave, message.opId);
        return;
      case "resp":
        if (this.#reads.answered(slave, message) || this.#questions.answered(slave, message)) return;
        this.#listing.answered(slave, message);
        return;
      case "cache":
      case "copies":
        this.#questions.answered(slave, message);
    }
  }

  /** Moves time on for every timeout; call it every few ten ms. @param nowMs any monotone clock's reading */
  tick(nowMs: number): void {
    this.#coordinator.tick(nowMs);
    this.#reads.tick(nowMs);
    this.#listing.tick(nowMs);
    this.#questions.tick(nowMs);
  }

  /** What the master's own cache has done and holds. */
  get cacheFigures(): CacheFigures {
    return this.#cache.figures;
  }

  /** A page of the master's own cache. */
  cachePage(request: CachePageRequest): CachePage {
    return readCachePage(this.#cache, request, LIMITS.cachePageBytesMax);
  }

  /** Asks one slave; `done` is called exactly once, with REPLICA_DOWN or TIMEOUT where it cannot answer. */
  ask(slave: SlaveId, question: SlaveQuestion, done: (result: SlaveAnswerResult) => void): void {
    this.#questions.ask(slave, question, done);
  }

  /** Entries of one cache set, front to back. */
  cacheEntries(set: number): ReturnType<SetAssociativeCache<Versioned>["entries"]> {
    return this.#cache.entries(set);
  }

  #read(key: string, set: number, replicas: Replicas, done: (result: ReadResult) => void): void {
    if (this.#coordinator.isInDoubt(key)) {
      done(IN_DOUBT);
      return;
    }
    const cached = this.#cache.get(key);
    if (cached !== undefined) {
      this.#observer.cache("hit", set, key);
      done({ ok: true, value: cached.value, opId: cached.opId });
      return;
    }
    this.#observer.cache("miss", set, key);
    const pinned = this.#coordinator.pinned(key);
    if (pinned !== undefined) {
      const { value, opId } = pinned;
      done(value === undefined ? KEY_NOT_FOUND : { ok: true, value, opId });
      return;
    }
    this.#reads.read(key, replicas, (result) => {
      if (result.ok) this.#fill(set, key, { value: result.value, opId: result.opId });
      done(result);
    });
  }

  #begin(update: Update, replicas: Replicas, pending: PendingUpdate): void {
    const down = replicas.find((slave) => !this.#coordinator.isLinked(slave));
    const behind = replicas.find((slave) => this.#effects.isBehind(slave));
    if (this.#coordinator.isInDoubt(update.key)) this.#refuse(pending, IN_DOUBT);
    else if (down !== undefined) {
      this.#refuse(pending, failure("REPLICA_DOWN", `Slave ${this.#describe(down)}, a replica of the key, is down.`));
    } else if (behind !== undefined) {
      const message = `Slave ${this.#describe(behind)}, a replica of the key, does not take its messages.`;
      this.#refuse(pending, failure("OVERLOADED", message));
    } else this.#updates.set(this.#coordinator.begin(update, replicas), pending);
  }

  /** For people. */
  #describe(slave: SlaveId): string {
    return `${this.#ring?.nameOf(slave) ?? ""} (${slave})`;
  }

  /** Nothing was begun: the locks go back and the client hears why. */
  #refuse(pending: PendingUpdate, result: UpdateResult): void {
    pending.done(result);
    this.#release(pending);
  }

  #release(pending: PendingUpdate): void {
    this.#updateGate?.release(0, "write");
    this.#locks.release(pending.set, "write");
  }

  #decided(op: Op, outcome: Outcome, own: boolean): void {
    this.#observer.opDecided(op, outcome);
    if (outcome === "commit") this.#writeThrough(op);
    if (!own) return;
    const pending = this.#updates.get(op.opId);
    if (outcome === "commit") {
      this.#observer.opAnswered(op);
      this.#finish(op, { ok: true, opId: op.opId });
    }
    if (pending !== undefined) this.#release(pending);
  }

  #refused(op: Op, code: ErrorCode, message: string): void {
    this.#observer.opAnswered(op, { code, message });
    this.#finish(op, failure(code, message));
  }

  #finish(op: Op, result: UpdateResult): void {
    const pending = this.#updates.get(op.opId);
    this.#updates.delete(op.opId);
    pending?.done(result);
  }

  #writeThrough(op: Op): void {
    if (op.value === undefined) this.#cache.delete(op.key);
    else this.#fill(this.#cache.setOf(this.#options.hash(op.key)), op.key, { value: op.value, opId: op.opId });
  }

  #fill(set: number, key: string, entry: Versioned): void {
    if (entry.value.length > LIMITS.cachedValueBytesMax) {
      this.#cache.delete(key);
      return;
    }
    const evicted = this.#cache.put(set, key, { value: entry.value, opId: entry.opId, answer: undefined });
    this.#observer.cache("fill", set, key);
    if (evicted !== undefined) this.#observer.cache("evict", set, evicted);
  }
}

export interface MasterOptions {
  readonly epoch: Epoch;
  readonly hash: KeyHash;
  readonly cacheSets: number;
  readonly cacheWays: number;
  /** How long a replica may take to vote, and then how long for one to confirm the abort. */
  readonly prepareTimeoutMs: number;
  /** How long one replica may take to answer a read before the other is asked. */
  readonly readTimeoutMs: number;
  /** One update at a time, as in the course. */
  readonly serial: boolean;
}

export interface MasterEffects {
  /** To the slave's present connection, first in first out. */
  send(slave: SlaveId, message: ToSlave): void;
  /**
   * The slave has not taken so much of what was sent to it that nothing new should be begun with it; asked once for each replica
   * of an update that would be.
   */
  isBehind(slave: SlaveId): boolean;
}

/** Who watches: the status feed, counters, transcripts. It changes nothing. */
export interface MasterObserver {
  opBegan(op: Op): void;
  opVoted(op: Op, slave: SlaveId, vote: Outcome): void;
  opDecided(op: Op, outcome: Outcome): void;
  /** The client is told now: of success when there is no refusal. */
  opAnswered(op: Op, refusal?: { readonly code: ErrorCode; readonly message: string }): void;
  opAcked(op: Op, slave: SlaveId): void;
  opSettled(op: Op): void;
  cache(action: "hit" | "miss" | "fill" | "evict", set: number, key: string): void;
}

/** A key's place: its hash, its cache set at the master, and the two slaves that hold it. */
export interface Location {
  readonly hash: bigint;
  readonly set: number;
  readonly replicas: Replicas;
}

/** A value in the master's cache. */
export interface CachedValue extends Versioned {
  /** For the shell: how it tells this value to clients, once it has. */
  answer: string | undefined;
}

interface PendingUpdate {
  readonly set: number;
  readonly done: (result: UpdateResult) => void;
}

const RING_INCOMPLETE = failure("RING_INCOMPLETE", "Not all slaves of the ring have registered yet.");
/** The very object that such a request is answered with, so that a shell can count it. */
export const LOCK_QUEUE_FULL = failure("OVERLOADED", "Too many requests wait for this key's cache set.");
const IN_DOUBT = failure("IN_DOUBT", "An earlier update of this key is not settled yet.");
