import fs from "node:fs";
import path from "node:path";
import { ClassicLevel } from "classic-level";
import { nanoid } from "nanoid";
import { z } from "zod";
import { RingkvError } from "../../protocol/errors.js";
import { nodeFileOperations } from "./file-operations.js";
import type { Library, LibraryKeys, LibraryWrite } from "./library.js";

/** Keys of the library: `k` and the user's key; `!…` is ours; nothing is beyond `~`. */
const USER = "k";
const STATE = "!state";
const BATCH_MARK = "!b";
const BEYOND_ALL = "~";

const CACHE_BYTES = 32 * 1_048_576;
const WRITE_BUFFER_BYTES = 8 * 1_048_576;
/** What an opening takes besides tables of all that its logs hold: a manifest, a log, `CURRENT` and its predecessor. */
const OPENING_BYTES = 16_384;
/** A store that is being made; it is renamed when it is whole. */
const UNFINISHED_SUFFIX = ".new";

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

type Level = ClassicLevel<string, Uint8Array>;
type Operation = { readonly type: "put"; readonly key: string; readonly value: Uint8Array } | Deletion;
interface Deletion {
  readonly type: "del";
  readonly key: string;
}

/**
 * LevelDB as a store uses it (docs/adr/0003-data-store.md): atomic batches that count keys and themselves, and a force.
 *
 * Every batch carries the number of keys and leaves a mark with its own number. After a power cut LevelDB may have lost any
 * unforced batch and kept later ones; a missing mark shows it, and the keys are counted anew.
 *
 * All errors are LevelDB's own. After any of them, and on a full disk too, it may refuse every write until it is opened
 * again, or write on behind half a record that its next opening skips together with what follows; so it must be `reopen`ed.
 */
export class StoreLibrary implements Library {
  readonly directory: string;
  readonly #level: Level;
  #state: State;
  #isOpen = true;

  /** Opens the library in a data directory, and makes it where there is none: with a name of its own, which is on disk. */
  static async open(dataDirectory: string): Promise<StoreLibrary> {
    const directory = path.join(dataDirectory, "store");
    nodeFileOperations.makeDirectory(dataDirectory);
    if (!fs.existsSync(directory)) await create(directory);
    return StoreLibrary.#openExisting(directory);
  }

