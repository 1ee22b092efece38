import path from "node:path";
import { ClassicLevel } from "classic-level";
import { nanoid } from "nanoid";
import { z } from "zod";
import type { KeysPage, StoreWrite, Versioned } from "../../core/store.js";
import { RingkvError } from "../../protocol/errors.js";
import { compareOpIds } from "../../protocol/ids.js";
import { compareUtf8 } from "../../protocol/text.js";
import { nodeFileOperations } from "./file-operations.js";
import type { ManagedStore } from "./managed-store.js";
import { storageError } from "./storage-error.js";
import { decodeValue, encodeValue } from "./value-codec.js";
import { type OverlayEntry, WriteOverlay } from "./write-overlay.js";

/** Keys of the library: `k` and the user's key; `!…` is ours; nothing is beyond `~`. */
const USER = "k";
const STATE = "!state";
const BATCH_MARK = "!b";
const BEYOND_ALL = "~";

const CACHE_BYTES = 32 * 1_048_576;
const WRITE_BUFFER_BYTES = 8 * 1_048_576;
/** Writes wait this long for others, so that a busy slave hands over few large batches. */
const BATCH_DELAY_MS = 5;
const PAGE_READ_AHEAD = 256;

const state = z.object({
  version: z.literal(1),
  storeId: z.string().min(1),
  /** Keys, once the batch that carries this state is in. */
  size: z.number(),
  /** The number of that batch. */
  batch: z.number(),
  /** The last batch that a checkpoint has forced. */
  forced: z.number(),
});
type State = z.output<typeof state>;

type Library = ClassicLevel<string, Uint8Array>;
type Operation = { readonly type: "put"; readonly key: string; readonly value: Uint8Array } | Deletion;
interface Deletion {
  readonly type: "del";
  readonly key: string;
}

/**
 * The store on disk, in LevelDB (docs/adr/0003-data-store.md). Writes are visible at once and reach the library in the
 * background, in atomic batches; only `checkpoint` forces.
 *
 * `size` is exact after any crash. Every batch carries the number of keys and leaves a mark with its own number. After a
 * power cut LevelDB may have lost any unforced batch and kept later ones; a missing mark shows it, and the keys are counted
 * anew. The log, replayed over the store, brings the lost writes back.
 */
export class DiskStore implements ManagedStore {
  readonly #library: Library;
  readonly #directory: string;
  readonly #onFailure: (error: RingkvError) => void;
  readonly #overlay = new WriteOverlay();
  #size: number;
  /** As the library has it. */
  #state: State;
  /** Library operations run one after the other. */
  #lastOperation: Promise<void> = Promise.resolve();
  #batchTimer: NodeJS.Timeout | undefined;
  #failure: RingkvError | undefined;

  /**
   * Opens the store in a slave's data directory, which the caller has locked; creates it where there is none.
   * @throws RingkvError STORAGE when it is damaged or of another format, or when the disk refuses
   */
  static async open(dataDirectory: string, options: DiskStoreOptions = {}): Promise<DiskStore> {
    const directory = path.join(dataDirectory, "store");
    const library: Library = new ClassicLevel(directory, {
      keyEncoding: "utf8",
      valueEncoding: "view",
      cacheSize: CACHE_BYTES,
      writeBufferSize: WRITE_BUFFER_BYTES,
    });
    try {
      nodeFileOperations.makeDirectory(directory);
      await nodeFileOperations.forceDirectory(dataDirectory);
      await library.open();
      const found = await readState(library);
      const store = new DiskStore(library, directory, found ?? newState(), options);
      if (found === undefined) await store.#writeBatch([]);
      else if (!(await hasEveryBatch(library, found))) await store.#recount();
      return store;
    } catch (error) {
      await library.close().catch(() => undefined);
      const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
      throw storageError(`Cannot open the store in ${directory}`, cause);
    }
  }

  private constructor(library: Library, directory: string, found: State, options: DiskStoreOptions) {
    this.#library = library;
    this.#directory = directory;
    this.#state = found;
    this.#size = found.size;
    this.#onFailure = options.onFailure ?? (() => undefined);
  }

  get storeId(): string {
    return this.#state.storeId;
  }

