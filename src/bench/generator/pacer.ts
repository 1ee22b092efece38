import { once } from "node:events";
import { Worker } from "node:worker_threads";

/** Ticks come no closer than this, in ms: what comes due between two is sent with the second. */
const TICK_MS_MIN = 0.2;

/** Waits without a clock that counts whole ms, which is all that timers of the event loop have. */
const WORKER = `
  const { parentPort, workerData } = require("node:worker_threads");
  const cell = new Int32Array(workerData.shared);
  parentPort.postMessage(0);
  while (Atomics.load(cell, 0) === 0) {
    Atomics.wait(cell, 0, 0, workerData.tickMs);
    // A tick that was not taken yet stands for all that follow it.
    if (Atomics.exchange(cell, 1, 1) === 0) parentPort.postMessage(0);
  }
`;

/** Ticks for an open loop, in parts of a ms: a thread sleeps and wakes this one. */
export class Pacer {
  readonly #onTick: () => void;
  readonly #cell = new Int32Array(new SharedArrayBuffer(8));
  #worker: Worker | undefined;

  constructor(onTick: () => void) {
    this.#onTick = onTick;
  }

  /** Resolves when it ticks. */
  async start(intervalMs: number): Promise<void> {
    const workerData = { shared: this.#cell.buffer, tickMs: Math.max(TICK_MS_MIN, intervalMs / 2) };
    const worker = new Worker(WORKER, { eval: true, workerData });
    this.#worker = worker;
    await once(worker, "message");
    worker.on("message", () => {
      Atomics.store(this.#cell, 1, 0);
      this.#onTick();
    });
  }

  stop(): void {
    Atomics.store(this.#cell, 0, 1);
    Atomics.notify(this.#cell, 0);
    this.#worker?.removeAllListeners("message");
    this.#worker?.unref();
  }
}
