import type { FileOperations } from "../../src/server/storage/file-operations.js";
import { Slave } from "../../src/server/slave/slave.js";
import { DiskStore } from "../../src/server/storage/disk-store.js";
import { logDirectoryOf } from "../../src/server/storage/log-directory.js";
import { segmentNumber, segmentPath } from "../../src/server/storage/segment-file.js";
import { SlaveLog } from "../../src/server/storage/slave-log.js";
import type { RingkvError } from "../../src/protocol/errors.js";
import type { SlaveId } from "../../src/protocol/ids.js";
import type { Address } from "../../src/transport/transport.js";
import type { Random } from "../random.js";
import { Disk, type Tear } from "./disk.js";
import { LibraryFiles } from "./library.js";
import type { Observer } from "./observer.js";
import type { Plan } from "./plan.js";
import type { Network } from "./network.js";
import { Life, type World } from "./world.js";

/** What a machine stands in. */
export interface Surroundings {
  readonly world: World;
  readonly random: Random;
  readonly network: Network;
  readonly plan: Plan;
  readonly observer: Observer;
}

/** A slave's disk: the files of its log, and what its store's library keeps. */
export interface SlaveDisk {
  readonly files: Disk;
  readonly library: LibraryFiles;
  /** Where the processes that ran on it listened. */
  readonly addresses: string[];
}

/** How a process ends: its host goes on, or loses power as well. */
export type End = { readonly how: "kill" } | { readonly how: "power"; readonly tear: Tear };

/** Where every daemon keeps its data. */
export const DATA = "/data";

/** A host with the shipped slave on it. The process dies and comes back, the disk stays. */
export class SlaveMachine {
  readonly id: SlaveId;
  readonly host: string;
  disk: SlaveDisk;
  /** The registration port that it is started with. */
  master: Address;
  readonly #around: Surroundings;
  #life: Life | undefined;
  #slave: Slave | undefined;
  #store: DiskStore | undefined;

  constructor(id: SlaveId, name: string, master: Address, around: Surroundings) {
    this.id = id;
    this.host = name;
    this.master = master;
    this.#around = around;
    this.disk = this.blankDisk();
  }

  /** Its process, from the moment it is started to its end. */
  get life(): Life | undefined {
    return this.#life;
  }

  /** Undefined while it is down, or still recovering. */
  get slave(): Slave | undefined {
    return this.#slave;
  }

  get store(): DiskStore | undefined {
    return this.#store;
  }

  /** A disk on which there is nothing. */
  blankDisk(): SlaveDisk {
    const { world, random, plan, observer } = this.#around;
    const files = new Disk(world, random, plan.disks);
    files.onEvent = (event) => observer.diskEvent(event);
    const library = new LibraryFiles(world, random, files, `store-${observer.nextStoreNumber()}`);
    library.onLost = () => observer.sometimes("store batch lost");
    return { files, library, addresses: [] };
  }

  /** A copy of its disk as it is now. */
  snapshot(): SlaveDisk {
    const files = this.disk.files.snapshot();
    return { files, library: this.disk.library.snapshot(files), addresses: [] };
  }

  /** It ends in the middle of what it does: at its nth disk operation from now. */
  endAmid(operations: number, by: End): void {
    const { files } = this.disk;
    files.operationsLeft = operations;
    files.onLastOperation = () => {
      this.#around.observer.sometimes("killed in the middle of a turn");
      this.end(by);
    };
  }

  start(): void {
    if (this.#life !== undefined) return;
    const life = new Life(this.host);
    this.#life = life;
    this.#around.network.hostIsBack(this.host);
    this.#around.world.after(1, life, () => {
      void this.#boot(life).catch((error: unknown) => this.#failed(life, error));
    });
  }

  /** The process ends at once. */
  end(by: End): void {
    const life = this.#life;
    if (life === undefined) return;
    life.isOver = true;
    this.#life = undefined;
    this.#slave = undefined;
    this.#store = undefined;
    this.#around.network.ended(life, by.how === "power");
    if (by.how === "power") {
      this.disk.files.cutPower(by.tear);
      this.disk.library.cutPower();
    }
    this.#around.observer.ended(this.host);
  }

  async #boot(life: Life): Promise<void> {
    const { plan, network, observer } = this.#around;
    const { files, library, addresses } = this.disk;
    const fatal = (error: RingkvError) => this.#fatal(life, error);
    const operations = files.filesFor(life);
    if (observer.isAuditing) observer.logFound(await segmentsIn(operations));
    const openLibrary = async () => {
      const opened = await library.open(life);
      const reopen = opened.reopen.bind(opened);
      return Object.assign(opened, {
        reopen: () => {
          observer.sometimes("store opened again");
          return reopen();
        },
      });
    };
    const store = await DiskStore.open(DATA, { openLibrary, onFailure: fatal });
    files.onForced = (file, content, from, to) => observer.forced(this.host, file, content, from, to);
    const watch = observer.watchLog(this.host);
    const slave = await Slave.start({
      id: this.id,
      store,
      openLog: async (handlers) => {
        const opened = await SlaveLog.open(DATA, {
          onDurable: (lsn) => {
            watch.durable(lsn);
            handlers.onDurable(lsn);
          },
          onFailure: handlers.onFailure,
          segmentBytes: plan.segmentBytes,
          files: operations,
          aroundForce: (side, group) => watch.aroundForce(side, group),
        });
        return { log: watch.around(opened.log), records: opened.records };
      },
      transport: network.transportOf(this.host, life),
      host: this.host,
      advertise: undefined,
      master: this.master,
      cacheSets: plan.slaveCache.sets,
      cacheWays: plan.slaveCache.ways,
      heartbeatIntervalMs: plan.heartbeatIntervalMs,
      checkpointBytes: plan.segmentBytes,
      log: (level, text) => observer.logged(this.host, level, text),
      onFatal: fatal,
    });
    if (life.isOver) return;
    addresses.push(`${slave.address.host}:${slave.address.port}`);
    this.#slave = slave;
    this.#store = store;
  }

  /** It has to stop: it does so in order, as far as its disk lets it, and then it is gone. */
  #fatal(life: Life, error: RingkvError): void {
    if (life.isOver) return;
    this.#around.observer.stopped(this.host, error);
    const exit = () => {
      if (this.#life === life) this.end({ how: "kill" });
    };
    this.#around.world.after(500, life, exit);
    void this.#slave?.stop().then(exit, exit);
  }

  #failed(life: Life, error: unknown): void {
    if (life.isOver) return;
    this.#around.observer.stopped(this.host, error);
    if (this.#life === life) this.end({ how: "kill" });
  }
}

async function segmentsIn(
  files: FileOperations,
): Promise<readonly { readonly number: number; readonly bytes: Uint8Array }[]> {
  const directory = logDirectoryOf(DATA);
  const segments: { number: number; bytes: Uint8Array }[] = [];
  for (const name of files.list(directory)) {
    const number = segmentNumber(name);
    const bytes = number === undefined ? undefined : await files.read(segmentPath(directory, number));
    if (number !== undefined && bytes !== undefined) segments.push({ number, bytes });
  }
  return segments;
}
