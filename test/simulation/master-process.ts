import { HASHES } from "../../src/core/hash.js";
import { MasterCore, type MasterObserver } from "../../src/core/master.js";
import { Ring } from "../../src/core/ring.js";
import { EPOCH_NONE, type Epoch, type SlaveId, nextEpoch } from "../../src/protocol/ids.js";
import { type ToSlave, type Unresolved, decodeMessage, fromSlave } from "../../src/protocol/messages.js";
import type { Random } from "../random.js";
import type { EventQueue } from "./event-queue.js";
import { Link } from "./link.js";
import type { SlaveProcess } from "./slave-process.js";

const TICK_MS = 20;
const HEARTBEAT_TIMEOUT_MS = 3_000;

/** The master: a process that dies and comes back with a higher epoch, which is all that its disk keeps. */
export class MasterProcess {
  readonly #queue: EventQueue;
  readonly #random: Random;
  readonly #ring: Ring;
  readonly #observer: MasterObserver;
  #epoch: Epoch = EPOCH_NONE;
  #core: MasterCore | undefined;
  #links = new Map<SlaveId, Link>();

  constructor(slaves: readonly SlaveId[], queue: EventQueue, random: Random, observer: MasterObserver) {
    this.#queue = queue;
    this.#random = random;
    this.#ring = new Ring(slaves);
    this.#observer = observer;
  }

  /** Undefined while it is down. */
  get core(): MasterCore | undefined {
    return this.#core;
  }

  get ring(): Ring {
    return this.#ring;
  }

  start(): void {
    if (this.#core !== undefined) return;
    this.#epoch = nextEpoch(this.#epoch);
    const core = new MasterCore(
      {
        epoch: this.#epoch,
        hash: HASHES.xxh64,
        cacheSets: 2,
        cacheWays: 1,
        prepareTimeoutMs: 500,
        readTimeoutMs: 200,
        serial: false,
      },
      { send: (slave, message) => this.#send(slave, message) },
      this.#observer,
    );
    this.#core = core;
    core.completeRing(this.#ring);
    core.tick(this.#queue.nowMs);
    const tick = () => {
      if (this.#core !== core) return;
      core.tick(this.#queue.nowMs);
      this.#queue.after(TICK_MS, tick);
    };
    this.#queue.after(TICK_MS, tick);
  }

  crash(): void {
    if (this.#core === undefined) return;
    this.#core = undefined;
    for (const link of this.#links.values()) link.break(2);
    this.#links = new Map();
  }

  /** A slave registers: the master drops what it had with it, connects to its port and says hello. */
  register(slave: SlaveProcess): void {
    const core = this.#core;
    if (core === undefined) return;
    this.#lose(slave.id);
    const report: Unresolved[] = [];
    const isCurrent = () => this.#core === core && this.#links.get(slave.id) === link;
    const end = {
      receive: (line: string) => {
        if (!isCurrent()) return;
        const message = decodeMessage(fromSlave, line);
        if (message.type === "unresolved") report.push(message);
        else if (message.type === "welcome") core.link(slave.id, report);
        else if (message.type === "refused") throw new Error(`the newest master was refused: ${message.message}`);
        else core.receive(slave.id, message);
      },
      closed: () => {
        if (isCurrent()) this.#lose(slave.id);
      },
    };
    const link: Link = new Link(this.#queue, this.#random, [
      end,
      { receive: (line) => accepted.receive(line), closed: () => accepted.closed() },
    ]);
    const accepted = slave.accept(link);
    this.#links.set(slave.id, link);
    link.send(0, { type: "hello", epoch: this.#epoch, masterId: `m${this.#epoch}`, slaveId: slave.id });
    this.#watch(slave, link);
  }

  /** The network between the master and a slave breaks. */
  cut(slave: SlaveId, noticeMs: number): void {
    this.#links.get(slave)?.break(noticeMs);
  }

  /** Without heartbeats the slave is suspect, then down. */
  #watch(slave: SlaveProcess, link: Link): void {
    let silentSinceMs: number | undefined;
    const look = () => {
      const core = this.#core;
      if (core === undefined || this.#links.get(slave.id) !== link) return;
      if (!slave.isFrozen) {
        if (silentSinceMs !== undefined) core.setSuspect(slave.id, false);
        silentSinceMs = undefined;
      } else {
        silentSinceMs ??= this.#queue.nowMs;
        const silentMs = this.#queue.nowMs - silentSinceMs;
        if (silentMs > HEARTBEAT_TIMEOUT_MS) {
          this.#lose(slave.id);
          return;
        }
        if (silentMs > HEARTBEAT_TIMEOUT_MS / 2) core.setSuspect(slave.id, true);
      }
      this.#queue.after(250, look);
    };
    this.#queue.after(250, look);
  }

  #lose(slave: SlaveId): void {
    const link = this.#links.get(slave);
    if (link === undefined) return;
    this.#links.delete(slave);
    link.drop(0);
    this.#core?.unlink(slave);
  }

  #send(slave: SlaveId, message: ToSlave): void {
    this.#links.get(slave)?.send(0, message);
  }
}
