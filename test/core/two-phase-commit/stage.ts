import { HASHES } from "../../../src/core/hash.js";
import type { LogRecord } from "../../../src/core/log-record.js";
import { MasterCore } from "../../../src/core/master.js";
import { Ring } from "../../../src/core/ring.js";
import { type Session, SlaveCore } from "../../../src/core/slave.js";
import type { Store, StoreWrite, Versioned } from "../../../src/core/store.js";
import { type Epoch, type SlaveId, compareOpIds, nextEpoch } from "../../../src/protocol/ids.js";
import type { FromSlave, ToSlave, Unresolved } from "../../../src/protocol/messages.js";

/**
 * A master and two slaves on a stage, with every message and every force held until the script lets it go: what the
 * transcripts are played on. Both slaves hold every key. A crash loses what was not forced.
 */
export class Stage {
  readonly #lines: string[] = [];
  readonly #slaves = new Map<string, Actor>();
  #epoch = "0" as Epoch;
  #master: MasterCore | undefined;
  #nowMs = 0;
  #client = 0;

  constructor() {
    for (const [index, name] of ["s1", "s2"].entries()) {
      const id = (2n ** 63n * BigInt(index + 1) - 1n).toString() as SlaveId;
      this.#slaves.set(name, new Actor(name, id, (line) => this.#lines.push(line)));
    }
    this.#startMaster();
    this.play("run");
    this.#lines.length = 0;
  }

