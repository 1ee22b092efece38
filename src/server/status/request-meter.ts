import { performance } from "node:perf_hooks";
import type { ReadResult, UpdateResult } from "../../core/result.js";
import type { Metrics } from "../../protocol/messages.js";
import { RecentTimes } from "./recent-times.js";

type RequestKind = "get" | "put" | "del";

const TIMES_KEPT = 1_024;
/** Of the reads that the cache answers at once one in so many is timed: reading the clock twice takes a tenth of the whole. */
const HITS_PER_TIMING = 32;
const TOLD = { p50: 0.5, p99: 0.99 };
const NOTHING_YET = { p50: 0, p99: 0 };

/** Counts client requests and their times; the counters are exact, the percentiles are of the newest 1,024 requests. */
export class RequestMeter {
  readonly #counts = { get: 0, put: 0, del: 0 };
  readonly #getMs = new RecentTimes(TIMES_KEPT);
  readonly #updateMs = new RecentTimes(TIMES_KEPT);
  #errors = 0;
  #inFlight = 0;
  #served = 0;
  #hits = 0;
  /** What the newest hit that was timed took; it stands for those after it. */
  #hitMs = 0;
  #onIdle: (() => void) | undefined;

  /** A request has begun; call what it returns with the result. */
  start(kind: RequestKind): (result: ReadResult | UpdateResult) => void {
    const startedMs = performance.now();
    this.#counts[kind] += 1;
    this.#inFlight += 1;
    return (result) => {
      this.#inFlight -= 1;
      if (result.ok || result.code === "KEY_NOT_FOUND") this.#served += 1;
      else this.#errors += 1;
      (kind === "get" ? this.#getMs : this.#updateMs).add(performance.now() - startedMs);
      if (this.#inFlight === 0) this.#onIdle?.();
    };
  }

  /** A read begins that the cache may answer at once; `hitEnded` takes what this returns, if it does. */
  hitBegins(): number | undefined {
    return this.#hits % HITS_PER_TIMING === 0 ? performance.now() : undefined;
  }

  /** The cache has answered a read. @param startedMs what `hitBegins` returned for it */
  hitEnded(startedMs: number | undefined): void {
    this.#hits += 1;
    this.#counts.get += 1;
    if (startedMs !== undefined) this.#hitMs = performance.now() - startedMs;
    this.#getMs.add(this.#hitMs);
  }

  /** Requests under way. */
  get inFlight(): number {
    return this.#inFlight;
  }

  /** Requests that were done as asked, without the reads that the cache answered at once: those were never under way. */
  get served(): number {
    return this.#served;
  }

  /** Resolves when no request is under way. */
  idle(): Promise<void> {
    if (this.#inFlight === 0) return Promise.resolve();
    return new Promise((resolve) => (this.#onIdle = resolve));
  }

  get figures(): Pick<Metrics, "gets" | "puts" | "dels" | "errors" | "inFlight" | "getMs" | "updateMs"> {
    return {
      gets: this.#counts.get,
      puts: this.#counts.put,
      dels: this.#counts.del,
      errors: this.#errors,
      inFlight: this.#inFlight,
      getMs: this.#getMs.percentiles(TOLD) ?? NOTHING_YET,
      updateMs: this.#updateMs.percentiles(TOLD) ?? NOTHING_YET,
    };
  }
}