  get size(): number {
    return this.#size;
  }

  get backlogBytes(): number {
    return this.#overlay.bytes;
  }

  /** @throws RingkvError STORAGE when the stored value is not of this format */
  get(key: string): Versioned | undefined {
    const entry = this.#overlay.get(key);
    if (entry !== undefined) return entry.value === undefined ? undefined : { value: entry.value, opId: entry.opId };
    const bytes = this.#library.getSync(USER + key);
    if (bytes === undefined) return undefined;
    const stored = decodeValue(bytes);
    if (stored === undefined) throw new RingkvError("STORAGE", `The store in ${this.#directory} has a damaged value.`);
    return stored;
  }

  apply(write: StoreWrite): void {
    const waiting = this.#overlay.get(write.key);
    const stored = waiting?.value === undefined && waiting !== undefined ? undefined : this.get(write.key);
    const newest = waiting ?? stored;
    if (newest !== undefined && compareOpIds(write.opId, newest.opId) <= 0) return;
    const sizeDelta = (write.value === undefined ? 0 : 1) - (stored === undefined ? 0 : 1);
    if (sizeDelta === 0 && write.value === undefined) return;
    this.#size += sizeDelta;
    this.#overlay.set(write, sizeDelta);
    this.#batchTimer ??= setTimeout(() => {
      this.#batchTimer = undefined;
      void this.#exclusively(() => this.#writeWaiting(this.#overlay.waiting)).catch(() => undefined);
    }, BATCH_DELAY_MS);
  }

  async keys(page: KeysPage): Promise<{ readonly keys: string[]; readonly more: boolean }> {
    const { prefix, after, limit } = page;
    // The iterator reads from a snapshot taken here, so writes that are handed over meanwhile are missed by neither.
    const overlay = this.#overlay.entries().filter(({ key }) => key.startsWith(prefix) && compareUtf8(key, after) > 0);
    const overlaid = new Map(overlay.map((entry) => [entry.key, entry]));
    const range = compareUtf8(after, prefix) >= 0 && after !== "" ? { gt: USER + after } : { gte: USER + prefix };
    const iterator = this.#library.keys({ ...range, lt: BEYOND_ALL });
    const stored: string[] = [];
    let isWhole = false;
    try {
      // Enough when limit + 1 of the stored keys stay: overlaid ones may be deletions.
      while (!isWhole && stored.length <= limit) {
        const read = await iterator.nextv(Math.min(limit + 1, PAGE_READ_AHEAD));
        const inside = read.map((key) => key.slice(USER.length)).filter((key) => key.startsWith(prefix));
        isWhole = inside.length < read.length || read.length === 0;
        for (const key of inside) if (!overlaid.has(key)) stored.push(key);
      }
    } catch (error) {
      throw storageError(`Cannot list the keys in ${this.#directory}`, error);
    } finally {
      await iterator.close();
    }
    const horizon = isWhole ? undefined : stored.at(-1);
    const written = overlay.filter(({ value }) => value !== undefined).map(({ key }) => key);
    const within = written.filter((key) => horizon === undefined || compareUtf8(key, horizon) < 0);
    const all = [...stored, ...within].sort(compareUtf8);
    return { keys: all.slice(0, limit), more: all.length > limit };
  }

  /**
   * Forces all writes applied so far, by making LevelDB write its memtable to a table, which it forces together with its
   * manifest and directory. A write with `sync: true` would not do: it forces the newest of LevelDB's logs only.
   */
  checkpoint(): Promise<void> {
    const waiting = this.#overlay.waiting;
    return this.#exclusively(async () => {
      await this.#writeWaiting(waiting);
      const logBefore = this.#newestLibraryLog();
      await this.#library.compactRange(BEYOND_ALL, `${BEYOND_ALL}${BEYOND_ALL}`);
      // compactRange reports no error. It has begun if LevelDB has a new log, and it has ended well if a write is taken.
      if (this.#newestLibraryLog() <= logBefore) throw new RingkvError("STORAGE", "LevelDB could not start a new log.");
      const { batch, forced } = this.#state;
      const marks = Array.from({ length: batch - forced }, (_, index) => markOf(forced + 1 + index));
      await this.#writeBatch([], { forced: batch, droppedMarks: marks });
    });
  }

  async close(): Promise<void> {
    clearTimeout(this.#batchTimer);
    this.#batchTimer = undefined;
    await this.#exclusively(() => this.#writeWaiting(this.#overlay.waiting)).catch(() => undefined);
    await this.#library.close();
  }

  /** Hands over at least the `entries` oldest waiting writes. */
  async #writeWaiting(entries: number): Promise<void> {
    for (let left = entries; left > 0 && this.#overlay.waiting > 0;) {
      const batch = this.#overlay.takeBatch();
      left -= batch.length;
      await this.#writeBatch(batch);
      this.#overlay.releaseBatch();
    }
  }

  async #writeBatch(
    entries: readonly OverlayEntry[],
    checkpoint?: { readonly forced: number; readonly droppedMarks: readonly string[] },
  ): Promise<void> {
    const size = entries.reduce((sum, { sizeDelta }) => sum + sizeDelta, this.#state.size);
    const batch = this.#state.batch + 1;
    const next: State = { ...this.#state, size, batch, forced: checkpoint?.forced ?? this.#state.forced };
    const operations = [
      ...entries.map(operationOf),
      ...(checkpoint?.droppedMarks ?? []).map((key): Deletion => ({ type: "del", key })),
      { type: "put", key: markOf(batch), value: NOTHING } as const,
      { type: "put", key: STATE, value: Buffer.from(JSON.stringify(next)) } as const,
    ];
    await this.#library.batch(operations);
    this.#state = next;
  }

  async #recount(): Promise<void> {
    this.#size = await countKeys(this.#library);
    this.#state = { ...this.#state, size: this.#size };
    await this.checkpoint();
  }

  #exclusively(operation: () => Promise<void>): Promise<void> {
    const result = this.#lastOperation.then(async () => {
      if (this.#failure !== undefined) throw this.#failure;
      try {
        await operation();
      } catch (error) {
        this.#failure = storageError(`The store in ${this.#directory} failed`, error);
        this.#onFailure(this.#failure);
        throw this.#failure;
      }
    });
    this.#lastOperation = result.catch(() => undefined);
    return result;
  }

  #newestLibraryLog(): number {
    const names = nodeFileOperations.list(this.#directory);
    return Math.max(0, ...names.filter((name) => /^[0-9]+\.log$/.test(name)).map((name) => Number.parseInt(name, 10)));
  }
}

