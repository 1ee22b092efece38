import type { OpId } from "../protocol/ids.js";

/** A slave's committed keys and values. The log makes them durable, so the store itself is forced at checkpoints only. */
export interface Store {
  /** Keys held. */
  readonly size: number;
  /**
   * The value and its version; sees every `apply` before it at once.
   * @throws RingkvError STORAGE when the disk refuses
   */
  get(key: string): Versioned | undefined;
  /** Writes a put (`value` is a string) or a del (`value` is undefined); applying a write again changes nothing. */
  apply(write: StoreWrite): void;
  /** The first keys after `after` that start with `prefix`, in the order of their UTF-8 bytes. */
  keys(page: KeysPage): Promise<{ readonly keys: string[]; readonly more: boolean }>;
}

export interface Versioned {
  readonly value: string;
  /** The version: the op that wrote it. */
  readonly opId: OpId;
}

export interface StoreWrite {
  readonly key: string;
  readonly value: string | undefined;
  readonly opId: OpId;
}

export interface KeysPage {
  readonly prefix: string;
  /** Exclusive; the empty string starts at the first key. */
  readonly after: string;
  readonly limit: number;
}
