import { basename, dirname } from "node:path";
import type { FileOperations, OpenFile } from "../../src/server/storage/file-operations.js";
import type { Random } from "../random.js";
import type { Life, World } from "./world.js";

const SECTOR_BYTES = 512;
/** No disk takes longer for anything, however slow it is. */
export const SLOWEST_MS = 3_000;

/** How long a force takes, in ms. */
export interface ForceTimes {
  readonly typicalMs: number;
  readonly slowPart: number;
  readonly slowMs: number;
}

/** What a power cut does with writes that were not forced. */
export const TEARS = ["lost", "kept", "prefix", "sectors", "zeros"] as const;
export type Tear = (typeof TEARS)[number];

/** What befalls a disk, for those who count rare states. */
export type DiskEvent = "unforced writes lost" | "rename lost" | "force failed" | "disk full";

/**
 * A host's disk. It outlives the processes that write to it: a kill keeps all that they wrote, a power cut keeps what was
 * forced and, of the rest, what its way of tearing leaves (whole writes, a prefix, any selection of sectors, or zeros).
 * Directory entries that were not forced survive in the order in which they were made, as journaling file systems keep them.
 */
export class Disk {
  readonly #world: World;
  readonly #random: Random;
  readonly #times: ForceTimes;
  #entries = new Map<string, Inode>();
  #forcedEntries = new Map<string, Inode>();
  #entryChanges: ((entries: Map<string, Inode>) => void)[] = [];
  /** Forces take so many times longer just now. */
  slowness = 1;
  /** No file can grow. */
  isFull = false;
  /** So many forces to come fail. */
  failingForces = 0;
  /** After so many more operations the process that asks dies. */
  operationsLeft = Infinity;
  onLastOperation: () => void = () => undefined;
  onEvent: (event: DiskEvent) => void = () => undefined;
  onForced: Forced = () => undefined;

  constructor(world: World, random: Random, times: ForceTimes) {
    this.#world = world;
    this.#random = random;
    this.#times = times;
  }

  /** From now on it is as good as new; what it has lost stays lost. */
  heal(): void {
    this.slowness = 1;
    this.isFull = false;
    this.failingForces = 0;
    this.operationsLeft = Infinity;
  }

  /** The power goes: what was not forced is torn. The processes on the host must be over. */
  cutPower(tear: Tear): void {
    const random = this.#random;
    const keptChanges = tear === "lost" ? 0 : random.below(this.#entryChanges.length + 1);
    if (keptChanges < this.#entryChanges.length) this.onEvent("rename lost");
    const entries = this.#forcedEntries;
    for (const change of this.#entryChanges.slice(0, keptChanges)) change(entries);
    this.#entryChanges = [];
    this.#entries = new Map(entries);
    for (const inode of new Set(entries.values())) {
      if (inode.unforced.length > 0) this.onEvent("unforced writes lost");
      inode.tear(tear, random);
    }
  }

  /** A copy of all files as they are now, each of them forced: what a backup would hold. */
  snapshot(): Disk {
    const copy = new Disk(this.#world, this.#random, this.#times);
    for (const [file, inode] of this.#entries) {
      const copied = new Inode(file, inode.bytes.slice());
      copy.#entries.set(file, copied);
      copy.#forcedEntries.set(file, copied);
    }
    return copy;
  }

  /** The disk as one process on the host sees it. */
  filesFor(life: Life): FileOperations {
    return {
      makeDirectory: () => undefined,
      list: (directory) => {
        return [...this.#entries.keys()].filter((file) => dirname(file) === directory).map((file) => basename(file));
      },
      read: (file) => Promise.resolve(this.#entries.get(file)?.bytes.slice()),
      open: (file, how) => this.#open(file, how, life),
      rename: (from, to) => {
        this.#begin(life);
        const inode = this.#inode(from);
        this.#change((entries) => {
          entries.delete(from);
          entries.set(to, inode);
        });
      },
      remove: async (file) => {
        await this.#later(life, () => undefined);
        this.#begin(life);
        if (this.#entries.has(file)) this.#change((entries) => entries.delete(file));
      },
      forceDirectory: async () => {
        this.#begin(life);
        const changes = this.#entryChanges.length;
        await this.#later(life, () => this.#forceEntries(changes));
      },
      forceDirectorySync: () => {
        this.#begin(life);
        this.#forceEntries(this.#entryChanges.length);
      },
    };
  }

  #open(file: string, how: "create" | "update", life: Life): OpenFile {
    this.#begin(life);
    if (how === "create") {
      const inode = new Inode(file, new Uint8Array(0));
      this.#change((entries) => entries.set(file, inode));
    }
    const inode = this.#inode(file);
    return {
      write: (bytes, position) => {
        this.#begin(life);
        if (this.isFull && position + bytes.length > inode.bytes.length) {
          this.onEvent("disk full");
          throw systemError("ENOSPC");
        }
        inode.write(bytes, position);
      },
      force: async () => {
        this.#begin(life);
        const writes = inode.unforced.length;
        const isForced = await this.#later(life, () => this.#force(inode, writes));
        if (!isForced) throw systemError("EIO");
      },
      forceSync: () => {
        this.#begin(life);
        if (!this.#force(inode, inode.unforced.length)) throw systemError("EIO");
      },
      close: () => undefined,
    };
  }

  /** False when it fails: then, as Linux does it, the writes stay readable and count as clean, so that no later force writes them. */
  #force(inode: Inode, writes: number): boolean {
    if (this.failingForces > 0) {
      this.failingForces -= 1;
      this.onEvent("force failed");
      inode.lose(writes);
      return false;
    }
    inode.force(writes, this.onForced);
    return true;
  }

  /** What the disk does takes its time, whether the process that asked is alive or not; it hears of it when it is. */
  #later<Result>(life: Life, effect: () => Result): Promise<Result> {
    const { typicalMs, slowPart, slowMs } = this.#times;
    const ms = 0.02 + this.#random.next() * (this.#random.next() < slowPart ? slowMs : typicalMs);
    return new Promise((resolve) => {
      this.#world.after(Math.min(ms * this.slowness, SLOWEST_MS), undefined, () => {
        const result = effect();
        this.#world.tell(life, () => resolve(result));
      });
    });
  }

  #begin(life: Life): void {
    if (life.isOver) throw systemError("EOVER");
    this.operationsLeft -= 1;
    if (this.operationsLeft > 0) return;
    this.operationsLeft = Infinity;
    this.onLastOperation();
    throw systemError("EOVER");
  }

