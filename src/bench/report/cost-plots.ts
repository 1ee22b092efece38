import type { BenchRow } from "./bench-report.js";
import { type Plot, type Series } from "./svg-plot.js";

/**
 * Plots of the CPU time that an operation costs the cluster, by what a bench has varied: slaves, keys. One for each mix, for a
 * get costs so much less than a put that one axis would not show both; each with its file name.
 */
export function costPlots(results: readonly BenchRow[]): readonly { readonly file: string; readonly plot: Plot }[] {
  const mixes = [...new Set(results.map(({ workload }) => workload.mix))];
  const axes = [
    { name: "slaves", xTitle: "slaves", x: (row: BenchRow) => row.slaves },
    { name: "keys", xTitle: "keys in the store", x: (row: BenchRow) => row.workload.keys },
  ];
  return axes
    .filter(({ x }) => new Set(results.map(x)).size > 1)
    .flatMap(({ name, xTitle, x }) =>
      mixes.map((mix) => ({
        file: `cost-by-${name}-${mix}.svg`,
        plot: {
          title: `${mix}: CPU time of an operation by ${xTitle}`,
          xTitle,
          yTitle: "µs of master and slaves",
          series: seriesOf(
            results.filter(({ workload }) => workload.mix === mix),
            xTitle,
            x,
          ),
        },
      })),
    );
}

function seriesOf(results: readonly BenchRow[], axis: string, x: (row: BenchRow) => number): readonly Series[] {
  const lines = new Map<string, [number, number][]>();
  const manySlaves = new Set(results.map(({ slaves }) => slaves)).size > 1;
  const manyKeys = new Set(results.map(({ workload }) => workload.keys)).size > 1;
  for (const row of results) {
    const { mix, clients, depth, keys } = row.workload;
    const name = [
      `${mix} x${clients}${depth === 1 ? "" : `x${depth}`}`,
      ...(manySlaves && axis !== "slaves" ? [`${row.slaves} slaves`] : []),
      ...(manyKeys && axis === "slaves" ? [`${keys.toLocaleString("en-US")} keys`] : []),
    ].join(", ");
    const cost = row.processes.reduce((sum, { cpuMicrosPerOp }) => sum + cpuMicrosPerOp, 0);
    const points = lines.get(name) ?? [];
    points.push([x(row), cost]);
    lines.set(name, points);
  }
  return [...lines].map(([name, points]) => ({ name, points: points.sort(([left], [right]) => left - right) }));
}
