import type { FileOperations } from "../../src/server/storage/file-operations.js";
import { SlaveFailpoints } from "../../src/server/failpoints.js";
import { Slave } from "../../src/server/slave/slave.js";
import { DiskStore } from "../../src/server/storage/disk-store.js";
import { logDirectoryOf } from "../../src/server/storage/log-directory.js";
import { segmentNumber, segmentPath } from "../../src/server/storage/segment-file.js";
import { SlaveLog } from "../../src/server/storage/slave-log.js";
import type { RingkvError } from "../../src/protocol/errors.js";
import type { SlaveId } from "../../src/protocol/ids.js";
import type { Address } from "../../src/transport/transport.js";
import type { Tear } from "../inode.js";
import { Disk } from "./disk.js";
import { LibraryFiles } from "./library.js";
import { LogWatch } from "./log-watch.js";
import { DATA, type End, Machine, type Surroundings } from "./machine.js";
import type { Life } from "./world.js";

/** A slave's disk: the files of its log, and what its store's library keeps. */
export interface SlaveDisk {
  readonly files: Disk;
  readonly library: LibraryFiles;
  /** Where the processes that ran on it listened. */
  readonly addresses: string[];
}

/** A host with the shipped slave on it. */
export class SlaveMachine extends Machine<Slave> {
  readonly id: SlaveId;
  disk: SlaveDisk;
  /** The registration port that it is started with. */
  master: Address;
  #store: DiskStore | undefined;

  constructor(id: SlaveId, host: string, master: Address, around: Surroundings) {
    super(host, around);
    this.id = id;
    this.master = master;
    this.disk = this.blankDisk();
  }

  /** The store of the running slave. */
  get store(): DiskStore | undefined {
    return this.daemon === undefined ? undefined : this.#store;
  }

  /** A disk on which there is nothing. */
  blankDisk(): SlaveDisk {
    const { world, random, plan, observer } = this.around;
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
      this.around.observer.sometimes("killed in the middle of a turn");
      this.end(by);
    };
  }

  protected async boot(life: Life): Promise<Slave> {
    const { plan, network, observer } = this.around;
    const { files, library, addresses } = this.disk;
    const fatal = (error: RingkvError) => this.fatal(life, error);
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
    const store = await DiskStore.open(DATA, { checkpointBytes: plan.segmentBytes, openLibrary, onFailure: fatal });
    files.onForced = (file, content, from, to) => observer.forced(this.host, file, content, from, to);
    const watch = new LogWatch(observer, this.host);
    const slave = await Slave.start({
      id: this.id,
      store,
      failpoints: new SlaveFailpoints(() => this.died(life)),
      openLog: async (handlers) => {
        const opened = await SlaveLog.open(DATA, {
          onDurable: (lsn) => {
            watch.durable(lsn);
            handlers.onDurable(lsn);
          },
          onFailure: handlers.onFailure,
          segmentBytes: plan.segmentBytes,
          files: operations,
          aroundForce: (side, group) => {
            handlers.aroundForce(side, group);
            watch.aroundForce(side, group);
          },
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
    addresses.push(`${slave.address.host}:${slave.address.port}`);
    this.#store = store;
    return slave;
  }

  protected cutPower(tear: Tear): void {
    this.disk.files.cutPower(tear);
    this.disk.library.cutPower();
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
