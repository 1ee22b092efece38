/**
 * How much may be told of what happens at every request: so many events a second, whatever the load, so that watching does
 * not slow down what is watched. It fills steadily, which under load makes an even trickle and not a burst with a long pause.
 */
export class TraceBudget {
  readonly #perSecond: number;
  readonly #max: number;
  #events: number;
  #refilledMs = 0;

  /**
   * @param perSecond events
   * @param burstMs what was not used of this time may be used at once
   */
  constructor(perSecond: number, burstMs: number) {
    this.#perSecond = perSecond;
    this.#max = (perSecond * burstMs) / 1_000;
    this.#events = this.#max;
  }

  /** Takes this many events out of the budget; false, and nothing is taken, when it has not so many. */
  take(events: number): boolean {
    if (this.#events < events) return false;
    this.#events -= events;
    return true;
  }

  /** @param nowMs any monotone clock's reading */
  refill(nowMs: number): void {
    const gained = ((nowMs - this.#refilledMs) * this.#perSecond) / 1_000;
    this.#refilledMs = nowMs;
    this.#events = Math.min(this.#max, this.#events + gained);
  }
}
