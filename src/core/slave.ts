import { type ErrorCode, RingkvError } from "../protocol/errors.js";
import type { OpId, SlaveId } from "../protocol/ids.js";
import { LIMITS } from "../protocol/limits.js";
import type { FromSlave, ParticipantState, Prepare, ToSlave } from "../protocol/messages.js";
import { type CacheFigures, SetAssociativeCache } from "./cache.js";
import { readCachePage } from "./cache-page.js";
import type { KeyHash } from "./hash.js";
import type { LogRecord, PreparedRecord } from "./log-record.js";
import type { Store, StoreWrite, Versioned } from "./store.js";
import { type Lsn, Participant, type ParticipantEffects } from "./two-phase-commit/participant.js";

/**
 * A slave without its sockets and disks: the participant, the write-through cache over the store, and the rule that exactly
 * one master connection is obeyed at a time.
 *
 * A connection counts from the moment its `hello` is accepted; it must name this slave, and come from the master that holds
 * the newest epoch accepted so far, or from one of a newer epoch. From then on every earlier connection is closed and unheard, and the report that answers the hello is
 * made only when the epoch is on disk: no older master can add to it afterwards.
 */
export class SlaveCore {
  readonly participant: Participant;
  readonly #identity: SlaveIdentity;
  readonly #store: Store;
  readonly #cache: SetAssociativeCache<Versioned>;
  readonly #hash: KeyHash;
  readonly #observer: SlaveObserver | undefined;
  #active: Session | undefined;
  /** The PREPARE that is being looked at: a vote no leaves no record to tell it from. */
  #preparing: Prepare | undefined;

  constructor(options: SlaveOptions, recovered: Iterable<LogRecord>, effects: SlaveEffects, observer?: SlaveObserver) {
    this.#observer = observer;
    this.#identity = options.identity;
    this.#store = options.store;
    this.#hash = options.hash;
    this.#cache = new SetAssociativeCache(options.cacheSets, options.cacheWays);
    this.participant = new Participant(recovered, {
      append: (record, urgency) => effects.append(record, urgency),
      refusalOf: (record) => effects.refusalOf(record),
      send: (message) => {
        this.#active?.port.send(message);
        if (message.type === "ready") this.#observer?.votedYes(message.opId);
        else if (message.type === "abort" && this.#preparing !== undefined) {
          this.#observer?.votedNo(this.#preparing, message.code, message.message);
        }
      },
      holds: (key) => this.#read(key) !== undefined,
      apply: (write) => this.#apply(write),
    });
  }

  /** A peer has connected to the slave's port; nothing is believed of it before its hello. */
  openSession(port: SessionPort): Session {
    return new Session(
      port,
      (session, message) => this.#receive(session, message),
      (session) => this.#closed(session),
    );
  }

  /** Everything up to this record is on disk. */
  durable(lsn: Lsn): void {
    this.participant.durable(lsn);
  }

  /** What the cache has done and holds. */
  get cacheFigures(): CacheFigures {
    return this.#cache.figures;
  }

  /** Cached entries of one set, front to back. */
  cacheEntries(set: number): ReturnType<SetAssociativeCache<Versioned>["entries"]> {
    return this.#cache.entries(set);
  }

  #receive(session: Session, message: ToSlave): void {
    if (message.type === "hello") this.#hello(session, message);
    else if (session !== this.#active) throw new RingkvError("UNAUTHORIZED", "Say hello first.");
    else this.#obey(session, message);
  }

  #hello(session: Session, { epoch, masterId, slaveId: addressee }: Hello): void {
    const { slaveId, storeId } = this.#identity;
    if (addressee !== slaveId) {
      this.#refuse(session, "BAD_REQUEST", `This is slave ${slaveId}, not ${addressee}.`);
      return;
    }
    const previous = this.#active;
    // As the EPOCH record has it, which is on disk when the welcome leaves.
    const { newest } = this.participant;
    const accepted = this.participant.openEpoch(epoch, masterId, () => {
      for (const entry of this.participant.openOps) session.port.send(entry);
      session.port.send({ type: "welcome", epoch, slaveId, storeId, newest, keys: this.#store.size });
    });
    if (!accepted) {
      const { epochSeen } = this.participant;
      const why = epoch === epochSeen ? "belongs to another master" : `is older than ${epochSeen}`;
      this.#refuse(session, "STALE_EPOCH", `Epoch ${epoch} ${why}.`);
      return;
    }
    this.#active = session;
    if (previous !== undefined && previous !== session) previous.port.close();
  }

  #refuse(session: Session, code: "BAD_REQUEST" | "STALE_EPOCH", message: string): void {
    session.port.send({ type: "refused", code, message, epochSeen: this.participant.epochSeen });
    session.port.close();
  }

