import { promiseHooks } from "node:v8";

/** Settled for good: waiting for it lets everything queued before run, and makes as little of its own as can be. */
const QUIET = Promise.resolve();

/** Other work may go on in the first rounds of waiting, so the quietest of a few counts. */
const CALIBRATION_ROUNDS = 8;

/**
 * Runs what promises have left to do, without a turn of the real event loop. It is quiet when a round of waiting saw no
 * promise made or settled but its own: whatever had been queued before that round has run by then.
 *
 * A turn of the real loop would do the same at ten times the cost, and would let the outside in.
 */
export class MicrotaskDrain {
  #activity = 0;
  #seen = 0;
  /** What a round of waiting itself causes; the engine's own affair, so it is measured when nothing else goes on. */
  #ownActivity = 0;
  #stop: (() => void) | undefined;

  async start(): Promise<void> {
    const count = () => {
      this.#activity += 1;
    };
    // `stop` is the function that createHook returns; the type says Function.
    this.#stop = promiseHooks.createHook({ init: count, settled: count }) as () => void;
    this.#ownActivity = Infinity;
    for (let round = 0; round < CALIBRATION_ROUNDS; round++) {
      const before = this.#activity;
      await QUIET;
      this.#ownActivity = Math.min(this.#ownActivity, this.#activity - before);
    }
    this.#seen = this.#activity;
  }

  stop(): void {
    this.#stop?.();
    this.#stop = undefined;
  }

  /** Some promise was made or settled since it was last quiet. */
  get isNeeded(): boolean {
    return this.#activity !== this.#seen;
  }

  async untilQuiet(): Promise<void> {
    for (let before = -Infinity; this.#activity - before > this.#ownActivity;) {
      before = this.#activity;
      await QUIET;
    }
    this.#seen = this.#activity;
  }
}
