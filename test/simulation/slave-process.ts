import { HASHES } from "../../src/core/hash.js";
import type { LogRecord } from "../../src/core/log-record.js";
import { type Session, SlaveCore } from "../../src/core/slave.js";
import type { SlaveId } from "../../src/protocol/ids.js";
import { decodeMessage, toSlave } from "../../src/protocol/messages.js";
import type { Random } from "../random.js";
import { Disk, DiskBackedStore } from "./disk.js";
import type { EventQueue } from "./event-queue.js";
import type { Link } from "./link.js";

/** How long appended records that no one waits for may wait for a force, in ms: as in the real log. */
const RIDE_MS = 5;

/** A slave: a process that dies and comes back, on a disk that stays. The core is the shipped one. */
export class SlaveProcess {
  readonly id: SlaveId;
  readonly disk = new Disk();
  readonly #queue: EventQueue;
  readonly #random: Random;
  #life: Life | undefined;
  /** Stopped by SIGSTOP: what comes in waits, and what was due is late. */
  #isFrozen = false;
  #heldBack: (() => void)[] = [];

  constructor(id: SlaveId, queue: EventQueue, random: Random) {
    this.id = id;
    this.#queue = queue;
    this.#random = random;
  }

  get isUp(): boolean {
    return this.#life !== undefined;
  }

  get isFrozen(): boolean {
    return this.#isFrozen;
  }

  /** Whether it has a connection that it believes in; without one it registers. */
  get isConnected(): boolean {
    return this.#life?.link !== undefined;
  }

  /** What the store holds now. */
  get contents(): ReadonlyMap<string, { readonly value: string; readonly opId: string }> {
    return this.#life?.store.entries ?? new Map<string, never>();
  }

  get openOps(): number {
    return this.#life?.core.participant.openOps.length ?? 0;
  }

  get epochSeen(): string {
    return this.#life?.core.participant.epochSeen ?? "0";
  }

  start(): void {
    if (this.#life === undefined) this.#life = new Life(this.id, this.disk, this.#queue, this.#random, this);
  }

  crash(isPowerCut: boolean): void {
    if (this.#life === undefined) return;
    this.#life.end();
    this.#life.link?.break(2);
    this.#life = undefined;
    this.#isFrozen = false;
    this.#heldBack = [];
    this.disk.crash(this.#random, isPowerCut);
  }

  freeze(): void {
    this.#isFrozen = this.isUp;
  }

  thaw(): void {
    this.#isFrozen = false;
    for (const action of this.#heldBack.splice(0)) this.whenAwake(action);
  }

  /** Does it now, or when the process thaws; never when it dies before. */
  whenAwake(action: () => void): void {
    if (this.#isFrozen) this.#heldBack.push(action);
    else action();
  }

  /** A master has connected. */
  accept(link: Link): { receive(line: string): void; closed(): void } {
    const life = this.#life;
    if (life === undefined) throw new Error("a slave that is down accepts nothing");
    const session = life.openSession(link);
    const ifAlive = (action: () => void) => {
      if (this.#life === life) this.whenAwake(() => this.#life === life && action());
    };
    return {
      receive: (line) => ifAlive(() => session.receive(decodeMessage(toSlave, line))),
      closed: () => ifAlive(() => life.lost(link, session)),
    };
  }
}

/** One life of a slave's process, from start to crash. */
class Life {
  readonly core: SlaveCore;
  readonly store: DiskBackedStore;
  link: Link | undefined;
  readonly #disk: Disk;
  readonly #queue: EventQueue;
  readonly #random: Random;
  readonly #process: SlaveProcess;
  #appended = 0;
  #pending: LogRecord[] = [];
  #isForcing = false;
  #isForceWanted = false;
  #isOver = false;

  constructor(id: SlaveId, disk: Disk, queue: EventQueue, random: Random, process: SlaveProcess) {
    this.#disk = disk;
    this.#queue = queue;
    this.#random = random;
    this.#process = process;
    this.store = new DiskBackedStore(disk);
    this.core = new SlaveCore(
      {
        identity: { slaveId: id, storeId: `store of ${id}` },
        store: this.store,
        hash: HASHES.xxh64,
        cacheSets: 2,
        cacheWays: 1,
      },
      disk.records,
      { append: (record, urgency) => this.#append(record, urgency), refusalOf: () => this.#refusal() },
    );
  }

  end(): void {
    this.#isOver = true;
  }

  openSession(link: Link): Session {
    const session = this.core.openSession({
      send: (message) => link.send(1, message),
      close: () => {
        link.drop(1);
        this.lost(link, session);
      },
      listKeys: () => Promise.resolve(),
    });
    this.link = link;
    return session;
  }

  lost(link: Link, session: Session): void {
    session.close();
    if (this.link === link) this.link = undefined;
  }

  #refusal(): readonly ["STORAGE", string] | undefined {
    return this.#random.next() < 0.02 ? ["STORAGE", "the disk is full for a moment"] : undefined;
  }

  #append(record: LogRecord, urgency: "force" | "ride"): number {
    this.#pending.push(record);
    this.#appended += 1;
    this.#queue.after(urgency === "force" ? 0 : RIDE_MS, () => {
      if (this.#isOver) return;
      this.#process.whenAwake(() => {
        this.#isForceWanted = true;
        this.#force();
      });
    });
    return this.#appended;
  }

  #force(): void {
    if (this.#isForcing || this.#isOver || !this.#isForceWanted || this.#pending.length === 0) return;
    this.#isForcing = true;
    this.#isForceWanted = false;
    this.#disk.write(this.#pending);
    this.#pending = [];
    const lsn = this.#appended;
    const frames = this.#disk.length;
    this.#queue.after(0.1 + this.#random.next() * (this.#random.next() < 0.05 ? 40 : 1), () => {
      if (this.#isOver) return;
      this.#disk.force(frames);
      this.#process.whenAwake(() => {
        if (this.#isOver) return;
        this.#isForcing = false;
        this.core.durable(lsn);
        this.#maybeCheckpoint();
        this.#force();
      });
    });
  }

  /** All that is appended is forced just now, which makes the moment a simple one to cut the log at. */
  #maybeCheckpoint(): void {
    if (this.#pending.length > 0 || this.#random.next() > 0.02) return;
    this.#disk.checkpoint(this.#disk.length, this.core.participant.carriedOver, this.store.entries);
  }
}
