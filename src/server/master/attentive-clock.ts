import { performance } from "node:perf_hooks";

/**
 * Monotone time as far as this process could attend to it. While the process stands still (SIGSTOP, a suspended machine, a
 * long stall) its peers' messages pile up unread, and the time that passes meanwhile proves nothing about them: it counts
 * as one step. So a master that thaws reads what has come before it calls anyone silent.
 */
export class AttentiveClock {
  readonly #stepMsMax: number;
  readonly #read: () => number;
  #readMs: number;
  #nowMs = 0;

  /**
   * @param stepMsMax what a time in which the process did not tick counts for at most
   * @param read any monotone clock, in ms
   */
  constructor(stepMsMax: number, read: () => number = () => performance.now()) {
    this.#stepMsMax = stepMsMax;
    this.#read = read;
    this.#readMs = read();
  }

  /** The time of the last tick, in ms since the clock was made. */
  get nowMs(): number {
    return this.#nowMs;
  }

  /** Lets the time that has passed since count for nothing; call it in place of `tick`. */
  standStill(): number {
    this.#readMs = this.#read();
    return this.#nowMs;
  }

  /** Moves on; call it every few ten ms. */
  tick(): number {
    const readMs = this.#read();
    this.#nowMs += Math.min(readMs - this.#readMs, this.#stepMsMax);
    this.#readMs = readMs;
    return this.#nowMs;
  }
}
