/** Waiting times that double from a first to a longest one, in ms, for things tried again and again. */
export class Backoff {
  readonly #firstMs: number;
  readonly #maxMs: number;
  #nextMs: number;

  constructor(firstMs: number, maxMs: number) {
    this.#firstMs = firstMs;
    this.#maxMs = maxMs;
    this.#nextMs = firstMs;
  }

  /** The time to wait before the next try. */
  next(): number {
    const delayMs = this.#nextMs;
    this.#nextMs = Math.min(2 * delayMs, this.#maxMs);
    return delayMs;
  }

  /** It went well for a while: the next failure starts from the beginning. */
  reset(): void {
    this.#nextMs = this.#firstMs;
  }
}
