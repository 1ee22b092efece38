import type { KeysPage, Store, StoreWrite, Versioned } from "../../core/store.js";
import type { SlaveFailpoints } from "../failpoints.js";

/** A slave's store as its core sees it: with the failpoints around each write. */
export class StoreWithFailpoints implements Store {
  readonly #store: Store;
  readonly #failpoints: SlaveFailpoints;
  /** While the log is replayed, a write was applied in an earlier life, or should have been. */
  isReplaying = true;

  constructor(store: Store, failpoints: SlaveFailpoints) {
    this.#store = store;
    this.#failpoints = failpoints;
  }

  get size(): number {
    return this.#store.size;
  }

  get(key: string): Versioned | undefined {
    return this.#store.get(key);
  }

  apply(write: StoreWrite): void {
    this.#failpoints.armed?.before(this.isReplaying ? "replay" : "apply");
    this.#store.apply(write);
    this.#failpoints.armed?.after(this.isReplaying ? "replay" : "apply");
  }

  keys(page: KeysPage): ReturnType<Store["keys"]> {
    return this.#store.keys(page);
  }
}
