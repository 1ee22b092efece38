import type { RingkvError } from "../../src/protocol/errors.js";
import { SlaveFailpoints } from "../../src/server/failpoints.js";
import type { RunningMaster } from "../../src/server/master/running-master.js";
import { Slave } from "../../src/server/slave/slave.js";
import { DiskStore } from "../../src/server/storage/disk-store.js";
import { MemoryFiles } from "../../src/server/storage/memory-files.js";
import { MemoryLibrary } from "../../src/server/storage/memory-library.js";
import { SlaveLog } from "../../src/server/storage/slave-log.js";
import { OpenTransport } from "./attack.js";
import { DATA, IDS, startFuzzedMaster } from "./fuzzed-master.js";

const SEGMENT_BYTES = 524_288;
const LOG_LINES_KEPT = 200;

export interface TargetOptions {
  /** For votes and reads; for heartbeats it is 20 times as long. */
  readonly timeoutMs: number;
}

/** A whole ring in this process, with the shipped daemons, to be attacked. */
export class Target {
  readonly transport: OpenTransport;
  readonly master: RunningMaster;
  readonly slaves: readonly Slave[];
  /** What the daemons wrote to their logs, the newest of it. */
  readonly logLines: string[];
  /** Why daemons had to stop by themselves. */
  readonly fatal: RingkvError[];
  readonly #stores: readonly DiskStore[];

  /**
   * @param options how long the daemons wait for each other
   * @param transport the network; default one of its own
   */
  static async start({ timeoutMs }: TargetOptions, transport = new OpenTransport()): Promise<Target> {
    const logLines: string[] = [];
    const fatal: RingkvError[] = [];
    const log = (level: string, text: string) => {
      logLines.push(`${level} ${text}`);
      if (logLines.length > 2 * LOG_LINES_KEPT) logLines.splice(0, LOG_LINES_KEPT);
    };
    const common = { transport, host: "memory", log, onFatal: (error: RingkvError) => fatal.push(error) };
    const files = new MemoryFiles();
    files.makeDirectory(DATA);
    const master = await startFuzzedMaster({
      ...common,
      files,
      cacheSets: 64,
      cacheWays: 4,
      timeoutMs,
      heartbeatTimeoutMs: 20 * timeoutMs,
    });
    const stores: DiskStore[] = [];
    const slaves: Slave[] = [];
    for (const id of IDS) {
      const library = new MemoryLibrary(`${DATA}/store`, `store-${id}`);
      const store = await DiskStore.open(DATA, {
        openLibrary: () => Promise.resolve(library),
        onFailure: common.onFatal,
      });
      stores.push(store);
      const ownFiles = new MemoryFiles();
      slaves.push(
        await Slave.start({
          ...common,
          id,
          store,
          failpoints: new SlaveFailpoints(() => log("info", "a failpoint was reached")),
          openLog: (handlers) => SlaveLog.open(DATA, { ...handlers, segmentBytes: SEGMENT_BYTES, files: ownFiles }),
          advertise: undefined,
          master: master.addresses.registration,
          cacheSets: 64,
          cacheWays: 4,
          heartbeatIntervalMs: 1_000,
          checkpointBytes: SEGMENT_BYTES,
        }),
      );
    }
    await Promise.all(slaves.map(({ registered }) => registered));
    while (!master.master.view.info().ringComplete) await turn();
    return new Target(transport, master, slaves, stores, logLines, fatal);
  }

  private constructor(
    transport: OpenTransport,
    master: RunningMaster,
    slaves: readonly Slave[],
    stores: readonly DiskStore[],
    logLines: string[],
    fatal: RingkvError[],
  ) {
    this.transport = transport;
    this.master = master;
    this.slaves = slaves;
    this.#stores = stores;
    this.logLines = logLines;
    this.fatal = fatal;
  }

  /** Where each kind of peer connects to; a slave's port is the first one's. */
  portOf(port: Port): number {
    const { client, registration, status } = this.master.addresses;
    const slave = this.slaves[0]?.address.port ?? 0;
    return { client: client.port, registration: registration.port, status: status.port, slave }[port];
  }

  async stop(): Promise<void> {
    this.master.master.halt();
    for (const slave of this.slaves) await slave.stop().catch(() => undefined);
    for (const store of this.#stores) await store.close().catch(() => undefined);
    await this.master.stop();
  }
}

/** The ports that a ring has. */
export const PORTS = ["client", "registration", "slave", "status"] as const;
export type Port = (typeof PORTS)[number];

/** One turn of the event loop. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
