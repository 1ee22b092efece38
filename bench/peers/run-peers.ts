import { type Machine, thisMachine } from "../../src/bench/report/bench-report.js";
import type { LoadSample } from "../../src/bench/report/sample.js";
import { type Spread, type Summary, spreadOf, summarise } from "../../src/bench/report/summary.js";
import { runLoad } from "../../src/bench/run-load.js";
import {
  COMPARISONS,
  type Cell,
  type Comparison,
  P99,
  PIPELINED,
  PIPELINED_CLIENTS,
  cellName,
  cellsOf,
} from "./cells.js";
import { type TargetOptions, Targets } from "./targets.js";

export interface PeersOptions extends Omit<TargetOptions, "onProgress"> {
  readonly clients: readonly number[];
  readonly rounds: number;
  readonly seconds: number;
  readonly warmupSeconds: number;
  /** Told before each step, with the part of the whole that is done, 0 to 1. */
  readonly onProgress: (text: string, part?: number) => void;
  readonly signal?: AbortSignal;
}

/** One load, over its rounds. */
export interface CellResult extends Cell, Summary {
  readonly clients: number;
}

/** ringkv's rate divided by the other's (of `p99`: ringkv's latency by the other's), round by round. */
export interface Ratio {
  readonly work: string;
  readonly against: string;
  readonly clients: number;
  readonly ratio: Spread;
  /** At least; of a latency at most. Left out: nothing was promised. */
  readonly aim?: number;
}

export interface PeersReport {
  readonly machine: Machine;
  readonly began: string;
  readonly versions: Readonly<Record<string, string>>;
  /** Peers that could not be compared, with the reason. */
  readonly missing: readonly string[];
  readonly rounds: number;
  readonly seconds: number;
  readonly valueBytes: number;
  readonly slaves: number;
  readonly cells: readonly CellResult[];
  readonly ratios: readonly Ratio[];
  /** Of PUT. */
  readonly p99: readonly Ratio[];
}

interface Run {
  readonly cell: Cell;
  readonly clients: number;
  readonly samples: LoadSample[];
}

/**
 * Measures ringkv and its peers in turns: each round runs every load once, every second one backwards. A ratio is of two
 * loads of the same round, seconds apart, and the median of the rounds counts.
 */
export async function runPeers(options: PeersOptions): Promise<PeersReport> {
  const began = new Date().toISOString();
  const targets = await Targets.start({ ...options, onProgress: (text) => options.onProgress(text) });
  try {
    const comparisons = [...COMPARISONS, ...PIPELINED].filter(({ ours, theirs }) =>
      [ours, theirs].every(({ target }) => targets.found.has(target)),
    );
    const runs = options.clients.flatMap((clients) =>
      cellsOf(
        comparisons.filter((comparison) => isMeasuredAt(comparison, clients)),
        clients,
      ).map((cell): Run => ({ cell, clients, samples: [] })),
    );
    await measureAll(options, targets, runs);
    const pairs = comparisons.flatMap((comparison) =>
      options.clients.flatMap((clients) => {
        const ours = find(runs, comparison.ours, clients);
        const theirs = find(runs, comparison.theirs, clients);
        return ours === undefined || theirs === undefined || !isMeasuredAt(comparison, clients)
          ? []
          : [{ comparison, clients, ours: ours.samples, theirs: theirs.samples }];
      }),
    );
    return {
      machine: thisMachine(),
      began,
      versions: targets.versions,
      missing: targets.missing,
      rounds: options.rounds,
      seconds: options.seconds,
      valueBytes: options.valueBytes,
      slaves: options.slaves,
      cells: runs.map(({ cell, clients, samples }) => ({ ...cell, clients, ...summarise(samples) })),
      ratios: pairs.map(({ comparison: { work, against, aims }, clients, ours, theirs }) => ({
        work,
        against,
        clients,
        ratio: ratioOf(ours, theirs, ({ opsPerSecond }) => opsPerSecond),
        ...(aims[clients] !== undefined && { aim: aims[clients] }),
      })),
      p99: pairs
        .filter(({ comparison: { ours, theirs } }) => ours.mix === "put" && theirs.target !== "ringkv")
        .map(({ comparison: { work, against, theirs: peer }, clients, ours, theirs }) => ({
          work,
          against,
          clients,
          ratio: ratioOf(ours, theirs, ({ latencyMs }) => latencyMs.p99),
          ...(clients === P99.clients && peer.target === "redis WAIT" && { aim: P99.aim }),
        })),
    };
  } finally {
    await targets.close();
  }
}

async function measureAll(options: PeersOptions, targets: Targets, runs: readonly Run[]): Promise<void> {
  const { rounds, seconds, warmupSeconds, valueBytes, signal } = options;
  const timing = { warmupMs: warmupSeconds * 1_000, measureMs: seconds * 1_000 };
  let step = 0;
  for (let round = 1; round <= rounds; round++) {
    for (const { cell, clients, samples } of round % 2 === 1 ? runs : runs.toReversed()) {
      const target = targets.found.get(cell.target);
      if (target === undefined) continue;
      options.onProgress(`${cellName(cell, clients)}, round ${round} of ${rounds}`, step++ / (rounds * runs.length));
      const { mix, depth } = cell;
      const { keys, clientsPerConnection: shared = 1 } = target;
      const connections = { clients: Math.ceil(clients / shared), depth: depth * Math.min(clients, shared) };
      const workload = { mix, ...connections, distribution: "uniform" as const, keys, valueBytes };
      samples.push(await runLoad(target, workload, timing, { signal, seed: step * 100 }));
    }
  }
}

function isMeasuredAt(comparison: Comparison, clients: number): boolean {
  return !PIPELINED.includes(comparison) || PIPELINED_CLIENTS.includes(clients);
}

function find(runs: readonly Run[], { target, mix, depth }: Cell, clients: number): Run | undefined {
  return runs.find(
    ({ cell, ...run }) => cell.target === target && cell.mix === mix && cell.depth === depth && run.clients === clients,
  );
}

function ratioOf(
  ours: readonly LoadSample[],
  theirs: readonly LoadSample[],
  figure: (sample: LoadSample) => number,
): Spread {
  return spreadOf(
    ours.map((sample, n) => {
      const other = theirs[n];
      return other === undefined ? Number.NaN : figure(sample) / figure(other);
    }),
  );
}
