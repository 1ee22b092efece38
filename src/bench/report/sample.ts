/** Latencies in ms; zeros when there were none. */
export interface LatencyFigures {
  readonly count: number;
  readonly p50: number;
  readonly p99: number;
  readonly p999: number;
  readonly max: number;
}

/** What a process took of the machine during a load. */
export interface Usage {
  readonly cpuMicrosPerOp: number;
  /** Cores that were busy with it, on the average. */
  readonly cores: number;
  /** At the end of the load. */
  readonly rssBytes: number;
}

export interface ProcessFigures extends Usage {
  readonly name: string;
}

/** One load, measured once. */
export interface LoadSample {
  /** Requests that succeeded. */
  readonly ops: number;
  readonly opsPerSecond: number;
  /** Of all requests that succeeded; and of puts and gets by themselves. */
  readonly latencyMs: LatencyFigures;
  readonly putMs: LatencyFigures;
  readonly getMs: LatencyFigures;
  /** Of the requests that were refused as OVERLOADED, if any were. */
  readonly refusedMs?: LatencyFigures;
  /** Of an open loop: requests sent in the measured time. */
  readonly offeredPerSecond?: number;
  /** Of an open loop: how late requests were sent, which the latencies contain. */
  readonly latenessMs?: LatencyFigures;
  /** Requests that failed, by code. */
  readonly errors: Readonly<Record<string, number>>;
  readonly processes: readonly ProcessFigures[];
  readonly generator: Usage;
  /** The part of the reads that the master's cache answered, 0 to 1. */
  readonly cacheHitPart: number | undefined;
}