  static async #openExisting(directory: string): Promise<StoreLibrary> {
    const level = levelIn(directory);
    try {
      await level.open();
      const library = new StoreLibrary(directory, level, await readState(level));
      if (!(await library.#hasEveryBatch())) await library.#recount();
      return library;
    } catch (error) {
      await level.close();
      throw error;
    }
  }

  private constructor(directory: string, level: Level, found: State) {
    this.directory = directory;
    this.#level = level;
    this.#state = found;
  }

  get storeId(): string {
    return this.#state.storeId;
  }

  /** Keys that it holds. */
  get size(): number {
    return this.#state.size;
  }

  /** False while it is being opened again, and when that has failed: nothing can be read then. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  get(key: string): Uint8Array | undefined {
    return this.#level.getSync(USER + key);
  }

  /** The user's keys from `start` on, as of now; close the iterator in the end. */
  keys(start: { readonly after: string } | { readonly from: string }): LibraryKeys {
    const range = "after" in start ? { gt: USER + start.after } : { gte: USER + start.from };
    const iterator = this.#level.keys({ ...range, lt: BEYOND_ALL });
    return {
      next: async (count) => (await iterator.nextv(count)).map((key) => key.slice(USER.length)),
      close: () => iterator.close(),
    };
  }

  /**
   * Writes a batch, unforced.
   * @param sizeDelta what the number of keys changes by
   */
  write(writes: readonly LibraryWrite[], sizeDelta: number): Promise<void> {
    const operations = writes.map(({ key, value }): Operation => {
      return value === undefined ? { type: "del", key: USER + key } : { type: "put", key: USER + key, value };
    });
    return this.#writeBatch(operations, { size: this.#state.size + sizeDelta });
  }

  /**
   * Forces all batches so far, by making LevelDB write its memtable to a table, which it forces together with its manifest
   * and directory. A write with `sync: true` would not do: it forces the newest of LevelDB's logs only.
   */
  async force(): Promise<void> {
    const logBefore = this.#newestLog();
    await this.#level.compactRange(BEYOND_ALL, `${BEYOND_ALL}${BEYOND_ALL}`);
    // compactRange reports no error. It has begun if LevelDB has a new log, and it has ended well if a write is taken.
    if (this.#newestLog() <= logBefore) throw new RingkvError("STORAGE", "LevelDB could not start a new log.");
    const { batch, forced } = this.#state;
    const marks = Array.from({ length: batch - forced }, (_, index) => markOf(forced + 1 + index));
    await this.#writeBatch(
      marks.map((key) => ({ type: "del", key })),
      { forced: batch },
    );
  }

  /** Whether the disk has what an opening takes: on a full one it would fail, and what can be read now could not be then. */
  hasRoomToReopen(): boolean {
    try {
      const { bavail, bsize } = fs.statfsSync(this.directory);
      const logs = this.#logs().map((name) => path.join(this.directory, name));
      const logBytes = logs.reduce((sum, log) => sum + (fs.statSync(log, { throwIfNoEntry: false })?.size ?? 0), 0);
      return bavail * bsize >= OPENING_BYTES + logBytes;
    } catch {
      // A disk that gives no answer has other troubles than a want of space, and opening will tell.
      return true;
    }
  }

  /**
   * Closes and opens it, after an error. What it holds then is what it held before, or that and the batch that failed.
   * @returns whether the batch that failed is in
   * @throws RingkvError STORAGE when batches that it had taken are gone: the log must be replayed
   */
  async reopen(): Promise<boolean> {
    this.#isOpen = false;
    await this.#level.close();
    await this.#level.open();
    const found = await readState(this.#level);
    const { batch } = this.#state;
    this.#state = found;
    if (found.batch < batch || found.batch > batch + 1 || !(await this.#hasEveryBatch())) {
      throw new RingkvError("STORAGE", "LevelDB has lost writes that it had taken.");
    }
    this.#isOpen = true;
    return found.batch > batch;
  }

  close(): Promise<void> {
    return this.#level.close();
  }

  async #writeBatch(
    operations: readonly Operation[],
    change: { readonly size: number } | { readonly forced: number },
  ): Promise<void> {
    const batch = this.#state.batch + 1;
    const next: State = { ...this.#state, ...change, batch };
    await this.#level.batch([
      ...operations,
      { type: "put", key: markOf(batch), value: NOTHING },
      { type: "put", key: STATE, value: Buffer.from(JSON.stringify(next)) },
    ]);
    this.#state = next;
  }

  /** Whether every batch since the last checkpoint is there, so that the size that the newest one carries is right. */
  async #hasEveryBatch(): Promise<boolean> {
    const { batch, forced } = this.#state;
    let marks = 0;
    for await (const key of this.#level.keys({ gt: markOf(forced), lte: markOf(batch) })) if (key !== "") marks += 1;
    return marks === batch - forced;
  }

  async #recount(): Promise<void> {
    let size = 0;
    for await (const key of this.#level.keys({ gte: USER, lt: BEYOND_ALL })) if (key !== "") size += 1;
    this.#state = { ...this.#state, size };
    await this.force();
  }

  #newestLog(): number {
    return Math.max(0, ...this.#logs().map((name) => Number.parseInt(name, 10)));
  }

  #logs(): string[] {
    return nodeFileOperations.list(this.directory).filter((name) => /^[0-9]+\.log$/.test(name));
  }
}

const NOTHING = new Uint8Array(0);

/**
 * Makes a store beside its place, forces it, and puts it there: one that has its name has its ID on disk. A ring knows its
 * slaves' stores by their IDs and takes no other, so an ID must not be lost with what was not forced.
 */
async function create(directory: string): Promise<void> {
  const unfinished = directory + UNFINISHED_SUFFIX;
  await fs.promises.rm(unfinished, { recursive: true, force: true });
  nodeFileOperations.makeDirectory(unfinished);
  const level = levelIn(unfinished);
  await level.open();
  const first: State = { version: 1, storeId: nanoid(), size: 0, batch: 0, forced: 0 };
  try {
    await level.put(STATE, Buffer.from(JSON.stringify(first)), { sync: true });
  } finally {
    await level.close();
  }
  await nodeFileOperations.forceDirectory(unfinished);
  nodeFileOperations.rename(unfinished, directory);
  await nodeFileOperations.forceDirectory(path.dirname(directory));
}

function levelIn(directory: string): Level {
  return new ClassicLevel(directory, {
    keyEncoding: "utf8",
    valueEncoding: "view",
    cacheSize: CACHE_BYTES,
    writeBufferSize: WRITE_BUFFER_BYTES,
  });
}

/** Every batch has one, until a checkpoint has forced it; their order is that of their numbers. */
function markOf(batch: number): string {
  return BATCH_MARK + batch.toString().padStart(16, "0");
}

async function readState(level: Level): Promise<State> {
  const bytes = await level.get(STATE);
  if (bytes !== undefined) return state.parse(JSON.parse(Buffer.from(bytes).toString("utf8")));
  const [first = ""] = await level.keys({ limit: 1 }).all();
  const what = first === "" ? "nothing in it" : `keys (${JSON.stringify(first.slice(0, 32))})`;
  throw new RingkvError("STORAGE", `It has ${what} and no description of itself.`);
}
