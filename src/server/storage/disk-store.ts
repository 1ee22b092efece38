import type { KeysPage, StoreWrite, Versioned } from "../../core/store.js";
import { RingkvError } from "../../protocol/errors.js";
import { compareOpIds } from "../../protocol/ids.js";
import { DEFAULTS } from "../../protocol/limits.js";
import { compareUtf8 } from "../../protocol/text.js";
import type { Library } from "./library.js";
import type { ManagedStore } from "./managed-store.js";
import { isOutOfSpace, storageError } from "./storage-error.js";
import { StoreLibrary } from "./store-library.js";
import { decodeValue, encodeValue } from "./value-codec.js";
import { WriteOverlay } from "./write-overlay.js";

/**
 * Writes wait in memory until there is such a part of a checkpoint's log of them, so that a key that is written again and again
 * reaches the library once. Nothing is lost by it: the log has them all, and a start reads it from the last checkpoint on, which
 * hands over whatever waits.
 */
const WAITING_PART = 1 / 4;
/** While no more waits than that, requests have so much time for themselves between two batches for the library. */
const REST_MS = 2;
/** How long to wait until space is looked for again on a full disk. */
const RETRY_MS = 500;
const PAGE_READ_AHEAD = 256;

/**
 * The store on disk. Writes are visible at once, collect in memory, and reach the library (store-library.ts) in atomic
 * batches in the background; only `checkpoint` forces. What a crash takes, the log brings back, replayed over the store.
 *
 * When the library refuses a write because the disk is full, nothing is lost and nothing stops: what it does not have stays
 * in memory and in the log, reads go on, and when there is space the library is opened again and goes on. Any other refusal
 * is for good: `onFailure` is called, and the slave must start anew.
 */
export class DiskStore implements ManagedStore {
  readonly #library: Library;
  readonly #onFailure: (error: RingkvError) => void;
  readonly #waitingBytesMax: number;
  readonly #overlay = new WriteOverlay();
  #size: number;
  /** Library operations run one after the other. */
  #lastOperation: Promise<void> = Promise.resolve();
  /** The older half of what waits is on its way to the library. */
  #isHandingOver = false;
  /** Why the library takes no writes, while it does not. */
  #failure: RingkvError | undefined;
  #retryTimer: NodeJS.Timeout | undefined;
  /** Writes that came while the library was being opened again: what they replace could not be read. */
  #deferred: StoreWrite[] = [];
  #isClosing = false;

  /**
   * Opens the store in a slave's data directory, which the caller has locked; creates it where there is none.
   * @throws RingkvError STORAGE when it is damaged or of another format, or when the disk refuses
   */
  static async open(dataDirectory: string, options: DiskStoreOptions = {}): Promise<DiskStore> {
    try {
      const openLibrary = options.openLibrary ?? ((directory: string) => StoreLibrary.open(directory));
      return new DiskStore(await openLibrary(dataDirectory), options);
    } catch (error) {
      const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
      throw storageError(`Cannot open the store in ${dataDirectory}`, cause);
    }
  }

  private constructor(library: Library, options: DiskStoreOptions) {
    this.#library = library;
    this.#size = library.size;
    this.#onFailure = options.onFailure ?? (() => undefined);
    this.#waitingBytesMax = WAITING_PART * (options.checkpointBytes ?? DEFAULTS.segmentBytes);
  }

  get storeId(): string {
    return this.#library.storeId;
  }

  get size(): number {
    return this.#size;
  }

  get backlogBytes(): number {
    return this.#overlay.bytes;
  }

  /** @throws RingkvError STORAGE when the stored value cannot be read or is damaged */
  get(key: string): Versioned | undefined {
    const entry = this.#deferred.findLast((write) => write.key === key) ?? this.#overlay.get(key);
    if (entry === undefined) return this.#stored(key);
    return entry.value === undefined ? undefined : { value: entry.value, opId: entry.opId };
  }

  /** @throws RingkvError STORAGE when what the write replaces cannot be read */
  apply(write: StoreWrite): void {
    if (!this.#library.isOpen || this.#deferred.length > 0) {
      this.#deferred.push(write);
      return;
    }
    const waiting = this.#overlay.get(write.key);
    const stored = waiting?.value === undefined && waiting !== undefined ? undefined : this.get(write.key);
    const newest = waiting ?? stored;
    if (newest !== undefined && compareOpIds(write.opId, newest.opId) <= 0) return;
    const sizeDelta = (write.value === undefined ? 0 : 1) - (stored === undefined ? 0 : 1);
    if (sizeDelta === 0 && write.value === undefined) return;
    this.#size += sizeDelta;
    this.#overlay.set(write, sizeDelta);
    this.#handOverIfDue();
  }

