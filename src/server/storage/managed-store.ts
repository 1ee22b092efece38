import type { Store } from "../../core/store.js";

/** A store with a life: opened by its class, forced at checkpoints, closed at the end. */
export interface ManagedStore extends Store {
  /** Names this store for as long as it lives; a lost or swapped disk shows by another one. */
  readonly storeId: string;
  /** Bytes of writes that are visible and not yet taken by what keeps them; a caller bounds its input by it. */
  readonly backlogBytes: number;
  /**
   * Resolves when every write applied before the call survives a power cut.
   * @throws RingkvError STORAGE
   */
  checkpoint(): Promise<void>;
  /** Writes what is waiting and closes. */
  close(): Promise<void>;
}
