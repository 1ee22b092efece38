/** Random whole numbers that a seed determines: the same seed, the same numbers (mulberry32). */
export class SeededRandom {
  #state: number;

  /** @param seed any whole number; 32 bits of it count */
  constructor(seed: number) {
    this.#state = seed | 0;
  }

  /** A whole number from `low` to `high`, both included. */
  between(low: number, high: number): number {
    return low + Math.floor(this.#next() * (high - low + 1));
  }

  /** From 0 up to 1, 1 excluded. */
  #next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }
}
