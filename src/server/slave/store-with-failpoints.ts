import type { KeysPage, Store, StoreWrite, Versioned } from "../../core/store.js";
import { slaveFailpoints } from "../failpoints.js";

/** A slave's store as its core sees it: with the failpoints around each write. */
export class StoreWithFailpoints implements Store {
  readonly #store: Store;
  /** While the log is replayed, a write was applied in an earlier life, or should have been. */
  isReplaying = true;

  constructor(store: Store) {
    this.#store = store;
  }

  get size(): number {
    return this.#store.size;
  }

  get(key: string): Versioned | undefined {
    return this.#store.get(key);
  }

  apply(write: StoreWrite): void {
    slaveFailpoints.armed?.before(this.isReplaying ? "replay" : "apply");
    this.#store.apply(write);
    slaveFailpoints.armed?.after(this.isReplaying ? "replay" : "apply");
  }

  keys(page: KeysPage): ReturnType<Store["keys"]> {
    return this.#store.keys(page);
  }
}
