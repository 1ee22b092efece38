/** The newest so many times, in ms, and what they are like. */
export class RecentTimes {
  readonly #times: Float64Array;
  #added = 0;

  constructor(size: number) {
    this.#times = new Float64Array(size);
  }

  add(ms: number): void {
    this.#times[this.#added % this.#times.length] = ms;
    this.#added += 1;
  }

  /** The time below which each of these parts (0 to 1) of the times lie; undefined while there are none. */
  percentiles<Name extends string>(parts: Readonly<Record<Name, number>>): Record<Name, number> | undefined {
    if (this.#added === 0) return undefined;
    const sorted = this.#times.slice(0, Math.min(this.#added, this.#times.length)).sort();
    const at = (part: number) => sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? 0;
    return Object.fromEntries(Object.entries<number>(parts).map(([name, part]) => [name, at(part)])) as Record<
      Name,
      number
    >;
  }
}
