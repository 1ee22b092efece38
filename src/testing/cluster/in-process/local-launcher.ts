import { nanoid } from "nanoid";
import type { SlaveId } from "../../../protocol/ids.js";
import { MasterFailpoints, SlaveFailpoints } from "../../../server/failpoints.js";
import { RunningMaster } from "../../../server/master/running-master.js";
import { Slave } from "../../../server/slave/slave.js";
import { DiskStore } from "../../../server/storage/disk-store.js";
import { MemoryFiles } from "../../../server/storage/memory-files.js";
import { MemoryLibrary } from "../../../server/storage/memory-library.js";
import { SlaveLog } from "../../../server/storage/slave-log.js";
import type { MasterReady } from "../../../server/supervisor/announcement.js";
import type { KeptProcess, Launcher } from "../../../server/supervisor/kept-process.js";
import type { Address, Transport } from "../../../transport/transport.js";
import { VERSION } from "../../../version.js";
import type { DaemonSettings } from "../options.js";
import { filesOf, libraryOf } from "./life-disk.js";
import { LifeTransport } from "./life-transport.js";
import { type LocalDaemon, LocalProcess, type LocalStart } from "./local-process.js";

/** As connections over the network in memory show it, where hosts do not matter. */
const HOST = "memory";

/** Where every daemon keeps its data, each on its own disk. */
const DATA = "/data";

/**
 * Size of a log segment: two of them are filled with zeros at each slave's first start, so they are as small as the largest
 * record allows with room for a few. So checkpoints come early, too.
 */
const SEGMENT_BYTES = 524_288;

/** A slave's disk. */
interface SlaveDisk {
  readonly files: MemoryFiles;
  readonly library: MemoryLibrary;
}

/** Starts each daemon in this process, over one network and on disks that outlive it. */
export class LocalLauncher implements Launcher {
  readonly #settings: DaemonSettings;
  readonly #slaves: number;
  readonly #network: Transport;
  readonly #masterFiles = new MemoryFiles();
  readonly #disks = new Map<SlaveId, SlaveDisk>();
  readonly #processes = new Set<LocalProcess>();

  /** @param slaves of the ring */
  constructor(settings: DaemonSettings, slaves: number, network: Transport) {
    this.#settings = settings;
    this.#slaves = slaves;
    this.#network = network;
    this.#masterFiles.makeDirectory(DATA);
  }

  master(before: MasterReady | undefined, point?: string): KeptProcess {
    return this.#launch((start) => this.#startMaster(start, before, point));
  }

  slave(id: SlaveId, _name: string, master: Address, point?: string): KeptProcess {
    const disk = this.#disks.get(id) ?? newDisk();
    this.#disks.set(id, disk);
    return this.#launch((start) => this.#startSlave(start, { id, disk, master, point }));
  }

  /** Resolves when nothing of any process is left. */
  async close(): Promise<void> {
    await Promise.all([...this.#processes].map(({ gone }) => gone));
  }

  #launch(start: (given: LocalStart) => Promise<LocalDaemon>): KeptProcess {
    const launched = new LocalProcess(start);
    this.#processes.add(launched);
    void launched.gone.then(() => this.#processes.delete(launched));
    return launched;
  }

  async #startMaster(
    { life, die, onFatal }: LocalStart,
    before: MasterReady | undefined,
    point: string | undefined,
  ): Promise<LocalDaemon> {
    const failpoints = new MasterFailpoints(die);
    failpoints.arm(point);
    const running = await RunningMaster.start({
      ...this.#settings,
      slaves: this.#slaves,
      host: HOST,
      clientPort: before?.client.port ?? 0,
      registrationPort: before?.registration.port ?? 0,
      statusPort: before?.status.port ?? 0,
      data: DATA,
      files: filesOf(life, this.#masterFiles),
      failpoints,
      transport: new LifeTransport(life, this.#network),
      log: () => undefined,
      version: VERSION,
      onFatal,
    });
    return {
      ready: Promise.resolve({
        event: "ready",
        role: "master",
        pid: process.pid,
        epoch: running.epoch,
        ...running.addresses,
      }),
      stop: () => running.stop(),
      abandon: () => {
        running.master.halt();
        return Promise.resolve();
      },
    };
  }

  async #startSlave({ life, die, onFatal }: LocalStart, { id, disk, master, point }: SlaveStart): Promise<LocalDaemon> {
    const { cacheSets, cacheWays, heartbeatIntervalMs } = this.#settings;
    const failpoints = new SlaveFailpoints(die);
    failpoints.arm(point);
    const files = filesOf(life, disk.files);
    const store = await DiskStore.open(DATA, {
      openLibrary: () => Promise.resolve(libraryOf(life, disk.library)),
      onFailure: onFatal,
    });
    try {
      const slave = await Slave.start({
        id,
        store,
        failpoints,
        openLog: (handlers) => SlaveLog.open(DATA, { ...handlers, segmentBytes: SEGMENT_BYTES, files }),
        transport: new LifeTransport(life, this.#network),
        host: HOST,
        advertise: undefined,
        master,
        cacheSets,
        cacheWays,
        heartbeatIntervalMs,
        checkpointBytes: SEGMENT_BYTES,
        log: () => undefined,
        onFatal,
      });
      const { host, port } = slave.address;
      return {
        ready: slave.registered.then(() => ({ event: "ready", role: "slave", pid: process.pid, id, host, port })),
        stop: () => slave.stop(),
        // It finds neither network nor disk any more.
        abandon: () => slave.stop().catch(() => undefined),
      };
    } catch (error) {
      await store.close().catch(() => undefined);
      throw error;
    }
  }
}

/** What one process of a slave is started with. */
interface SlaveStart {
  readonly id: SlaveId;
  readonly disk: SlaveDisk;
  readonly master: Address;
  /** The failpoint at which it dies. */
  readonly point: string | undefined;
}

function newDisk(): SlaveDisk {
  return { files: new MemoryFiles(), library: new MemoryLibrary(`${DATA}/store`, nanoid()) };
}
