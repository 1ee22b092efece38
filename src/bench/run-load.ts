import { type CacheCounts, type ClusterView } from "./cluster/cluster-view.js";
import { type NamedProcess, usageOf } from "./cluster/process-usage.js";
import type { GeneratorResult } from "./generator/job.js";
import type { Generators, LoadTarget } from "./generator/generators.js";
import { Latencies } from "./load/latencies.js";
import type { Timing, Workload } from "./load/workload.js";
import type { LatencyFigures, LoadSample, ProcessFigures } from "./report/sample.js";

/** What is loaded, and what is looked at meanwhile. */
export interface MeasuredTarget extends LoadTarget {
  readonly generators: Generators;
  /** Whose CPU time and memory are told. */
  readonly processes: readonly NamedProcess[];
  /** Of a ringkv cluster: its cache is looked at. */
  readonly view?: Pick<ClusterView, "cache"> | undefined;
}

export interface RunOptions {
  readonly signal?: AbortSignal | undefined;
  readonly seed: number;
  /** Called when the measured time begins and when it ends. */
  readonly profiling?: Profiling | undefined;
}

/** Profiles of the measured time. */
export interface Profiling {
  /** Where the `n`th generator writes its own. */
  readonly generatorFile: (n: number) => string;
  toggle(): void;
}

/**
 * One load against one target, measured once: a warm-up, then the measured time.
 * @throws RingkvError UNAVAILABLE when a connection cannot be had or is lost on the way; the signal's reason
 */
export async function runLoad(
  target: MeasuredTarget,
  workload: Workload,
  { warmupMs, measureMs }: Timing,
  { signal, seed, profiling }: RunOptions,
): Promise<LoadSample> {
  const { generators, processes, view } = target;
  signal?.throwIfAborted();
  await generators.start(target, workload, seed);
  await wait(warmupMs, generators, signal);
  const [usageBefore, cacheBefore] = await Promise.all([usages(processes), view?.cache()]);
  profiling?.toggle();
  generators.measure(profiling?.generatorFile);
  const startMs = performance.now();
  await wait(measureMs, generators, signal);
  const usageAfter = await usages(processes);
  const elapsedMs = performance.now() - startMs;
  const results = await generators.stop();
  profiling?.toggle();
  const cacheAfter = await view?.cache();
  return sampleOf(results, {
    elapsedMs,
    processes: processes.map(({ name }, n) => ({ name, before: usageBefore[n], after: usageAfter[n] })),
    cacheBefore,
    cacheAfter,
  });
}

interface Surroundings {
  readonly elapsedMs: number;
  readonly processes: readonly {
    readonly name: string;
    readonly before: Awaited<ReturnType<typeof usageOf>>;
    readonly after: Awaited<ReturnType<typeof usageOf>>;
  }[];
  readonly cacheBefore: CacheCounts | undefined;
  readonly cacheAfter: CacheCounts | undefined;
}

function sampleOf(results: readonly GeneratorResult[], around: Surroundings): LoadSample {
  const ops = sum(results.map((result) => result.ops));
  const opsPerSecond = sum(results.map((result) => (result.ops * 1_000) / result.elapsedMs));
  /** What the processes have used is for the time between two looks, which is a little longer than the generators'. */
  const opsBetween = Math.max(1, (opsPerSecond * around.elapsedMs) / 1_000);
  const put = results.map(({ latencies }) => latencies.put);
  const get = results.map(({ latencies }) => latencies.get);
  const errors: Record<string, number> = {};
  for (const [code, count] of results.flatMap((result) => Object.entries(result.errors))) {
    errors[code] = (errors[code] ?? 0) + count;
  }
  const refused = figuresOf(results.map((result) => result.refusals));
  const offered = sum(results.map((result) => (result.offered * 1_000) / result.elapsedMs));
  const lateness = figuresOf(results.map((result) => result.lateness));
  return {
    ops,
    opsPerSecond,
    latencyMs: figuresOf([...put, ...get]),
    putMs: figuresOf(put),
    getMs: figuresOf(get),
    ...(refused.count > 0 && { refusedMs: refused }),
    ...(lateness.count > 0 && { latenessMs: lateness, offeredPerSecond: offered }),
    errors,
    processes: around.processes.flatMap(({ name, before, after }): ProcessFigures[] => {
      if (before === undefined || after === undefined) return [];
      const cpuMicros = after.cpuMicros - before.cpuMicros;
      return [
        {
          name,
          cpuMicrosPerOp: cpuMicros / opsBetween,
          cores: cpuMicros / 1_000 / around.elapsedMs,
          rssBytes: after.rssBytes,
        },
      ];
    }),
    generator: {
      cpuMicrosPerOp: sum(results.map((result) => result.cpuMicros)) / Math.max(1, ops),
      cores: sum(results.map((result) => result.cpuMicros / 1_000 / result.elapsedMs)),
      rssBytes: sum(results.map((result) => result.rssBytes)),
    },
    cacheHitPart: hitPart(around.cacheBefore, around.cacheAfter),
  };
}

function figuresOf(counts: readonly Parameters<Latencies["add"]>[0][]): LatencyFigures {
  const all = new Latencies();
  for (const one of counts) all.add(one);
  return {
    count: all.count,
    p50: all.percentile(0.5),
    p99: all.percentile(0.99),
    p999: all.percentile(0.999),
    max: all.maxMs,
  };
}

function hitPart(before: CacheCounts | undefined, after: CacheCounts | undefined): number | undefined {
  if (before === undefined || after === undefined) return undefined;
  const [hits, misses] = [after.hits - before.hits, after.misses - before.misses];
  return hits + misses === 0 ? undefined : hits / (hits + misses);
}

async function usages(processes: readonly NamedProcess[]) {
  return Promise.all(processes.map(({ pid }) => usageOf(pid)));
}

/** Waits, unless the load fails or the signal comes first. */
async function wait(ms: number, generators: Generators, signal: AbortSignal | undefined): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<void>((resolve) => (timer = setTimeout(resolve, ms)));
  try {
    await unlessAborted(Promise.race([over, generators.failed()]), signal);
  } finally {
    clearTimeout(timer);
  }
}

/** What the promise resolves with. @throws the signal's reason, when it comes first */
export async function unlessAborted<Value>(promise: Promise<Value>, signal: AbortSignal | undefined): Promise<Value> {
  if (signal === undefined) return promise;
  // Nobody may be left to hear of it.
  promise.catch(() => undefined);
  signal.throwIfAborted();
  let onAbort: () => void = () => undefined;
  const aborted = new Promise<never>((_, reject) => {
    // Aborting may carry any reason, and the caller gets what he gave.
    // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors
    onAbort = () => reject(signal.reason);
  });
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
