import type { LatencyCounts } from "../load/latencies.js";
import type { Workload } from "../load/workload.js";
import type { Entrance } from "./access.js";

/** What one generator process is to do. */
export type GeneratorJob = LoadJob | FillJob;

interface JobTarget extends Entrance {
  /** The URL of the module that is the wire. */
  readonly wire: string;
}

/** Its share of a load: fewer clients, and of an open loop a lower rate. */
export interface LoadJob extends JobTarget {
  readonly type: "load";
  readonly workload: Workload;
  readonly seed: number;
  /** When its first request is due, of an open loop: the part of an interval, 0 to 1, so that generators take turns. */
  readonly phase: number;
}

/** Writes keys `from` up to, and without, `to`; each once. */
export interface FillJob extends JobTarget {
  readonly type: "fill";
  readonly from: number;
  readonly to: number;
  readonly valueBytes: number;
}

/** From the bench to a generator. */
export type ToGenerator =
  | GeneratorJob
  /** The warm-up is over: what is answered from now on counts. With a path, a CPU profile is written there in the end. */
  | { readonly type: "measure"; readonly profile: string | undefined }
  | { readonly type: "stop" };

/** From a generator to the bench. */
export type FromGenerator =
  /** A load's clients are connected and busy. */
  | { readonly type: "started" }
  | { readonly type: "progress"; readonly done: number }
  | { readonly type: "result"; readonly result: GeneratorResult }
  | { readonly type: "failed"; readonly code: string; readonly message: string };

/** What one generator has counted. */
export interface GeneratorResult {
  /** Answers that were successes. */
  readonly ops: number;
  readonly elapsedMs: number;
  readonly latencies: Readonly<Record<"put" | "get", LatencyCounts>>;
  /** Answers that were failures, by code. */
  readonly errors: Readonly<Record<string, number>>;
  /** Of the answers that said OVERLOADED. */
  readonly refusals: LatencyCounts;
  /** Of an open loop: requests sent in the measured time. */
  readonly offered: number;
  /** Of an open loop: from when a request was due to when it was sent. */
  readonly lateness: LatencyCounts;
  /** The generator's own CPU time, in µs. */
  readonly cpuMicros: number;
  readonly rssBytes: number;
}
