/**
 * The embedded library below a slave's store, as far as the store needs it: values by key, atomic batches, and a force. LevelDB
 * is the one that ships (store-library.ts); the simulator has one in memory.
 */
export interface Library {
  readonly directory: string;
  readonly storeId: string;
  /** Keys that it holds. */
  readonly size: number;
  /** False while it is being opened again, and when that has failed: nothing can be read then. */
  readonly isOpen: boolean;
  get(key: string): Uint8Array | undefined;
  /** The user's keys from `start` on, as of now; close the iterator in the end. */
  keys(start: { readonly after: string } | { readonly from: string }): LibraryKeys;
  /**
   * Writes a batch, unforced.
   * @param sizeDelta what the number of keys changes by
   */
  write(writes: readonly LibraryWrite[], sizeDelta: number): Promise<void>;
  /** Forces all batches so far. */
  force(): Promise<void>;
  /** Whether the disk has what an opening takes: on a full one it would fail, and what can be read now could not be then. */
  hasRoomToReopen(): boolean;
  /**
   * Closes and opens it, after an error.
   * @returns whether the batch that failed is in
   * @throws RingkvError STORAGE when batches that it had taken are gone: the log must be replayed
   */
  reopen(): Promise<boolean>;
  close(): Promise<void>;
}

/** A write for the library: what a key holds from now on, or that it is gone. */
export interface LibraryWrite {
  readonly key: string;
  readonly value: Uint8Array | undefined;
}

/** The user's keys in the order of their bytes, read in pieces. */
export interface LibraryKeys {
  /** Up to so many more; none when there are none left. */
  next(count: number): Promise<string[]>;
  close(): Promise<void>;
}
