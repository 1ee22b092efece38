import { HASHES, type HashName } from "../../core/hash.js";
import { MasterCore } from "../../core/master.js";
import { Ring } from "../../core/ring.js";
import { RingkvError } from "../../protocol/errors.js";
import { type Epoch, type SlaveId, compareDecimals } from "../../protocol/ids.js";
import { DEFAULTS, LIMITS } from "../../protocol/limits.js";
import type {
  Heartbeat,
  LoggedLine,
  RegisterRequest,
  SlaveState,
  Unresolved,
  Welcome,
} from "../../protocol/messages.js";
import type { Connection, Transport } from "../../transport/transport.js";
import { describePeer } from "../access/refusals.js";
import type { MasterFailpoints } from "../failpoints.js";
import type { Log } from "../log.js";
import { StatusFeed } from "../status/feed.js";
import { RefusalCounts } from "../ports/refusal-counts.js";
import { FeedObserver } from "../status/feed-observer.js";
import { LogTail } from "../status/log-tail.js";
import { ProcessControl } from "../status/process-control.js";
import { RequestMeter } from "../status/request-meter.js";
import { AttentiveClock } from "./attentive-clock.js";
import { LinkFaults } from "./link-faults.js";
import { LoadGate } from "./load-gate.js";
import { MasterControl } from "./master-control.js";
import { type MasterAddresses, MasterView } from "./master-view.js";
import { refuseSlave } from "./refusal.js";
import { type MasterRecord, RingRecord } from "./ring-record.js";
import { type Member, Roster } from "./roster.js";
import { SlaveControl } from "./slave-control.js";
import { SlaveLink } from "./slave-link.js";
import { StepMode } from "./step-mode.js";

/** How a master behaves; each is a flag of `ringkv master`. */
export interface MasterSettings {
  /** Slaves of the ring, at least 2, since each key has two copies. */
  readonly slaves: number;
  readonly cacheSets: number;
  readonly cacheWays: number;
  readonly prepareTimeoutMs: number;
  readonly readTimeoutMs: number;
  readonly heartbeatIntervalMs: number;
  readonly heartbeatTimeoutMs: number;
  readonly hash: HashName;
  readonly serial: boolean;
}

/** What a master is made of; everything that touches the outside is handed in. */
export interface MasterParts extends MasterSettings {
  /** What it takes up; its epoch is this master's own and already on disk. */
  readonly record: MasterRecord;
  /** Names this life of the master, and no other one: two masters with one epoch differ by it. */
  readonly masterId: string;
  readonly save: (record: MasterRecord) => Promise<void>;
  /** This life's own; what it dies by ends this master and nothing else. */
  readonly failpoints: MasterFailpoints;
  readonly transport: Transport;
  readonly log: Log;
  readonly version: string;
  /** It must stop at once: another master has taken over, or its state cannot be kept. */
  readonly onFatal: (error: RingkvError) => void;
}

/** Heartbeats missed before a slave is called suspect. */
const SUSPECT_AFTER_HEARTBEATS = 3;
/** Timeouts are as exact as this, and events of the feed wait this long for company at most: no eye sees 20 ms. */
const TICK_MS = 20;
/** How long requests under way may take to end when the master stops. */
const DRAIN_MS = 1_000;

/**
 * The master around its core: the slaves' registrations and links, and the clock. The three ports (client-port,
 * registration-port, status-port) are thin doors into it; what they tell of it is master-view's.
 */
export class Master {
  readonly core: MasterCore;
  readonly meter = new RequestMeter();
  readonly refusals = new RefusalCounts();
  readonly gate: LoadGate;
  readonly feed = new StatusFeed();
  /** Whoever may keep processes is told of like whatever an admin does (audit.ts). */
  readonly control = new ProcessControl((supervisor, slaves) =>
    this.log("info", `supervise: ${slaves.length} slaves are kept [by ${describePeer(supervisor)}]`),
  );
  readonly view: MasterView;
  readonly slaveControl: SlaveControl;
  readonly masterControl: MasterControl;
  readonly stepMode: StepMode;
  readonly faults: LinkFaults;
  /** The master's own lines: to its log, and to the feed. */
  readonly log: Log;
  readonly failpoints: MasterFailpoints;
  readonly #observer: FeedObserver;
  readonly #parts: MasterParts;
  readonly #roster: Roster;
  readonly #record: RingRecord;
  readonly #logs = new LogTail();
  readonly #clock: AttentiveClock;
  readonly #timers: NodeJS.Timeout[] = [];
  stopping = false;

