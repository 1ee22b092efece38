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

  /**
   * @param sets number of sets, at least 1
   * @param ways entries per set, at least 1
   */
  constructor(sets: number, ways: number) {
    this.sets = sets;
    this.ways = ways;
    this.#queues = Array.from({ length: sets }, () => []);
  }

  /** The set that a key of this hash belongs to. */
  setOf(hash: bigint): number {
    return Number(BigInt.asUintN(32, hash)) % this.sets;
  }

  /** The cached value; a hit sets the reference bit. */
  get(set: number, key: string): Value | undefined {
    const entry = this.#find(set, key);
    if (entry === undefined) return undefined;
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
    return evicted;
  }

  /** Drops a key; no effect when it is not cached. */
  delete(set: number, key: string): void {
    const queue = this.#queue(set);
    const index = queue.findIndex((entry) => entry.key === key);
    if (index !== -1) queue.splice(index, 1);
  }

  /** The entries of a set from front to back, for the screens and tests. */
  entries(set: number): readonly { readonly key: string; readonly value: Value; readonly referenced: boolean }[] {
    return this.#queue(set).map((entry) => ({ ...entry }));
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
