import { nanoid } from "nanoid";
import type { KeysPage, StoreWrite, Versioned } from "../../core/store.js";
import { compareOpIds } from "../../protocol/ids.js";
import { compareUtf8 } from "../../protocol/text.js";
import type { ManagedStore } from "./managed-store.js";

/** The disk store's twin: the same behaviour with nothing behind it. */
export class MemoryStore implements ManagedStore {
  readonly storeId = nanoid();
  readonly backlogBytes = 0;
  readonly #entries = new Map<string, Versioned>();

  get size(): number {
    return this.#entries.size;
  }

  get(key: string): Versioned | undefined {
    return this.#entries.get(key);
  }

  apply({ key, value, opId }: StoreWrite): void {
    const stored = this.#entries.get(key);
    if (stored !== undefined && compareOpIds(opId, stored.opId) <= 0) return;
    if (value === undefined) this.#entries.delete(key);
    else this.#entries.set(key, { value, opId });
  }

  keys({ prefix, after, limit }: KeysPage): Promise<{ readonly keys: string[]; readonly more: boolean }> {
    const matching = [...this.#entries.keys()]
      .filter((key) => key.startsWith(prefix) && compareUtf8(key, after) > 0)
      .sort(compareUtf8);
    return Promise.resolve({ keys: matching.slice(0, limit), more: matching.length > limit });
  }

  checkpoint(): Promise<void> {
    return Promise.resolve();
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
