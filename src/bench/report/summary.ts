import type { LatencyFigures, LoadSample, ProcessFigures, Usage } from "./sample.js";
import { median } from "./numbers.js";

/** The rounds of one figure. */
export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** The rounds of one load: medians, the errors of all, and the most memory. */
export interface Summary {
  readonly rounds: number;
  readonly opsPerSecond: Spread;
  readonly latencyMs: LatencyFigures;
  readonly putMs: LatencyFigures;
  readonly getMs: LatencyFigures;
  readonly refusedMs?: LatencyFigures;
  readonly offeredPerSecond?: Spread;
  readonly latenessMs?: LatencyFigures;
  readonly errors: Readonly<Record<string, number>>;
  readonly processes: readonly ProcessFigures[];
  readonly generator: Usage;
  readonly cacheHitPart: number | undefined;
}

export function summarise(samples: readonly LoadSample[]): Summary {
  const errors: Record<string, number> = {};
  for (const [code, count] of samples.flatMap((sample) => Object.entries(sample.errors))) {
    errors[code] = (errors[code] ?? 0) + count;
  }
  const late = samples.flatMap(({ latenessMs }) => (latenessMs === undefined ? [] : [latenessMs]));
  const refused = samples.flatMap(({ refusedMs }) => (refusedMs === undefined ? [] : [refusedMs]));
  const offered = samples.flatMap(({ offeredPerSecond }) => (offeredPerSecond === undefined ? [] : [offeredPerSecond]));
  const hits = samples.flatMap(({ cacheHitPart }) => (cacheHitPart === undefined ? [] : [cacheHitPart]));
  const names = samples[0]?.processes.map(({ name }) => name) ?? [];
  return {
    rounds: samples.length,
    opsPerSecond: spreadOf(samples.map(({ opsPerSecond }) => opsPerSecond)),
    latencyMs: medianFigures(samples.map(({ latencyMs }) => latencyMs)),
    putMs: medianFigures(samples.map(({ putMs }) => putMs)),
    getMs: medianFigures(samples.map(({ getMs }) => getMs)),
    ...(refused.length > 0 && { refusedMs: medianFigures(refused) }),
    ...(offered.length > 0 && { offeredPerSecond: spreadOf(offered) }),
    ...(late.length > 0 && { latenessMs: medianFigures(late) }),
    errors,
    processes: names.map((name) => {
      const found = samples.flatMap(({ processes }) => processes.filter((one) => one.name === name));
      return { name, ...medianUsage(found) };
    }),
    generator: medianUsage(samples.map(({ generator }) => generator)),
    cacheHitPart: hits.length === 0 ? undefined : median(hits),
  };
}

export function spreadOf(numbers: readonly number[]): Spread {
  return { median: median(numbers), min: Math.min(...numbers), max: Math.max(...numbers) };
}

function medianFigures(figures: readonly LatencyFigures[]): LatencyFigures {
  const of = (name: keyof LatencyFigures) => median(figures.map((one) => one[name]));
  return { count: of("count"), p50: of("p50"), p99: of("p99"), p999: of("p999"), max: of("max") };
}

function medianUsage(usages: readonly Usage[]): Usage {
  return {
    cpuMicrosPerOp: median(usages.map(({ cpuMicrosPerOp }) => cpuMicrosPerOp)),
    cores: median(usages.map(({ cores }) => cores)),
    rssBytes: Math.max(...usages.map(({ rssBytes }) => rssBytes)),
  };
}