  async keys(page: KeysPage): Promise<{ readonly keys: string[]; readonly more: boolean }> {
    const { prefix, after, limit } = page;
    const start = compareUtf8(after, prefix) >= 0 && after !== "" ? { after } : { from: prefix };
    const stored: string[] = [];
    let isWhole = false;
    try {
      // The iterator reads from a snapshot taken here, so writes that are handed over meanwhile are missed by neither.
      const iterator = this.#library.keys(start);
      const overlay = this.#overlay.entries((key) => key.startsWith(prefix) && compareUtf8(key, after) > 0);
      const overlaid = new Map(overlay.map((entry) => [entry.key, entry]));
      try {
        // Enough when limit + 1 of the stored keys stay: overlaid ones may be deletions.
        while (!isWhole && stored.length <= limit) {
          const read = await iterator.next(Math.min(limit + 1, PAGE_READ_AHEAD));
          const inside = read.filter((key) => key.startsWith(prefix));
          isWhole = inside.length < read.length || read.length === 0;
          for (const key of inside) if (!overlaid.has(key)) stored.push(key);
        }
      } finally {
        await iterator.close();
      }
      const horizon = isWhole ? undefined : stored.at(-1);
      const written = overlay.filter(({ value }) => value !== undefined).map(({ key }) => key);
      const within = written.filter((key) => horizon === undefined || compareUtf8(key, horizon) < 0);
      const all = [...stored, ...within].sort(compareUtf8);
      return { keys: all.slice(0, limit), more: all.length > limit };
    } catch (error) {
      throw storageError(`Cannot list the keys in ${this.#library.directory}`, error);
    }
  }

  /** Forces all writes applied so far. */
  checkpoint(): Promise<void> {
    const waiting = this.#overlay.waiting;
    return this.#exclusively(async () => {
      await this.#writeWaiting(waiting);
      await this.#library.force();
    });
  }

  async close(): Promise<void> {
    this.#isClosing = true;
    clearTimeout(this.#retryTimer);
    await this.#exclusively(() => this.#writeWaiting(this.#overlay.waiting)).catch(() => undefined);
    await this.#library.close();
  }

  #stored(key: string): Versioned | undefined {
    const { directory } = this.#library;
    let bytes: Uint8Array | undefined;
    try {
      bytes = this.#library.get(key);
    } catch (error) {
      throw storageError(`Cannot read from the store in ${directory}`, error);
    }
    if (bytes === undefined) return undefined;
    const stored = decodeValue(key, bytes);
    if (stored === undefined) throw new RingkvError("STORAGE", `The store in ${directory} has a damaged value.`);
    return stored;
  }

  /** Hands over the older half of what waits, when there is too much of it. */
  #handOverIfDue(): void {
    if (this.#isHandingOver || this.#failure !== undefined || this.#overlay.bytes <= this.#waitingBytesMax) return;
    this.#isHandingOver = true;
    const half = Math.ceil(this.#overlay.waiting / 2);
    this.#exclusively(() => this.#writeWaiting(half)).then(
      () => {
        this.#isHandingOver = false;
        this.#handOverIfDue();
      },
      () => (this.#isHandingOver = false),
    );
  }

  /** Hands over at least the `entries` oldest waiting writes. */
  async #writeWaiting(entries: number): Promise<void> {
    for (let left = entries; left > 0 && this.#overlay.waiting > 0;) {
      const batch = this.#overlay.takeBatch();
      left -= batch.length;
      const writes = batch.map(({ key, value, opId }) => {
        return { key, value: value === undefined ? undefined : encodeValue(key, { value, opId }) };
      });
      await this.#library.write(
        writes,
        batch.reduce((sum, { sizeDelta }) => sum + sizeDelta, 0),
      );
      this.#overlay.releaseBatch();
      const isUrgent = this.#isClosing || this.#overlay.bytes > this.#waitingBytesMax;
      if (left > 0 && !isUrgent) await new Promise((resolve) => setTimeout(resolve, REST_MS));
    }
  }

  #exclusively(operation: () => Promise<void>): Promise<void> {
    const result = this.#lastOperation.then(async () => {
      if (this.#failure !== undefined) throw this.#failure;
      try {
        await operation();
      } catch (error) {
        throw this.#fail(error);
      }
    });
    this.#lastOperation = result.catch(() => undefined);
    return result;
  }

  #fail(cause: unknown): RingkvError {
    this.#failure = storageError(`The store in ${this.#library.directory} failed`, cause);
    if (isOutOfSpace(cause) || !this.#library.hasRoomToReopen()) this.#reopenLater();
    else this.#onFailure(this.#failure);
    return this.#failure;
  }

  #reopenLater(): void {
    if (this.#isClosing) return;
    this.#retryTimer = setTimeout(() => {
      this.#lastOperation = this.#lastOperation.then(() => this.#reopen());
    }, RETRY_MS).unref();
  }

  /** Brings the library back once the disk has room; until then it can still be read. */
  async #reopen(): Promise<void> {
    if (this.#isClosing) return;
    try {
      if (!this.#library.hasRoomToReopen()) {
        this.#reopenLater();
        return;
      }
      if (await this.#library.reopen()) this.#overlay.releaseBatch();
      else this.#overlay.returnBatch();
      this.#failure = undefined;
      for (const write of this.#deferred.splice(0)) this.apply(write);
      this.#handOverIfDue();
    } catch (error) {
      this.#fail(error);
    }
  }
}

export interface DiskStoreOptions {
  /** Called once, when the library has refused a write for another reason than space: it takes none any more. */
  readonly onFailure?: (error: RingkvError) => void;
  /** The length of the log at which checkpoints are taken at the latest; default that of a segment, 16 MiB. */
  readonly checkpointBytes?: number;
  /** Opens the library in the data directory; default LevelDB. */
  readonly openLibrary?: (dataDirectory: string) => Promise<Library>;
}
