/** What a load asks for. `a`, `b` and `c` are those of YCSB: half of the requests, one in twenty, and none are puts. */
export type Mix = "put" | "get" | "a" | "b" | "c";

/** How a load chooses its keys: all alike, or few of them most of the time. */
export type Distribution = "uniform" | "zipfian";

/** The part of the requests that are puts. */
export const PUT_SHARE: Readonly<Record<Mix, number>> = { put: 1, get: 0, a: 0.5, b: 0.05, c: 0 };

/** One load: what is asked for, and how hard. */
export interface Workload {
  readonly mix: Mix;
  readonly distribution: Distribution;
  /** The keys that it is spread over. */
  readonly keys: number;
  readonly valueBytes: number;
  /** Connections. */
  readonly clients: number;
  /** Requests in flight on each connection, at most. */
  readonly depth: number;
  /**
   * Requests a second that are due whatever has been answered: an open loop. Left out: a closed loop, in which every answer
   * makes room for the next request.
   */
  readonly rate?: number | undefined;
}

/** How long a load runs before it counts, and how long it counts, in ms. */
export interface Timing {
  readonly warmupMs: number;
  readonly measureMs: number;
}

/** Values of one size take this much of a store at most; of larger values there are fewer keys. 256 MiB. */
const DATA_BYTES_MAX = 268_435_456;

/** So many keys are really used where so many are wished for. */
export function keysFor(wished: number, valueBytes: number): number {
  return Math.max(1, Math.min(wished, Math.floor(DATA_BYTES_MAX / Math.max(1, valueBytes))));
}

/** The name of the `n`th key. Values of different sizes have keys of their own, so that a get finds the size it is to read. */
export function keyName(valueBytes: number, n: number): string {
  return `bench:${valueBytes}:${n}`;
}
