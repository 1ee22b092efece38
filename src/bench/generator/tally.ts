import { Latencies } from "../load/latencies.js";
import type { Operation } from "../load/request-source.js";
import type { GeneratorResult } from "./job.js";

/** Counts what was answered, from when it is told to begin. */
export class Tally {
  readonly #latencies = { put: new Latencies(), get: new Latencies() };
  readonly lateness = new Latencies();
  readonly #refusals = new Latencies();
  /** Requests sent in the measured time, where that is told. */
  offered = 0;
  readonly #errors = new Map<string, number>();
  #ops = 0;
  #beganMs = 0;
  #endedMs = 0;
  #cpuAtBegin = process.cpuUsage();

  begin(): void {
    this.#beganMs = performance.now();
    this.#cpuAtBegin = process.cpuUsage();
  }

  success(operation: Operation, ms: number): void {
    this.#ops++;
    this.#latencies[operation].record(ms);
  }

  failure(code: string, ms: number): void {
    if (code === "OVERLOADED") this.#refusals.record(ms);
    this.#errors.set(code, (this.#errors.get(code) ?? 0) + 1);
  }

  /** The measured time is over. */
  end(): void {
    this.#endedMs = performance.now();
  }

  toResult(): GeneratorResult {
    const { user, system } = process.cpuUsage(this.#cpuAtBegin);
    return {
      ops: this.#ops,
      elapsedMs: this.#endedMs - this.#beganMs,
      latencies: { put: this.#latencies.put.toCounts(), get: this.#latencies.get.toCounts() },
      errors: Object.fromEntries(this.#errors),
      refusals: this.#refusals.toCounts(),
      offered: this.offered,
      lateness: this.lateness.toCounts(),
      cpuMicros: user + system,
      rssBytes: process.memoryUsage.rss(),
    };
  }
}