  constructor(parts: MasterParts) {
    this.#parts = parts;
    this.failpoints = parts.failpoints;
    // Half of it: an update that had to wait longer may not be voted for in time.
    this.gate = new LoadGate(this.meter, parts.prepareTimeoutMs / 2);
    this.#clock = new AttentiveClock(parts.heartbeatIntervalMs);
    this.#roster = new Roster(parts.slaves, parts.record.members);
    this.#record = new RingRecord(this.#roster, parts);
    this.log = (level, text) => {
      parts.log(level, text);
      this.#tell({ time: Date.now(), level, text });
    };
    this.#observer = new FeedObserver(this.feed, HASHES[parts.hash], (text) =>
      this.#tell({ time: Date.now(), level: "info", text }),
    );
    this.core = new MasterCore(
      {
        epoch: parts.record.epoch,
        hash: HASHES[parts.hash],
        cacheSets: parts.cacheSets,
        cacheWays: parts.cacheWays,
        prepareTimeoutMs: parts.prepareTimeoutMs,
        readTimeoutMs: parts.readTimeoutMs,
        serial: parts.serial,
      },
      {
        send: (slave, message) => this.#roster.get(slave)?.link?.send(message),
        isBehind: (slave) => this.#isBehind(slave),
      },
      this.#observer,
    );
    this.stepMode = new StepMode({
      find: (slave, opId) => this.core.findOp(slave, opId),
      nameOf: (id) => this.#nameOf(id),
      onChange: (step) => {
        this.feed.emit({ event: "step", step });
        this.feed.flush();
      },
    });
    this.faults = new LinkFaults({
      stepMode: this.stepMode,
      nameOf: (id) => this.#nameOf(id),
      log: this.log,
      cut: (id, reason) => {
        const member = this.#roster.get(id);
        if (member !== undefined) this.#lose(member, reason);
      },
      onChange: (id) => this.#tellSlave(id),
    });
    this.view = new MasterView({
      ...parts,
      stepMode: this.stepMode,
      faults: this.faults,
      epoch: parts.record.epoch,
      core: this.core,
      roster: this.#roster,
      feed: this.feed,
      control: this.control,
      meter: this.meter,
      refusals: this.refusals,
      observer: this.#observer,
      logs: this.#logs,
    });
    this.slaveControl = new SlaveControl({
      view: this.view,
      control: this.control,
      arm: (id, point) => this.#arm(id, point),
      onControlled: (id) => this.#tellSlave(id),
    });
    this.masterControl = new MasterControl(this.control, this.failpoints);
    if (this.#roster.isComplete) this.core.completeRing(this.#ring());
  }

