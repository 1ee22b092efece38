import path from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { Inode } from "../../inode.js";
import type { FileOperations, OpenFile } from "../../../src/server/storage/file-operations.js";

/**
 * A disk that forgets what was not forced. It counts its operations, can lose power before or in the middle of any of them,
 * and can refuse to force or run out of space.
 *
 * Contents survive by sectors in any selection, directory entries in order (as journaling file systems keep them).
 */
export class SimulatedDisk implements FileOperations {
  #entries = new Map<string, Inode>();
  #forcedEntries = new Map<string, Inode>();
  /** Changes of entries that no force of the directory has followed yet. */
  #entryChanges: ((entries: Map<string, Inode>) => void)[] = [];
  operations = 0;
  forces = 0;
  /** The operation, counted from 1, at which the power goes; a write is done in part then. */
  powerCutAt = Infinity;
  /** What `force` rejects with, when it shall fail. */
  forceError: Error | undefined;
  /** How many forces fail yet. */
  forcesFailing = Infinity;
  /** While false, a `force` waits. */
  #forcesHeld: (() => void)[] | undefined;
  /** Bytes that files may take in all. */
  capacityBytes = Infinity;

  /** What is on disk after a power cut now: what was forced, and by chance (`random` is 0 up to 1) some of the rest. */
  afterPowerCut(random: () => number): SimulatedDisk {
    const survivingChanges = this.#entryChanges.slice(0, Math.floor(random() * (this.#entryChanges.length + 1)));
    const entries = new Map(this.#forcedEntries);
    for (const change of survivingChanges) change(entries);
    return diskOf([...entries].map(([file, inode]) => [file, inode.torn("sectors", random)]));
  }

  /** The disk for the next process after a SIGKILL: everything written, some of it in the page cache only. This one ends. */
  afterKill(): SimulatedDisk {
    const disk = new SimulatedDisk();
    disk.#entries = this.#entries;
    disk.#forcedEntries = this.#forcedEntries;
    disk.#entryChanges = this.#entryChanges;
    this.powerCutAt = 0;
    return disk;
  }

  /** Puts a file there, forced. */
  place(file: string, bytes: Uint8Array): void {
    const inode = new Inode(bytes);
    this.#entries.set(file, inode);
    this.#forcedEntries.set(file, inode);
  }

  /** From now on forces wait; the returned function ends that. */
  holdForces(): () => void {
    this.#forcesHeld = [];
    return () => {
      const held = this.#forcesHeld ?? [];
      this.#forcesHeld = undefined;
      for (const release of held) release();
    };
  }

  /** The power is gone: every operation fails. */
  get isOff(): boolean {
    return this.operations >= this.powerCutAt;
  }

  /** Bytes that the files take. */
  get usedBytes(): number {
    return [...this.#entries.values()].reduce((sum, { bytes }) => sum + bytes.length, 0);
  }

  /** Resolves when nothing has happened on the disk for some turns: what goes on in the background is done. */
  async settled(): Promise<void> {
    for (let quietTurns = 0, seen = this.operations; quietTurns < 5; quietTurns++) {
      await nextTurn();
      if (this.operations !== seen) quietTurns = 0;
      seen = this.operations;
    }
  }

  makeDirectory(): void {
    this.#count();
  }

  list(directory: string): string[] {
    const files = [...this.#entries.keys()];
    return files.filter((file) => path.dirname(file) === directory).map((file) => path.basename(file));
  }

  read(file: string): Promise<Uint8Array | undefined> {
    return Promise.resolve(this.#entries.get(file)?.bytes.slice());
  }

  open(file: string, how: "create" | "update"): OpenFile {
    this.#count();
    if (how === "create") {
      const inode = new Inode(new Uint8Array(0));
      this.#change((entries) => entries.set(file, inode));
    }
    const inode = this.#entries.get(file);
    if (inode === undefined) throw systemError("ENOENT");
    return this.#fileOf(inode);
  }

  rename(from: string, to: string): void {
    this.#count();
    const inode = this.#entries.get(from);
    if (inode === undefined) throw systemError("ENOENT");
    this.#change((entries) => {
      entries.delete(from);
      entries.set(to, inode);
    });
  }

  remove(file: string): Promise<void> {
    return this.#async(() => this.#change((entries) => entries.delete(file)));
  }

  forceDirectory(): Promise<void> {
    return this.#async(() => this.#forceEntries());
  }

  forceDirectorySync(): void {
    this.#count();
    this.#forceEntries();
  }

  #fileOf(inode: Inode): OpenFile {
    return {
      write: (bytes, position) => {
        if (this.operations + 1 === this.powerCutAt) inode.write(bytes.subarray(0, bytes.length >> 1), position);
        this.#count();
        const grown = Math.max(0, position + bytes.length - inode.bytes.length);
        if (grown > 0 && this.usedBytes + grown > this.capacityBytes) throw systemError("ENOSPC");
        inode.write(bytes, position);
      },
      force: async () => {
        this.#count();
        this.forces += 1;
        const written = inode.writes;
        const held = this.#forcesHeld;
        await (held === undefined ? Promise.resolve() : new Promise<void>((resolve) => held.push(resolve)));
        this.#failIfWanted(inode, written);
        inode.force(written);
      },
      forceSync: () => {
        this.#count();
        this.#failIfWanted(inode, inode.writes);
        inode.force(inode.writes);
      },
      close: () => undefined,
    };
  }

  /** As Linux does it: what could not be forced stays readable and counts as clean, so that no later force writes it. */
  #failIfWanted(inode: Inode, writes: number): void {
    const error = this.forceError;
    if (error === undefined || this.forcesFailing === 0) return;
    this.forcesFailing -= 1;
    inode.lose(writes);
    throw error;
  }

  #async(effect: () => void): Promise<void> {
    return Promise.resolve().then(() => {
      this.#count();
      effect();
    });
  }

  #change(change: (entries: Map<string, Inode>) => void): void {
    change(this.#entries);
    this.#entryChanges.push(change);
  }

  #forceEntries(): void {
    for (const change of this.#entryChanges) change(this.#forcedEntries);
    this.#entryChanges = [];
  }

  #count(): void {
    this.operations += 1;
    if (this.isOff) throw systemError("EPOWER");
  }
}

function diskOf(files: readonly (readonly [string, Uint8Array])[]): SimulatedDisk {
  const disk = new SimulatedDisk();
  for (const [file, bytes] of files) disk.place(file, bytes);
  return disk;
}

function systemError(code: string): Error {
  return Object.assign(new Error(code), { code });
}

/** Numbers from 0 up to 1 that a seed determines (mulberry32). */
export function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