  /** Does one line of a script and returns what happened, a line each. */
  play(command: string): string[] {
    const [verb = "", subject = "", object = ""] = command.split(" ");
    switch (verb) {
      case "put":
      case "del":
        this.#update(verb, subject, object);
        break;
      case "get":
        this.#get(subject);
        break;
      case "deliver":
        // deliver s1 → what the master sent to it; deliver s1 master → what it sent to the master
        if (object === "master") this.#deliverToMaster(this.#slave(subject));
        else this.#slave(subject).deliver();
        break;
      case "force":
        this.#slave(subject).force();
        break;
      case "cut":
        this.#cut(this.#slave(subject));
        break;
      case "crash":
        if (subject === "master") this.#crashMaster();
        else {
          this.#cut(this.#slave(subject));
          this.#slave(subject).crash();
        }
        break;
      case "restart":
        if (subject === "master") this.#startMaster();
        else {
          this.#slave(subject).start();
          this.#connect(this.#slave(subject));
        }
        break;
      case "connect":
        this.#connect(this.#slave(subject));
        break;
      case "copy":
        this.#slave(subject).copyDisk();
        break;
      case "swap":
        // The copy takes the disk's place, and the disk the copy's.
        this.#slave(subject).swapDisk();
        break;
      case "rival":
        // A second master, which was started on an old copy of the first one's disk, says hello.
        this.#lines.push(`rival -> ${subject}: hello epoch ${this.#epoch}`);
        this.#slave(subject).meetRival({
          type: "hello",
          epoch: this.#epoch,
          masterId: "rival",
          slaveId: this.#slave(subject).id,
        });
        break;
      case "wait":
        this.#nowMs += Number(subject);
        this.#master?.tick(this.#nowMs);
        break;
      case "run":
        this.#runUntilQuiet();
        break;
      case "show":
        this.#show();
        break;
      default:
        throw new Error(`no such stage direction: ${command}`);
    }
    return this.#lines.splice(0);
  }

  #update(kind: "put" | "del", key: string, value: string): void {
    const client = `client ${++this.#client}`;
    this.#lines.push(`${client} -> master: ${kind} ${key}${kind === "put" ? ` ${value}` : ""}`);
    this.#requireMaster().update({ kind, key, value: kind === "put" ? value : undefined }, (result) =>
      this.#lines.push(
        `master -> ${client}: ${result.ok ? `Success ${result.opId}` : `${result.code} ${result.message}`}`,
      ),
    );
  }

  #get(key: string): void {
    const client = `client ${++this.#client}`;
    this.#lines.push(`${client} -> master: get ${key}`);
    this.#requireMaster().get(key, (result) =>
      this.#lines.push(`master -> ${client}: ${result.ok ? `${result.value} (${result.opId})` : result.code}`),
    );
  }

  #deliverToMaster(slave: Actor): void {
    for (const message of slave.toMaster.splice(0)) {
      if (this.#master === undefined) continue;
      if (message.type === "unresolved") slave.report.push(message);
      else if (message.type === "welcome") {
        if (this.#master.link(slave.id, slave.report.splice(0), message.newest)) continue;
        this.#lines.push(`master -> ${slave.name}: refused STORAGE, this is an old copy of its disk`);
        this.#cut(slave);
        slave.crash();
      } else if (message.type === "refused") this.#lines.push(`${slave.name} -> master: refused ${message.code}`);
      else this.#master.receive(slave.id, message);
    }
  }

  #cut(slave: Actor): void {
    this.#lines.push(`master -x- ${slave.name}`);
    slave.disconnect();
    this.#master?.unlink(slave.id);
  }

  #connect(slave: Actor): void {
    if (this.#master === undefined || !slave.isUp) return;
    slave.connect();
    slave.fromMaster.push({ type: "hello", epoch: this.#epoch, masterId: `m${this.#epoch}`, slaveId: slave.id });
    this.#lines.push(`master -> ${slave.name}: hello epoch ${this.#epoch}`);
  }

  #crashMaster(): void {
    this.#lines.push("master: crash");
    this.#master = undefined;
    for (const slave of this.#slaves.values()) slave.disconnect();
  }

  #startMaster(): void {
    this.#epoch = nextEpoch(this.#epoch);
    this.#lines.push(`master: start in epoch ${this.#epoch}`);
    this.#master = new MasterCore(
      {
        epoch: this.#epoch,
        hash: HASHES.xxh64,
        cacheSets: 4,
        cacheWays: 2,
        prepareTimeoutMs: 2_000,
        readTimeoutMs: 1_000,
        serial: false,
      },
      { send: (id, message) => this.#send(id, message), isBehind: () => false },
      {
        opBegan: () => undefined,
        opVoted: () => undefined,
        opDecided: (op, outcome) => this.#lines.push(`master: decide ${outcome} ${op.opId}`),
        opAnswered: () => undefined,
        opAcked: () => undefined,
        opSettled: (op) => this.#lines.push(`master: settled ${op.opId}`),
        cache: () => undefined,
      },
    );
    this.#master.completeRing(new Ring([...this.#slaves.values()].map(({ id }) => id)));
    this.#master.tick(this.#nowMs);
    for (const slave of this.#slaves.values()) this.#connect(slave);
  }

  #send(id: SlaveId, message: ToSlave): void {
    const slave = [...this.#slaves.values()].find((candidate) => candidate.id === id);
    if (slave === undefined) throw new Error(`no slave ${id}`);
    slave.fromMaster.push(message);
    this.#lines.push(`master -> ${slave.name}: ${describe(message)}`);
  }

  #runUntilQuiet(): void {
    const isBusy = (slave: Actor) =>
      slave.isUp && (slave.fromMaster.length > 0 || slave.hasUnforced || (slave.toMaster.length > 0 && this.#master));
    while ([...this.#slaves.values()].some(isBusy)) {
      for (const slave of this.#slaves.values()) {
        if (!slave.isUp) continue;
        slave.deliver();
        if (slave.hasUnforced) slave.force();
        this.#deliverToMaster(slave);
      }
    }
  }

  #show(): void {
    const inDoubt = [...(this.#master?.openOps ?? [])].map((op) => `${op.opId} ${op.state}`);
    this.#lines.push(`master: open ops: ${inDoubt.join(", ") || "none"}`);
    for (const slave of this.#slaves.values()) this.#lines.push(slave.describe());
  }

  #slave(name: string): Actor {
    const slave = this.#slaves.get(name);
    if (slave === undefined) throw new Error(`no slave ${name} on this stage`);
    return slave;
  }

  #requireMaster(): MasterCore {
    if (this.#master === undefined) throw new Error("the master is down");
    return this.#master;
  }
}

/** One slave: its core, its disk, and the messages on their way. */
class Actor {
  readonly name: string;
  readonly id: SlaveId;
  readonly fromMaster: ToSlave[] = [];
  readonly toMaster: FromSlave[] = [];
  readonly report: Unresolved[] = [];
  readonly #note: (line: string) => void;
  #disk: LogRecord[] = [];
  #forced = 0;
  #copy: LogRecord[] = [];
  #store = new MapStore();
  #core: SlaveCore | undefined;
  #session: Session | undefined;

  constructor(name: string, id: SlaveId, note: (line: string) => void) {
    this.name = name;
    this.id = id;
    this.#note = note;
    this.start();
  }

  get isUp(): boolean {
    return this.#core !== undefined;
  }

  get hasUnforced(): boolean {
    return this.#forced < this.#disk.length;
  }

  start(): void {
    this.#note(`${this.name}: start`);
    this.#store = new MapStore();
    this.#core = new SlaveCore(
      {
        identity: { slaveId: this.id, storeId: `store of ${this.name}` },
        store: this.#store,
        hash: HASHES.xxh64,
        cacheSets: 4,
        cacheWays: 2,
      },
      this.#disk,
      {
        append: (record) => {
          this.#note(`${this.name}: append ${describeRecord(record)}`);
          return this.#disk.push(record);
        },
        refusalOf: () => undefined,
      },
    );
    this.#core.durable(this.#forced);
  }

  crash(): void {
    this.#note(`${this.name}: crash, loses ${this.#disk.length - this.#forced} unforced`);
    this.#disk = this.#disk.slice(0, this.#forced);
    this.#core = undefined;
  }

  copyDisk(): void {
    this.#note(`${this.name}: its disk is copied`);
    this.#copy = this.#disk.slice(0, this.#forced);
  }

  swapDisk(): void {
    this.#note(`${this.name}: its disk and the copy change places`);
    [this.#disk, this.#copy] = [this.#copy, this.#disk];
    this.#forced = this.#disk.length;
  }

  meetRival(hello: ToSlave): void {
    const session = this.#core?.openSession({
      send: (message) => this.#note(`${this.name} -> rival: ${describe(message)}`),
      close: () => undefined,
      listKeys: () => Promise.resolve(),
      listCopies: () => Promise.resolve(),
      arm: () => undefined,
    });
    session?.receive(hello);
    session?.close();
  }

  connect(): void {
    this.#session = this.#core?.openSession({
      send: (message) => {
        this.toMaster.push(message);
        this.#note(`${this.name} -> master: ${describe(message)}`);
      },
      close: () => undefined,
      listKeys: () => Promise.resolve(),
      listCopies: () => Promise.resolve(),
      arm: () => undefined,
    });
  }

  disconnect(): void {
    this.fromMaster.length = 0;
    this.toMaster.length = 0;
    this.report.length = 0;
    this.#session?.close();
    this.#session = undefined;
  }

  deliver(): void {
    for (const message of this.fromMaster.splice(0)) this.#session?.receive(message);
  }

  force(): void {
    this.#forced = this.#disk.length;
    this.#note(`${this.name}: force`);
    this.#core?.durable(this.#forced);
  }

  describe(): string {
    if (this.#core === undefined) return `${this.name}: down`;
    const open = this.#core.participant.openOps.map(({ opId, state }) => `${opId} ${state}`).join(", ");
    const data = [...this.#store.entries].map(([key, { value, opId }]) => `${key}=${value} (${opId})`).join(", ");
    return `${this.name}: ${data || "empty"}; open ops: ${open || "none"}`;
  }
}

class MapStore implements Store {
  readonly entries = new Map<string, Versioned>();

  get size(): number {
    return this.entries.size;
  }

  get(key: string): Versioned | undefined {
    return this.entries.get(key);
  }

  apply({ key, value, opId }: StoreWrite): void {
    const present = this.entries.get(key);
    if (present !== undefined && compareOpIds(present.opId, opId) >= 0) return;
    if (value === undefined) this.entries.delete(key);
    else this.entries.set(key, { value, opId });
  }

  keys(): Promise<{ keys: string[]; more: boolean }> {
    return Promise.resolve({ keys: [...this.entries.keys()].sort(), more: false });
  }
}

function describe(message: ToSlave | FromSlave): string {
  switch (message.type) {
    case "putreq":
      return `PREPARE ${message.opId} put ${message.key} ${message.value}`;
    case "delreq":
      return `PREPARE ${message.opId} del ${message.key}`;
    case "abort":
      return "code" in message ? `abort ${message.opId} ${message.code}` : `abort ${message.opId}`;
    case "getreq":
      return `get ${message.key}`;
    case "resp":
      return message.value === undefined ? (message.code ?? "resp") : `value ${message.value} (${message.opId ?? ""})`;
    case "unresolved":
      return `unresolved ${message.opId} ${message.state}`;
    case "welcome":
      return `welcome epoch ${message.epoch}`;
    case "hello":
      return `hello epoch ${message.epoch}`;
    case "refused":
      return `refused ${message.code}`;
    case "keysreq":
      return "keys";
    case "cachereq":
    case "cache":
      return "cache";
    case "copiesreq":
    case "copies":
      return "copies";
    case "failpoint":
      return `failpoint ${message.point}`;
    default:
      return `${message.type} ${message.opId}`;
  }
}

function describeRecord(record: LogRecord): string {
  if (record.type === "epoch") return `EPOCH ${record.epoch}`;
  if (record.type === "outcome") return `OUTCOME ${record.opId} ${record.state}`;
  if (record.type !== "prepared") return `${record.type.toUpperCase()} ${record.opId}`;
  return `PREPARED ${record.opId} ${record.kind} ${record.key}${record.kind === "put" ? ` ${record.value}` : ""}`;
}
