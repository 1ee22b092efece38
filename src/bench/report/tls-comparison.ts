import type { Workload } from "../load/workload.js";
import { short, whole } from "./numbers.js";
import type { LoadSample } from "./sample.js";
import { type Spread, spreadOf } from "./summary.js";
import { textTable } from "./text-table.js";

/** One load over TLS beside the same over plain TCP. A ratio is of two loads of the same round. */
export interface TlsComparison {
  readonly workload: Workload;
  readonly slaves: number;
  /** Operations a second. */
  readonly plain: Spread;
  readonly tls: Spread;
  readonly ratio: Spread;
  /** CPU time of all of the cluster's processes by operation, in µs. */
  readonly plainCpuMicrosPerOp: Spread;
  readonly tlsCpuMicrosPerOp: Spread;
  readonly cpuRatio: Spread;
}

/** A load against one cluster, with a sample of each round. */
export interface ComparedCell {
  readonly workload: Workload;
  readonly slaves: number;
  readonly tls: boolean;
  readonly samples: readonly LoadSample[];
}

/** Finds the pairs of cells that differ in TLS only; none where there are no such. */
export function compareTls(cells: readonly ComparedCell[]): readonly TlsComparison[] {
  return cells.flatMap((cell) => {
    const isSame = (other: ComparedCell) =>
      !other.tls && other.slaves === cell.slaves && JSON.stringify(other.workload) === JSON.stringify(cell.workload);
    const plain = cell.tls ? cells.find(isSame) : undefined;
    return plain === undefined ? [] : [comparisonOf(plain, cell)];
  });
}

/** The comparisons for people, as a table. */
export function tlsText(comparisons: readonly TlsComparison[]): string {
  if (comparisons.length === 0) return "";
  const rows = comparisons.map(({ workload, slaves, ...figures }) => [
    workload.mix,
    slaves.toString(),
    workload.valueBytes.toString(),
    workload.clients.toString(),
    workload.depth.toString(),
    whole(figures.plain.median),
    whole(figures.tls.median),
    figures.ratio.median.toFixed(2),
    `${figures.ratio.min.toFixed(2)}..${figures.ratio.max.toFixed(2)}`,
    short(figures.plainCpuMicrosPerOp.median),
    short(figures.tlsCpuMicrosPerOp.median),
    figures.cpuRatio.median.toFixed(2),
  ]);
  const titles = ["load ", "slaves", "value", "clients", "depth", "plain ops/s", "TLS ops/s", "TLS/plain", "rounds "];
  const table = textTable([...titles, "plain µs/op", "TLS µs/op", "TLS/plain"], rows);
  return `\nTLS between all parties, beside plain TCP in the same rounds; µs of all processes of the cluster:\n${table}`;
}

function comparisonOf(plain: ComparedCell, tls: ComparedCell): TlsComparison {
  const inBoth = (of: (sample: LoadSample) => number) => ({
    plain: spreadOf(plain.samples.map(of)),
    tls: spreadOf(tls.samples.map(of)),
    ratio: spreadOf(tls.samples.map((sample, round) => of(sample) / ofRound(plain, round, of))),
  });
  const throughput = inBoth(({ opsPerSecond }) => opsPerSecond);
  const cpu = inBoth(({ processes }) => processes.reduce((sum, { cpuMicrosPerOp }) => sum + cpuMicrosPerOp, 0));
  return {
    workload: tls.workload,
    slaves: tls.slaves,
    ...throughput,
    plainCpuMicrosPerOp: cpu.plain,
    tlsCpuMicrosPerOp: cpu.tls,
    cpuRatio: cpu.ratio,
  };
}

function ofRound({ samples }: ComparedCell, round: number, of: (sample: LoadSample) => number): number {
  const sample = samples[round];
  return sample === undefined ? Number.NaN : of(sample);
}
