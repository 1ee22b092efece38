import { cpSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { HASHES } from "../../src/core/hash.js";
import { Ring } from "../../src/core/ring.js";
import { Participant } from "../../src/core/two-phase-commit/participant.js";
import { RingkvClient } from "../../src/client/client.js";
import { StatusClient } from "../../src/client/status-client.js";
import type { SlaveId } from "../../src/protocol/ids.js";
import type { Snapshot, Unresolved } from "../../src/protocol/messages.js";
import { FAILPOINT_VARIABLE } from "../../src/server/failpoints.js";
import type { MasterReady } from "../../src/server/master/main.js";
import { DiskStore } from "../../src/server/storage/disk-store.js";
import { SlaveLog } from "../../src/server/storage/slave-log.js";
import { Daemon } from "./cluster.js";

/** The processes; every key of a crash run has the primary for its primary. */
export type ProcessName = "master" | "primary" | "successor";

const SLAVES = { primary: "4611686018427387904", successor: "13835058055282163712" } as const;

/** Far above the time that any step takes to be reached. */
const DEATH_WITHIN_MS = 15_000;

/** One master and two slaves without a supervisor, each of which a test can end, freeze, and start with a failpoint armed. */
export class CrashCluster {
  readonly #directory = mkdtempSync(join(tmpdir(), "ringkv-crash-"));
  readonly #flags: readonly string[];
  readonly #daemons = new Map<ProcessName, Daemon>();
  #addresses: Pick<MasterReady, "client" | "registration" | "status"> | undefined;
  #client: RingkvClient | undefined;
  /** Subscribed from a master's start on, since ops begun before are not told of. */
  #watch: { readonly status: StatusClient; readonly events: ReturnType<StatusClient["subscribe"]> } | undefined;

  private constructor(flags: readonly string[]) {
    this.#flags = flags;
  }

  /** Starts the processes, and ends and removes all when the test ends, however it ends. @param flags the master's */
  static async start(
    t: { teardown(handler: () => Promise<void>): void },
    flags: readonly string[] = [],
  ): Promise<CrashCluster> {
    const cluster = new CrashCluster(flags);
    t.teardown(() => cluster.#remove());
    await cluster.serve("master");
    await Promise.all([cluster.serve("primary"), cluster.serve("successor")]);
    await cluster.settled();
    return cluster;
  }

  /** A client of the master that serves now. */
  get client(): RingkvClient {
    return present(this.#client);
  }

  /** Starts a process that is not running, to die at this failpoint if one is given. */
  start(name: ProcessName, failpoint?: string): Daemon {
    const data = join(this.#directory, name);
    const daemon = new Daemon(
      name === "master" ? this.#masterArguments(data) : this.#slaveArguments(name, data),
      failpoint === undefined ? {} : { [FAILPOINT_VARIABLE]: failpoint },
    );
    this.#daemons.set(name, daemon);
    return daemon;
  }

  /** Starts a process that is not running, and waits until it is ready: a slave is registered, a master is connected to. */
  async serve(name: ProcessName, failpoint?: string): Promise<void> {
    const daemon = this.start(name, failpoint);
    if (name !== "master") {
      await daemon.ready();
      return;
    }
    const { client, registration, status } = await daemon.ready<MasterReady>();
    this.#addresses = { client, registration, status };
    await this.#disconnect();
    const watcher = await StatusClient.connect(status);
    this.#watch = { status: watcher, events: watcher.subscribe() };
    this.#client = await RingkvClient.connect(client);
  }

  /** Ends a process in good order. */
  async stop(name: ProcessName): Promise<void> {
    await present(this.#daemons.get(name)).stop();
  }

  /**
   * Waits for the end of a process that is to die at its failpoint; one that never gets there is asked to end.
   * @returns the signal that ended it, null for none
   */
  async death(name: ProcessName): Promise<NodeJS.Signals | null> {
    const { exited, child } = present(this.#daemons.get(name));
    const timer = setTimeout(() => child.kill("SIGTERM"), DEATH_WITHIN_MS);
    await exited;
    clearTimeout(timer);
    return child.signalCode;
  }

  async kill(name: ProcessName): Promise<void> {
    const { child, exited } = present(this.#daemons.get(name));
    child.kill("SIGKILL");
    await exited;
  }

  /** Copies the disk of a process that is not running. */
  copyDisk(name: ProcessName): void {
    cpSync(join(this.#directory, name), this.#copyOf(name), { recursive: true });
  }

  /** The copy of a disk takes its place, and the disk the copy's, while the process is not running. */
  swapDisk(name: ProcessName): void {
    const disk = join(this.#directory, name);
    const aside = `${disk}.aside`;
    renameSync(disk, aside);
    renameSync(this.#copyOf(name), disk);
    renameSync(aside, this.#copyOf(name));
  }

  freeze(name: ProcessName): void {
    present(this.#daemons.get(name)).child.kill("SIGSTOP");
  }

  thaw(name: ProcessName): void {
    present(this.#daemons.get(name)).child.kill("SIGCONT");
  }

  /** Resolves when both slaves are up, no op is open at the master, and both slaves have been told to forget the last one. */
  async settled(): Promise<void> {
    const { status, events } = present(this.#watch);
    while (!isSettled(await status.snapshot())) {
      const { done } = await events.next();
      if (done === true) throw new Error("the master's status feed has ended before the cluster was settled");
    }
    // Each slave answers a listing, and a link keeps its order: whatever was sent before the question has arrived.
    await this.client.keys().next();
  }

  /** A key of this name whose primary is the process of that name. */
  key(name: string): string {
    const ring = new Ring(Object.values(SLAVES).map((id) => id as SlaveId));
    for (let n = 0; ; n++) {
      const key = `${name} ${n}`;
      if (ring.replicasOf(HASHES.xxh64(key))[0] === SLAVES.primary) return key;
    }
  }

  /** Stops everything in good order and reads what a slave's disk holds. */
  async disks(): Promise<{ readonly primary: DiskContents; readonly successor: DiskContents }> {
    await this.stop("master");
    await Promise.all([this.stop("primary"), this.stop("successor")]);
    const [primary, successor] = await Promise.all([
      readDisk(join(this.#directory, "primary")),
      readDisk(join(this.#directory, "successor")),
    ]);
    return { primary, successor };
  }

  #copyOf(name: ProcessName): string {
    return join(this.#directory, `${name}.copy`);
  }

  #masterArguments(data: string): string[] {
    const port = (name: "client" | "registration" | "status") => (this.#addresses?.[name].port ?? 0).toString();
    const ports = ["--client-port", port("client"), "--registration-port", port("registration")];
    return [
      "master",
      "--supervised",
      "--slaves",
      "2",
      "--data",
      data,
      ...ports,
      "--status-port",
      port("status"),
    ].concat(this.#flags);
  }

  #slaveArguments(name: "primary" | "successor", data: string): string[] {
    const { host, port } = present(this.#addresses).registration;
    return ["slave", "--supervised", "--id", SLAVES[name], "--master", `${host}:${port}`, "--data", data];
  }

  async #disconnect(): Promise<void> {
    await this.#client?.close();
    await this.#watch?.status.close();
  }

  async #remove(): Promise<void> {
    await this.#disconnect();
    for (const { child } of this.#daemons.values()) child.kill("SIGKILL");
    await Promise.all([...this.#daemons.values()].map(({ exited }) => exited));
    rmSync(this.#directory, { recursive: true, force: true });
  }
}

/** What a slave's disk holds after it has stopped. */
export interface DiskContents {
  /** Values with their versions. */
  readonly values: ReadonlyMap<string, { readonly value: string; readonly opId: string }>;
  /** What its log would have it report at the next start. */
  readonly openOps: readonly Unresolved[];
}

async function readDisk(directory: string): Promise<DiskContents> {
  const store = await DiskStore.open(directory);
  const values = new Map<string, { value: string; opId: string }>();
  const { keys } = await store.keys({ prefix: "", after: "", limit: 1_000 });
  for (const key of keys) values.set(key, present(store.get(key)));
  await store.close();
  const handlers = { onDurable: () => undefined, onFailure: fail };
  const { log, records } = await SlaveLog.open(directory, handlers);
  await log.close();
  const effects = { append: fail, send: fail, holds: fail, refusalOf: fail, apply: () => undefined };
  return { values, openOps: new Participant(records, effects).openOps };
}

function isSettled({ info, slaves, unresolved }: Snapshot): boolean {
  return info.ringComplete && slaves.every(({ state }) => state === "up") && unresolved.length === 0;
}

function present<Value>(value: Value | undefined): Value {
  if (value === undefined) throw new Error("the cluster has not started");
  return value;
}

function fail(): never {
  throw new Error("nothing is written to a disk that is only read");
}
