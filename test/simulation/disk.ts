import { decodeFrame, encodeFrameInto, frameBytes } from "../../src/core/log-codec.js";
import type { LogRecord } from "../../src/core/log-record.js";
import type { Store, StoreWrite, Versioned } from "../../src/core/store.js";
import { compareOpIds } from "../../src/protocol/ids.js";
import type { Random } from "../random.js";

/**
 * A slave's disk: the log as frames of the real codec, of which a prefix is forced, and the store, of which a prefix of the
 * writes since the last checkpoint has reached the disk.
 */
export class Disk {
  /** Frames in the order of their records; #forced of them survive a power cut, all of them a mere kill. */
  #frames: Uint8Array[] = [];
  #forced = 0;
  /** The store as of the last checkpoint, and the writes since. */
  #checkpointed = new Map<string, Versioned>();
  #writes: StoreWrite[] = [];

  get length(): number {
    return this.#frames.length;
  }

  /** Writes records behind the last one; they are not forced yet. */
  write(records: readonly LogRecord[]): void {
    for (const record of records) {
      const frame = new Uint8Array(frameBytes(record));
      encodeFrameInto(frame, 0, record, { segment: 1, groupStart: 0, carried: false });
      this.#frames.push(frame);
    }
  }

  /** Everything written up to this many frames is forced. */
  force(frames: number): void {
    this.#forced = Math.max(this.#forced, frames);
  }

  applied(write: StoreWrite): void {
    this.#writes.push(write);
  }

  /** Replaces all frames before `from` by what a checkpoint carries over; the store is forced with it. */
  checkpoint(from: number, carriedOver: readonly LogRecord[], store: ReadonlyMap<string, Versioned>): void {
    const rest = this.#frames.slice(from);
    const forcedRest = Math.max(0, this.#forced - from);
    this.#frames = [];
    this.write(carriedOver);
    this.#forced = this.#frames.length + forcedRest;
    this.#frames.push(...rest);
    this.#checkpointed = new Map(store);
    this.#writes = [];
  }

  /** The process dies: of the store's writes any prefix may be on disk. A power cut loses unforced frames too, from some point on. */
  crash(random: Random, isPowerCut: boolean): void {
    if (isPowerCut) this.#frames.length = this.#forced + random.below(this.#frames.length - this.#forced + 1);
    this.#forced = this.#frames.length;
    const store = new Map(this.#checkpointed);
    const kept = random.below(this.#writes.length + 1);
    for (const write of this.#writes.slice(0, kept)) applyTo(store, write);
    this.#checkpointed = store;
    this.#writes = [];
  }

  /** The log's records as a start reads them. */
  get records(): LogRecord[] {
    return this.#frames.map((frame) => {
      const entry = decodeFrame(frame, 0, 1)?.entry;
      if (entry === undefined || entry.type === "start") throw new Error("a frame does not decode");
      return entry;
    });
  }

  /** The store as a start finds it. */
  get stored(): ReadonlyMap<string, Versioned> {
    return this.#checkpointed;
  }
}

/** The store of a running slave, over its disk. */
export class DiskBackedStore implements Store {
  readonly entries: Map<string, Versioned>;
  readonly #disk: Disk;

  constructor(disk: Disk) {
    this.#disk = disk;
    this.entries = new Map(disk.stored);
  }

  get size(): number {
    return this.entries.size;
  }

  get(key: string): Versioned | undefined {
    return this.entries.get(key);
  }

  apply(write: StoreWrite): void {
    this.#disk.applied(write);
    applyTo(this.entries, write);
  }

  keys(): Promise<{ keys: string[]; more: boolean }> {
    return Promise.resolve({ keys: [...this.entries.keys()], more: false });
  }
}

function applyTo(store: Map<string, Versioned>, { key, value, opId }: StoreWrite): void {
  const present = store.get(key);
  if (present !== undefined && compareOpIds(present.opId, opId) >= 0) return;
  if (value === undefined) store.delete(key);
  else store.set(key, { value, opId });
}
