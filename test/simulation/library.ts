import type { Library, LibraryWrite } from "../../src/server/storage/library.js";
import { MemoryLibrary, applyWrites } from "../../src/server/storage/memory-library.js";
import type { Random } from "../random.js";
import { type Disk, SLOWEST_MS } from "./disk.js";
import type { Life, World } from "./world.js";

interface Batch {
  readonly writes: readonly LibraryWrite[];
}

/**
 * What LevelDB promises, without LevelDB: atomic batches that survive a kill; a power cut loses any of those that were not
 * forced and may keep later ones (store-library.ts); a full disk makes it refuse everything until it is opened again.
 */
export class LibraryFiles {
  readonly #world: World;
  readonly #random: Random;
  readonly #disk: Disk;
  readonly storeId: string;
  #forced = new Map<string, Uint8Array>();
  #unforced: Batch[] = [];
  /** A power cut has lost a batch since the library was made or copied. */
  onLost: () => void = () => undefined;

  /** @param disk whose fullness and slowness it shares */
  constructor(world: World, random: Random, disk: Disk, storeId: string) {
    this.#world = world;
    this.#random = random;
    this.#disk = disk;
    this.storeId = storeId;
  }

  /** All that is written now, as a backup of its own. */
  snapshot(disk: Disk): LibraryFiles {
    const copy = new LibraryFiles(this.#world, this.#random, disk, this.storeId);
    copy.#forced = this.content();
    return copy;
  }

  cutPower(): void {
    const kept = this.#unforced.filter(() => this.#random.next() < 0.5);
    if (kept.length < this.#unforced.length) this.onLost();
    for (const { writes } of kept) applyWrites(this.#forced, writes);
    this.#unforced = [];
  }

  /** What a reader finds now. */
  content(): Map<string, Uint8Array> {
    const content = new Map(this.#forced);
    for (const { writes } of this.#unforced) applyWrites(content, writes);
    return content;
  }

  /** Opens it for a process. */
  async open(life: Life): Promise<Library> {
    await this.later(life, () => undefined);
    return new OpenLibrary(this, life);
  }

  /** False when the disk is full. */
  write(batch: Batch): boolean {
    if (this.#disk.isFull) return false;
    this.#unforced.push(batch);
    return true;
  }

  get unforced(): number {
    return this.#unforced.length;
  }

  force(batches: number): void {
    for (const { writes } of this.#unforced.splice(0, batches)) applyWrites(this.#forced, writes);
  }

  get isFull(): boolean {
    return this.#disk.isFull;
  }

  /** Does something a moment later; the process hears of it when it is awake. */
  later<Result>(life: Life, effect: () => Result): Promise<Result> {
    const ms = 0.05 + this.#random.next() * (this.#random.next() < 0.05 ? 20 : 0.5);
    return new Promise((resolve) => {
      this.#world.after(Math.min(ms * this.#disk.slowness, SLOWEST_MS), undefined, () => {
        const result = effect();
        this.#world.tell(life, () => resolve(result));
      });
    });
  }
}

/** The library in the hands of one process: what the one in memory does, but later, and not always. */
class OpenLibrary extends MemoryLibrary {
  readonly #files: LibraryFiles;
  readonly #life: Life;
  #isBroken = false;

  constructor(files: LibraryFiles, life: Life) {
    super("/data/store", files.storeId, files.content());
    this.#files = files;
    this.#life = life;
  }

  override async write(writes: readonly LibraryWrite[]): Promise<void> {
    const isTaken = await this.#files.later(this.#life, () => {
      if (this.#life.isOver || this.#isBroken || !this.#files.write({ writes })) return false;
      this.apply(writes);
      return true;
    });
    if (isTaken) return;
    this.#isBroken = true;
    throw Object.assign(new Error("ENOSPC: no space left on device"), { code: "ENOSPC" });
  }

  override async force(): Promise<void> {
    const batches = this.#files.unforced;
    await this.#files.later(this.#life, () => {
      if (!this.#life.isOver) this.#files.force(batches);
    });
  }

  override hasRoomToReopen(): boolean {
    return !this.#files.isFull;
  }

  override async reopen(): Promise<boolean> {
    await this.#files.later(this.#life, () => undefined);
    this.#isBroken = false;
    return false;
  }

  override async close(): Promise<void> {
    await this.#files.later(this.#life, () => undefined);
  }
}