  #obey(session: Session, message: Exclude<ToSlave, Hello>): void {
    switch (message.type) {
      case "putreq":
      case "delreq": {
        this.#preparing = message;
        this.participant.prepare(message);
        this.#preparing = undefined;
        return;
      }
      case "commit": {
        this.#decide(message.opId, "committed");
        return;
      }
      case "abort": {
        this.#decide(message.opId, "aborted");
        return;
      }
      case "forget": {
        this.participant.forget(message.opId);
        this.#observer?.forgot(message.opId);
        return;
      }
      case "getreq": {
        session.port.send(this.#get(message.id, message.key));
        return;
      }
      case "cachereq": {
        const { id } = message;
        session.port.send({ type: "cache", id, ...readCachePage(this.#cache, message, LIMITS.cachePageBytesMax) });
        return;
      }
      case "keysreq":
        return void session.port.listKeys(message);
      case "copiesreq":
        return void session.port.listCopies(message);
      case "failpoint":
        session.port.arm(message);
    }
  }

  #decide(opId: OpId, outcome: "committed" | "aborted"): void {
    const before = this.participant.stateOf(opId);
    this.participant.decide(opId, outcome);
    this.#observer?.decided(opId, outcome, before);
  }

  #get(id: number, key: string): FromSlave {
    let found: Versioned | undefined;
    try {
      found = this.#read(key);
    } catch (error) {
      if (!(error instanceof RingkvError)) throw error;
      return { type: "resp", id, code: error.code, message: error.message };
    }
    if (found === undefined) return { type: "resp", id, code: "KEY_NOT_FOUND", message: "Key does not exist" };
    return { type: "resp", id, value: found.value, opId: found.opId };
  }

  #read(key: string): Versioned | undefined {
    const cached = this.#cache.get(key);
    if (cached !== undefined) return cached;
    const stored = this.#store.get(key);
    if (stored !== undefined && stored.value.length <= LIMITS.cachedValueBytesMax) this.#cacheIt(key, stored);
    return stored;
  }

  #apply(write: StoreWrite): void {
    const { key, value, opId } = write;
    this.#store.apply(write);
    if (value === undefined || value.length > LIMITS.cachedValueBytesMax) this.#cache.delete(key);
    else this.#cacheIt(key, { value, opId });
  }

  #cacheIt(key: string, entry: Versioned): void {
    this.#cache.put(this.#cache.setOf(this.#hash(key)), key, entry);
  }

  #closed(session: Session): void {
    if (session !== this.#active) return;
    this.#active = undefined;
    this.participant.closeEpoch();
  }
}

/** One peer's connection to the slave's port. */
export class Session {
  readonly port: SessionPort;
  readonly #receive: (session: Session, message: ToSlave) => void;
  readonly #closed: (session: Session) => void;

  constructor(
    port: SessionPort,
    receive: (session: Session, message: ToSlave) => void,
    closed: (session: Session) => void,
  ) {
    this.port = port;
    this.#receive = receive;
    this.#closed = closed;
  }

  /** @throws RingkvError when the peer may not send this; the shell answers by closing the connection */
  receive(message: ToSlave): void {
    this.#receive(this, message);
  }

  /** The connection is gone. */
  close(): void {
    this.#closed(this);
  }
}

/** What a session needs of its connection. */
export interface SessionPort {
  send(message: FromSlave): void;
  /** Sends what is queued and ends the connection. */
  close(): void;
  /** Lists keys from the store and sends the answer; not part of the core since a listing takes its time. */
  listKeys(request: Extract<ToSlave, { type: "keysreq" }>): Promise<void>;
  /** The same with versions and digests. */
  listCopies(request: Extract<ToSlave, { type: "copiesreq" }>): Promise<void>;
  /** Arms a failpoint of the process and answers. */
  arm(request: Extract<ToSlave, { type: "failpoint" }>): void;
}

type Hello = Extract<ToSlave, { type: "hello" }>;

export type SlaveEffects = Pick<ParticipantEffects, "append" | "refusalOf">;

/** Who watches what a slave does for its master. It changes nothing, and is told of a step when it has been taken. */
export interface SlaveObserver {
  /** The vote yes leaves: PREPARED is forced. */
  votedYes(opId: OpId): void;
  /** The vote no leaves: there is no record of the op. */
  votedNo(prepare: Prepare, code: ErrorCode, message: string): void;
  /** @param before how far the op had come here; undefined when there was no record of it */
  decided(opId: OpId, outcome: "committed" | "aborted", before: ParticipantState | undefined): void;
  /** The outcome need not be remembered any more. */
  forgot(opId: OpId): void;
}

/** An op as an observer may look it up. */
export type ToldOp = Pick<PreparedRecord, "kind" | "key" | "value">;

export interface SlaveIdentity {
  readonly slaveId: SlaveId;
  /** Names the store; a lost or swapped disk shows by another one. */
  readonly storeId: string;
}

export interface SlaveOptions {
  readonly identity: SlaveIdentity;
  readonly store: Store;
  readonly hash: KeyHash;
  readonly cacheSets: number;
  readonly cacheWays: number;
}