  /** The ports are open: time begins to run. */
  start(addresses: MasterAddresses): void {
    this.view.listening(addresses);
    const { host, port } = addresses.client;
    const text = `the master of epoch ${this.#parts.record.epoch} serves clients at ${host}:${port}`;
    this.#tell({ time: Date.now(), level: "info", text });
    this.core.tick(this.#clock.tick());
    this.#timers.push(
      setInterval(() => this.#tick(this.stepMode.isOn ? this.#clock.standStill() : this.#clock.tick()), TICK_MS),
      setInterval(() => {
        if (!this.feed.hasSubscribers) return;
        this.feed.emit({ event: "metrics", metrics: this.view.metrics(), slaves: this.view.slaveMetrics() });
      }, DEFAULTS.metricsIntervalMs),
    );
  }

  /** Takes no new requests, lets those under way end while that takes no more than a second, and drops the slaves. */
  async stop(): Promise<void> {
    this.stopping = true;
    await new Promise<void>((resolve) => {
      this.#timers.push(setTimeout(resolve, DRAIN_MS));
      void this.meter.idle().then(resolve);
    });
    this.halt();
    this.faults.close();
    for (const member of this.#roster.members) this.#drop(member, "the master stops");
  }

  /** Ends its timers and tells nobody: for a master that counts as dead, so that nothing of it is left. */
  halt(): void {
    this.stopping = true;
    for (const timer of this.#timers) clearInterval(timer);
    this.#observer.close();
  }

  /**
   * A slave registers: it is admitted, then the master connects to its port.
   * @throws RingkvError when it may not join, or this master is not the newest
   */
  register(request: RegisterRequest, registration: Connection): { readonly id: SlaveId; readonly epoch: Epoch } {
    const { epoch } = this.#parts.record;
    if (compareDecimals(request.epochSeen, epoch) > 0) {
      this.#fenced(request.epochSeen);
      throw new RingkvError("STALE_EPOCH");
    }
    const address = { host: request.host ?? registration.peer.host, port: request.port };
    const member = this.#roster.admit(request, address);
    this.#drop(member, "it registered again");
    this.control.registered(member.id);
    member.registration = registration;
    member.address = address;
    member.pid = request.pid;
    member.failpoint = request.failpoint;
    member.heardMs = this.#clock.nowMs;
    this.#setState(member, "joining");
    return { id: member.id, epoch };
  }

  /** The slave was told that it is registered: now the master connects to its port. */
  async link(id: SlaveId, registration: Connection): Promise<void> {
    const member = this.#roster.get(id);
    const address = member?.address;
    if (member === undefined || address === undefined) return;
    const isCurrent = () => member.registration === registration;
    try {
      const link = await SlaveLink.open(
        {
          transport: this.#parts.transport,
          address,
          epoch: this.#parts.record.epoch,
          masterId: this.#parts.masterId,
          slaveId: id,
          storeId: member.storeId,
          failpoints: this.failpoints,
          faults: this.faults,
        },
        {
          onReport: (opened, report, welcome) => {
            if (isCurrent()) void this.#welcomed(member, opened, report, welcome);
            else opened.close("it registered again");
          },
          onMessage: (message) => {
            if (message.type === "ready" || message.type === "abort" || message.type === "resp") member.ops += 1;
            this.core.receive(id, message);
          },
          onFenced: (epochSeen) => this.#fenced(epochSeen),
          onClose: (reason) => {
            if (isCurrent()) this.#lose(member, reason);
          },
        },
      );
      if (!isCurrent()) link.close("it registered again");
    } catch (error) {
      if (!(error instanceof RingkvError)) throw error;
      if (isCurrent()) this.#lose(member, error.message);
    }
  }

  heartbeat(id: SlaveId, registration: Connection, figures: Omit<Heartbeat, "type">): void {
    const member = this.#roster.get(id);
    if (member?.registration !== registration) return;
    member.heardMs = this.#clock.nowMs;
    member.keys = figures.keys ?? member.keys;
    member.cacheHits = figures.cacheHits ?? member.cacheHits;
    member.cacheMisses = figures.cacheMisses ?? member.cacheMisses;
    if (member.state === "suspect") {
      this.core.setSuspect(id, false);
      this.#setState(member, "up");
      this.log("info", `slave ${this.#nameOf(id)} is heard again`);
    }
  }

  /** A line of a slave's log. */
  logLine(slave: SlaveId, { time, level, text }: Omit<LoggedLine, "slave">): void {
    this.#tell({ slave, time, level, text });
  }

  /** A registration connection is gone, and with it its slave. */
  unregister(id: SlaveId, registration: Connection): void {
    const member = this.#roster.get(id);
    if (member?.registration === registration) this.#lose(member, "its registration connection closed");
  }

  #tick(nowMs: number): void {
    this.core.tick(nowMs);
    this.gate.tick();
    this.#observer.tick(nowMs);
    this.feed.flush();
    const { heartbeatIntervalMs, heartbeatTimeoutMs } = this.#parts;
    for (const member of this.#roster.members) {
      if (member.registration === undefined) continue;
      const silentMs = nowMs - member.heardMs;
      if (silentMs > heartbeatTimeoutMs) this.#lose(member, `no heartbeat for ${Math.round(silentMs)} ms`);
      else if (silentMs > SUSPECT_AFTER_HEARTBEATS * heartbeatIntervalMs && member.state === "up") {
        this.core.setSuspect(member.id, true);
        this.#setState(member, "suspect");
        this.log("warn", `slave ${this.#nameOf(member.id)} is suspect: silent for ${Math.round(silentMs)} ms`);
      }
    }
  }

  #tell(line: LoggedLine): void {
    this.#logs.add(line);
    const { slave, time, level, text } = line;
    this.feed.emit({ event: "log", ...(slave !== undefined && { slave }), level, text }, time);
  }

  #isBehind(slave: SlaveId): boolean {
    const queuedBytes = this.#roster.get(slave)?.link?.queuedBytes ?? 0;
    if (queuedBytes <= LIMITS.linkQueueBytesMax) return false;
    this.refusals.count("slowSlave");
    return true;
  }