export interface DiskStoreOptions {
  /** Called once, when the library has refused a write: nothing is handed over any more, and checkpoints fail. */
  readonly onFailure?: (error: RingkvError) => void;
}

const NOTHING = new Uint8Array(0);

function newState(): State {
  return { version: 1, storeId: nanoid(), size: 0, batch: 0, forced: 0 };
}

function operationOf({ key, value, opId }: OverlayEntry): Operation {
  if (value === undefined) return { type: "del", key: USER + key };
  return { type: "put", key: USER + key, value: encodeValue({ value, opId }) };
}

/** Every batch has one, until a checkpoint has forced it; their order is that of their numbers. */
function markOf(batch: number): string {
  return BATCH_MARK + batch.toString().padStart(16, "0");
}

async function readState(library: Library): Promise<State | undefined> {
  const bytes = await library.get(STATE);
  if (bytes !== undefined) return state.parse(JSON.parse(Buffer.from(bytes).toString("utf8")));
  for await (const key of library.keys({ limit: 1 })) {
    throw new RingkvError("STORAGE", `It has keys (${JSON.stringify(key.slice(0, 32))}) and no description of itself.`);
  }
  return undefined;
}

/** Whether every batch since the last checkpoint is there, so that the size that the newest one carries is right. */
async function hasEveryBatch(library: Library, { batch, forced }: State): Promise<boolean> {
  const range = { gt: markOf(forced), lte: markOf(batch) };
  let marks = 0;
  for await (const key of library.keys(range)) if (key !== "") marks += 1;
  return marks === batch - forced;
}

async function countKeys(library: Library): Promise<number> {
  let keys = 0;
  for await (const key of library.keys({ gte: USER, lt: BEYOND_ALL })) if (key !== "") keys += 1;
  return keys;
}
