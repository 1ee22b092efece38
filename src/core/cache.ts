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
  /** Every entry, so that whoever looks for a key needs neither its hash nor its set. */
  readonly #entries = new Map<string, Entry<Value>>();
  /** Entries of each block of sets, so that whoever looks for used ones passes over empty stretches. */
  readonly #usedInBlock: Uint32Array;
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
    return { used: this.#entries.size, hits: this.#hits, misses: this.#misses, evictions: this.#evictions };
  }

  /** The set that a key of this hash belongs to. */
  setOf(hash: bigint): number {
    return Number(BigInt.asUintN(32, hash)) % this.sets;
  }

  /** What is cached of a key. It changes nothing: whoever then uses it calls `touch`. */
  find(key: string): CacheEntry<Value> | undefined {
    return this.#entries.get(key);
  }

  /** An entry that `find` has just given is used: a hit, which sets its reference bit. */
  touch(entry: CacheEntry<Value>): void {
    this.#hits += 1;
    (entry as Entry<Value>).referenced = true;
  }

  /** The cached value: a hit, or a miss. */
  get(key: string): Value | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) {
      this.#misses += 1;
      return undefined;
    }
    this.touch(entry);
    return entry.value;
  }

  /** Stores a value, of a key that belongs to this set, and returns the key that had to leave, if one had to. */
  put(set: number, key: string, value: Value): string | undefined {
    const present = this.#entries.get(key);
    if (present !== undefined) {
      present.value = value;
      present.referenced = true;
      return undefined;
    }
    const queue = this.#queue(set);
    const evicted = queue.length >= this.ways ? makeRoom(queue) : undefined;
    const entry = { key, set, value, referenced: false };
    queue.push(entry);
    this.#entries.set(key, entry);
    if (evicted === undefined) this.#count(set, 1);
    else {
      this.#entries.delete(evicted);
      this.#evictions += 1;
    }
    return evicted;
  }

  /** Drops a key; no effect when it is not cached. */
  delete(key: string): void {
    const entry = this.#entries.get(key);
    if (entry === undefined) return;
    this.#entries.delete(key);
    const queue = this.#queue(entry.set);
    queue.splice(queue.indexOf(entry), 1);
    this.#count(entry.set, -1);
  }

  /** The entries of a set from front to back, for the screens and tests. */
  entries(set: number): readonly Omit<CacheEntry<Value>, "set">[] {
    return this.#queue(set).map(({ key, value, referenced }) => ({ key, value, referenced }));
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
    this.#usedInBlock[block] = (this.#usedInBlock[block] ?? 0) + change;
  }

  #queue(set: number): Entry<Value>[] {
    const queue = this.#queues[set];
    if (queue === undefined) throw new Error(`no cache set ${set.toString()}`);
    return queue;
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

/** A cached key. */
export interface CacheEntry<Value> {
  readonly key: string;
  readonly set: number;
  readonly value: Value;
  /** Used since it came, or since it was last spared. */
  readonly referenced: boolean;
}

const BLOCK_SETS = 1_024;

interface Entry<Value> extends CacheEntry<Value> {
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