  /** As people call it; while a ring forms without a supervisor, its ID, for its place is not known yet. */
  #nameOf(id: SlaveId): string {
    const slaves = this.view.slaves();
    const name = slaves.find((slave) => slave.id === id)?.name;
    return name === undefined || slaves.length < this.#roster.size ? id : name;
  }

  /** A slave's report is whole: it is linked, if its disk is not an old copy. */
  async #welcomed(member: Member, link: SlaveLink, report: readonly Unresolved[], welcome: Welcome): Promise<void> {
    const { id } = member;
    member.link = link;
    member.keys = welcome.keys;
    // Until then the slave may have been dropped, and may even have come back on another link.
    if (!(await this.#record.linked(member)) || member.link !== link) return;
    if (!this.core.link(id, report, welcome.newest)) {
      this.#dismiss(
        member,
        `Slave ${id} comes with an old copy of its disk, which lacks what it has voted for or acknowledged since; its newest op is ${welcome.newest}. Start it on the disk that it had.`,
      );
      return;
    }
    this.#setState(member, "up");
    const { host, port } = member.address ?? { host: "", port: 0 };
    this.log("info", `slave ${this.#nameOf(id)} is up at ${host}:${port}, ${report.length} ops open`);
    void this.#completeRing();
  }

  /** A slave's disk may never come back: it is told so, and ends. */
  #dismiss(member: Member, why: string): void {
    this.#drop(member, why, (registration) => refuseSlave(registration, new RingkvError("STORAGE", why)));
    this.#withdraw(member);
  }

  /** Has a running slave die at a point. @throws RingkvError REPLICA_DOWN, TIMEOUT, BAD_REQUEST */
  #arm(id: SlaveId, point: string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.core.ask(id, { type: "failpoint", point }, (result) => {
        if (!result.ok) {
          reject(new RingkvError(result.code, result.message));
          return;
        }
        const member = this.#roster.get(id);
        if (member !== undefined) member.failpoint = point;
        this.#tellSlave(id);
        resolve();
      });
    });
  }

  /** A slave is gone; while the ring is still forming its place is free again. */
  #lose(member: Member, reason: string): void {
    this.#drop(member, reason);
    this.#withdraw(member);
  }

  #withdraw(member: Member): void {
    if (this.#roster.isFrozen) return;
    this.#roster.withdraw(member);
    this.core.withdraw(member.id);
  }

  #drop(member: Member, reason: string, leave = (registration: Connection) => registration.destroy()): void {
    const { link, registration } = member;
    if (registration === undefined) return;
    member.link = undefined;
    member.registration = undefined;
    member.pid = undefined;
    member.failpoint = undefined;
    link?.close(reason);
    this.faults.leave(member.id, registration, () => leave(registration));
    this.core.unlink(member.id);
    this.#setState(member, "down");
    if (!this.stopping) this.log("warn", `slave ${this.#nameOf(member.id)} is down: ${reason}`);
  }

  #setState(member: Member, state: SlaveState): void {
    if (member.state === state) return;
    member.state = state;
    this.#tellSlave(member.id);
    this.slaveControl.stateChanged();
  }

  #tellSlave(id: SlaveId): void {
    const slave = this.view.slave(id);
    if (slave !== undefined) this.feed.emit({ event: "slave", slave });
  }

  /** Once all members are linked for the first time, the ring is fixed: written down, then served. */
  async #completeRing(): Promise<void> {
    if (this.#roster.isFrozen || !this.#roster.isComplete) return;
    const { members } = this.#roster;
    if (!members.every(({ id }) => this.core.isLinked(id))) return;
    if (!(await this.#record.complete())) return;
    this.core.completeRing(this.#ring());
    this.feed.emit({ event: "ring", complete: true, slaves: this.view.slaves() });
    this.log("info", `the ring of ${members.length} is complete`);
  }

  #ring(): Ring {
    return new Ring(this.#roster.members.map(({ id }) => id));
  }

  /** A slave obeys another master, of a newer epoch or of the same: this one stops; its next life takes a higher epoch. */
  #fenced(epochSeen: Epoch): void {
    const why = `A slave has seen epoch ${epochSeen} of another master, and this one has ${this.#parts.record.epoch}: a second one was started, or the data directory is an old one. Started again, it takes a newer epoch.`;
    this.stopping = true;
    void this.#record.fenced(epochSeen, why).then((isWritten) => {
      if (isWritten) this.#parts.onFatal(new RingkvError("STALE_EPOCH", why));
    });
  }
}