  #inode(file: string): Inode {
    const inode = this.#entries.get(file);
    if (inode === undefined) throw systemError("ENOENT");
    return inode;
  }

  #change(change: (entries: Map<string, Inode>) => void): void {
    change(this.#entries);
    this.#entryChanges.push(change);
  }

  #forceEntries(changes: number): void {
    for (const change of this.#entryChanges.splice(0, changes)) change(this.#forcedEntries);
  }
}

/** Told of a part of a file that is on disk for good from now on. */
type Forced = (file: string, content: Uint8Array, from: number, to: number) => void;

interface Write {
  readonly position: number;
  readonly bytes: Uint8Array;
}

/** A file's bytes as written, as forced, and the writes between the two. */
class Inode {
  readonly #file: string;
  bytes: Uint8Array;
  unforced: Write[] = [];
  #forced: Uint8Array;

  constructor(file: string, bytes: Uint8Array) {
    this.#file = file;
    this.bytes = bytes;
    this.#forced = bytes.slice();
  }

  write(bytes: Uint8Array, position: number): void {
    const write = { bytes: bytes.slice(), position };
    this.bytes = written(this.bytes, write);
    this.unforced.push(write);
  }

  force(writes: number, onForced: Forced): void {
    for (const write of this.unforced.splice(0, writes)) {
      this.#forced = written(this.#forced, write);
      onForced(this.#file, this.#forced, write.position, write.position + write.bytes.length);
    }
  }

  /** The first writes will not reach the disk, though a reader sees them for as long as the host is up. */
  lose(writes: number): void {
    this.unforced.splice(0, writes);
  }

  tear(tear: Tear, random: Random): void {
    const kept = tear === "prefix" ? random.below(this.unforced.length + 1) : this.unforced.length;
    for (const [index, write] of this.unforced.entries()) {
      switch (tear) {
        case "lost":
          break;
        case "kept":
          this.#forced = written(this.#forced, write);
          break;
        case "prefix":
          if (index < kept) this.#forced = written(this.#forced, write);
          else if (index === kept) {
            const { bytes, position } = write;
            this.#forced = written(this.#forced, { position, bytes: bytes.subarray(0, random.below(bytes.length)) });
          }
          break;
        case "zeros":
          // The size of a file that grew may get to the disk without what is in it.
          if (write.position >= this.#forced.length) {
            this.#forced = written(this.#forced, { ...write, bytes: new Uint8Array(write.bytes.length) });
          }
          break;
        case "sectors":
          for (const part of sectorsOf(write)) if (random.next() < 0.5) this.#forced = written(this.#forced, part);
      }
    }
    this.unforced = [];
    this.bytes = this.#forced.slice();
  }
}

function* sectorsOf({ bytes, position }: Write): Generator<Write> {
  for (let at = 0; at < bytes.length;) {
    const sectorEnd = (Math.floor((position + at) / SECTOR_BYTES) + 1) * SECTOR_BYTES - position;
    yield { position: position + at, bytes: bytes.subarray(at, sectorEnd) };
    at = sectorEnd;
  }
}

/** In place where the file does not grow. */
function written(old: Uint8Array, { bytes, position }: Write): Uint8Array {
  const end = position + bytes.length;
  const target = end <= old.length ? old : new Uint8Array(end);
  if (target !== old) target.set(old);
  target.set(bytes, position);
  return target;
}

function systemError(code: string): Error {
  return Object.assign(new Error(code), { code });
}
