/**
 * A set-associative cache with second-chance replacement, in the exact order of the CS162 course.
 *
 * A key belongs to one set; a set is a queue of at most `ways` entries. A new entry enters at the back with its reference bit
 * off; a hit or an overwrite in place turns the bit on. A full set makes room from the front: bit on → off and to the back,
 * bit off → evicted.
 */
export class SetAssociativeCache<Value> {
  readonly sets: number;
  readonly ways: number;
  readonly #queues: Entry<Value>[][];
  /** Entries of each block of sets, so that whoever looks for used ones passes over empty stretches. */
  readonly #usedInBlock: Uint32Array;
  #used = 0;
  #hits = 0;
  #misses = 0;
  #evictions = 0;

  /**
   * @param sets number of sets, at least 1
   * @param ways entries per set, at least 1
   */
  constructor(sets: number, ways: number) {
    this.sets = sets;
    this.ways = ways;
    this.#queues = Array.from({ length: sets }, () => []);
    this.#usedInBlock = new Uint32Array(Math.ceil(sets / BLOCK_SETS));
  }

  /** What it has done and holds, counted exactly. */
  get figures(): CacheFigures {
    return { used: this.#used, hits: this.#hits, misses: this.#misses, evictions: this.#evictions };
  }

  /** The set that a key of this hash belongs to. */
  setOf(hash: bigint): number {
    return Number(BigInt.asUintN(32, hash)) % this.sets;
  }

  /** The cached value; a hit sets the reference bit. */
  get(set: number, key: string): Value | undefined {
    const entry = this.#find(set, key);
    if (entry === undefined) {
      this.#misses += 1;
      return undefined;
    }
    this.#hits += 1;
    entry.referenced = true;
    return entry.value;
  }

  /** Stores a value and returns the key that had to leave, if one had to. */
  put(set: number, key: string, value: Value): string | undefined {
    const entry = this.#find(set, key);
    if (entry !== undefined) {
      entry.value = value;
      entry.referenced = true;
      return undefined;
    }
    const queue = this.#queue(set);
    const evicted = queue.length >= this.ways ? makeRoom(queue) : undefined;
    queue.push({ key, value, referenced: false });
    if (evicted === undefined) this.#count(set, 1);
    else this.#evictions += 1;
    return evicted;
  }

  /** Drops a key; no effect when it is not cached. */
  delete(set: number, key: string): void {
    const queue = this.#queue(set);
    const index = queue.findIndex((entry) => entry.key === key);
    if (index === -1) return;
    queue.splice(index, 1);
    this.#count(set, -1);
  }

  /** The entries of a set from front to back, for the screens and tests. */
  entries(set: number): readonly { readonly key: string; readonly value: Value; readonly referenced: boolean }[] {
    return this.#queue(set).map((entry) => ({ ...entry }));
  }

  /** The first set from this one on that is not empty; looks at a few thousand sets at most, however many there are. */
  nextUsedSet(from: number): number | undefined {
    for (let set = from; set < this.sets; set++) {
      const block = Math.floor(set / BLOCK_SETS);
      if (this.#usedInBlock[block] === 0) set = (block + 1) * BLOCK_SETS - 1;
      else if (this.#queue(set).length > 0) return set;
    }
    return undefined;
  }

  #count(set: number, change: 1 | -1): void {
    const block = Math.floor(set / BLOCK_SETS);
    this.#used += change;
    this.#usedInBlock[block] = (this.#usedInBlock[block] ?? 0) + change;
  }

  #queue(set: number): Entry<Value>[] {
    const queue = this.#queues[set];
    if (queue === undefined) throw new Error(`no cache set ${set.toString()}`);
    return queue;
  }

  #find(set: number, key: string): Entry<Value> | undefined {
    for (const entry of this.#queue(set)) if (entry.key === key) return entry;
    return undefined;
  }
}

export interface CacheFigures {
  /** Entries held. */
  readonly used: number;
  readonly hits: number;
  readonly misses: number;
  /** Entries that had to leave for others. */
  readonly evictions: number;
}

const BLOCK_SETS = 1_024;

interface Entry<Value> {
  readonly key: string;
  value: Value;
  referenced: boolean;
}

function makeRoom<Value>(queue: Entry<Value>[]): string {
  for (;;) {
    const front = queue.shift();
    if (front === undefined) throw new Error("a full set has a front");
    if (!front.referenced) return front.key;
    front.referenced = false;
    queue.push(front);
  }
}
