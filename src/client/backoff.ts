/** The first pause before connecting again, at most: a master that was restarted is back within moments. */
const PAUSE_MS = 50;
/** No pause is longer, so that a client finds a master that was away for long within two seconds. */
const PAUSE_MS_MAX = 2_000;

/**
 * Pauses between attempts: twice as long after each failure, with full jitter, so that the clients of a master that comes
 * back do not all arrive in the same moment (https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/).
 */
export class Backoff {
  readonly #random: () => number;
  #failures = 0;

  /** @param random gives numbers in [0, 1) */
  constructor(random: () => number = Math.random) {
    this.#random = random;
  }

  /** The pause before the next attempt, in ms. */
  next(): number {
    const longest = Math.min(PAUSE_MS_MAX, PAUSE_MS * 2 ** this.#failures);
    this.#failures++;
    return this.#random() * longest;
  }

  /** It worked: the next pause is short again. */
  reset(): void {
    this.#failures = 0;
  }
}
