import type { StoreWrite } from "../../core/store.js";

/** What a waiting write takes besides its key and value, roughly. */
const ENTRY_BYTES = 64;

/** Limits of one batch: a larger one would hold up the event loop for more than a millisecond while it is handed over. */
const BATCH_ENTRIES_MAX = 64;
const BATCH_BYTES_MAX = 1_048_576;

/** A write that the library does not have yet. */
export interface OverlayEntry extends StoreWrite {
  /** What the library's number of keys changes by when it has this write: -1, 0 or 1. */
  readonly sizeDelta: number;
}

/**
 * The writes between `apply` and the library: newest per key, in the order in which the keys were first written. A batch that
 * was taken stays visible until the library has it.
 */
export class WriteOverlay {
  #waiting = new Map<string, OverlayEntry>();
  #taken = new Map<string, OverlayEntry>();
  #bytes = 0;

  /** Entries that no batch has taken. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /** Bytes of all writes that the library does not have. */
  get bytes(): number {
    return this.#bytes;
  }

  get(key: string): OverlayEntry | undefined {
    return this.#waiting.get(key) ?? this.#taken.get(key);
  }

  /** @param sizeDelta what the number of keys changes by, compared with just before this write */
  set(write: StoreWrite, sizeDelta: number): void {
    const replaced = this.#waiting.get(write.key);
    if (replaced !== undefined) this.#bytes -= bytesOf(replaced);
    const { key, value, opId } = write;
    const entry = { key, value, opId, sizeDelta: sizeDelta + (replaced?.sizeDelta ?? 0) };
    this.#waiting.set(write.key, entry);
    this.#bytes += bytesOf(entry);
  }

  /** The oldest waiting entries, as many as fit a batch. The batch before must have been released. */
  takeBatch(): readonly OverlayEntry[] {
    let bytes = 0;
    for (const [key, entry] of this.#waiting) {
      bytes += bytesOf(entry);
      if (this.#taken.size > 0 && (bytes > BATCH_BYTES_MAX || this.#taken.size >= BATCH_ENTRIES_MAX)) break;
      this.#taken.set(key, entry);
      this.#waiting.delete(key);
    }
    return [...this.#taken.values()];
  }

  /** The library has the batch. */
  releaseBatch(): void {
    for (const entry of this.#taken.values()) this.#bytes -= bytesOf(entry);
    this.#taken.clear();
  }

  /** The library does not have the batch: it waits again, ahead of all that came after it. */
  returnBatch(): void {
    const later = this.#waiting;
    this.#waiting = this.#taken;
    this.#taken = new Map();
    for (const [key, entry] of later) {
      const replaced = this.#waiting.get(key);
      if (replaced !== undefined) this.#bytes -= bytesOf(replaced);
      this.#waiting.set(key, { ...entry, sizeDelta: entry.sizeDelta + (replaced?.sizeDelta ?? 0) });
    }
  }

  /** The newest writes of all keys that this picks, those of a taken batch included. */
  entries(picks: (key: string) => boolean): OverlayEntry[] {
    const picked: OverlayEntry[] = [];
    for (const [key, entry] of this.#taken) if (!this.#waiting.has(key) && picks(key)) picked.push(entry);
    for (const [key, entry] of this.#waiting) if (picks(key)) picked.push(entry);
    return picked;
  }
}

function bytesOf({ key, value }: StoreWrite): number {
  return ENTRY_BYTES + key.length + (value?.length ?? 0);
}
