import { basename, dirname } from "node:path";
import type { FileOperations, OpenFile } from "../../src/server/storage/file-operations.js";
import { Inode, type Tear } from "../inode.js";
import type { Random } from "../random.js";
import type { Life, World } from "./world.js";

/** No disk takes longer for anything, however slow it is. */
export const SLOWEST_MS = 3_000;

/** How long a force takes, in ms. */
export interface ForceTimes {
  readonly typicalMs: number;
  readonly slowPart: number;
  readonly slowMs: number;
}

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
  /** Changes of directory entries that are not forced. */
  #entryChanges: ((entries: Map<string, Inode>) => void)[] = [];
  /** How many changes of entries came before those. */
  #oldChanges = 0;
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
  /** Told of a part of a file that is on disk for good from now on. */
  onForced: (file: string, content: Uint8Array, from: number, to: number) => void = () => undefined;

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
    this.#takeChanges(this.#changes);
    this.#entries = new Map(entries);
    for (const inode of new Set(entries.values())) {
      if (!inode.isForced) this.onEvent("unforced writes lost");
      inode.tear(tear, () => random.next());
    }
  }

  /** A copy of all files as they are now, each of them forced: what a backup would hold. */
  snapshot(): Disk {
    const copy = new Disk(this.#world, this.#random, this.#times);
    for (const [file, inode] of this.#entries) {
      const copied = new Inode(inode.bytes);
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
        const changes = this.#changes;
        await this.#later(life, () => this.#forceEntries(changes));
      },
      forceDirectorySync: () => {
        this.#begin(life);
        this.#forceEntries(this.#changes);
      },
    };
  }

  #open(file: string, how: "create" | "update", life: Life): OpenFile {
    this.#begin(life);
    if (how === "create") {
      const inode = new Inode(new Uint8Array(0));
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
        const writes = inode.writes;
        const isForced = await this.#later(life, () => this.#force(file, inode, writes));
        if (!isForced) throw systemError("EIO");
      },
      forceSync: () => {
        this.#begin(life);
        if (!this.#force(file, inode, inode.writes)) throw systemError("EIO");
      },
      close: () => undefined,
    };
  }

  /** False when it fails: then, as Linux does it, the writes stay readable and count as clean, so that no later force writes them. */
  #force(file: string, inode: Inode, writes: number): boolean {
    if (this.failingForces > 0) {
      this.failingForces -= 1;
      this.onEvent("force failed");
      inode.lose(writes);
      return false;
    }
    inode.force(writes, (content, from, to) => this.onForced(file, content, from, to));
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

  /** How many changes of entries there ever were. */
  get #changes(): number {
    return this.#oldChanges + this.#entryChanges.length;
  }

  #forceEntries(changes: number): void {
    for (const change of this.#takeChanges(changes)) change(this.#forcedEntries);
  }

  #takeChanges(changes: number): ((entries: Map<string, Inode>) => void)[] {
    const taken = this.#entryChanges.splice(0, Math.max(0, changes - this.#oldChanges));
    this.#oldChanges += taken.length;
    return taken;
  }
}

function systemError(code: string): Error {
  return Object.assign(new Error(code), { code });
}
