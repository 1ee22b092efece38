import { compareUtf8 } from "../../protocol/text.js";
import type { Library, LibraryKeys, LibraryWrite } from "./library.js";

/**
 * The twin of LevelDB below a store: the same content with nothing behind it. It keeps what was written, whoever wrote it and
 * however he ended, so it can be handed from one life of a slave to the next.
 */
export class MemoryLibrary implements Library {
  readonly directory: string;
  readonly storeId: string;
  readonly isOpen = true;
  readonly #content: Map<string, Uint8Array>;

  /** @param content what is there from the start; it becomes the library's own */
  constructor(directory: string, storeId: string, content = new Map<string, Uint8Array>()) {
    this.directory = directory;
    this.storeId = storeId;
    this.#content = content;
  }

  get size(): number {
    return this.#content.size;
  }

  get(key: string): Uint8Array | undefined {
    return this.#content.get(key);
  }

  keys(start: { readonly after: string } | { readonly from: string }): LibraryKeys {
    const isIn = (key: string) =>
      "after" in start ? compareUtf8(key, start.after) > 0 : compareUtf8(key, start.from) >= 0;
    const keys = [...this.#content.keys()].filter(isIn).sort(compareUtf8);
    return { next: (count) => Promise.resolve(keys.splice(0, count)), close: () => Promise.resolve() };
  }

  write(writes: readonly LibraryWrite[]): Promise<void> {
    this.apply(writes);
    return Promise.resolve();
  }

  /** Writes at once. */
  apply(writes: readonly LibraryWrite[]): void {
    applyWrites(this.#content, writes);
  }

  force(): Promise<void> {
    return Promise.resolve();
  }

  hasRoomToReopen(): boolean {
    return true;
  }

  reopen(): Promise<boolean> {
    return Promise.resolve(false);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

/** Does a batch's writes to what a library holds. */
export function applyWrites(content: Map<string, Uint8Array>, writes: readonly LibraryWrite[]): void {
  for (const { key, value } of writes) {
    if (value === undefined) content.delete(key);
    else content.set(key, value);
  }
}
