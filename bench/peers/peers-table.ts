import { percent, short, size, whole } from "../../src/bench/report/numbers.js";
import { markdownTable } from "../../src/bench/report/text-table.js";
import type { CellResult, PeersReport, Ratio } from "./run-peers.js";

/** What was found, in Markdown, so that it goes into a document as it is. */
export function formatPeers(report: PeersReport): string {
  const clients = [...new Set(report.cells.map((cell) => cell.clients))];
  const { machine, versions, missing } = report;
  const named = Object.entries(versions).map(([program, version]) => `${program} ${version}`);
  return [
    `${machine.cpu}, ${machine.cores} cores, ${machine.platform}; Node ${machine.node}; ${named.join(", ") || "no peer"}; `,
    `ringkv with ${report.slaves} slaves; values of ${size(report.valueBytes)}; closed loop. `,
    `Medians of ${report.rounds} interleaved rounds of ${report.seconds} s, (lowest..highest).\n`,
    ...missing.map((what) => `MISSING: ${what}. Its comparisons were not made.\n`),
    "\nringkv : the other, operations a second (→ what was aimed at):\n\n",
    ratioTable(report.ratios, clients, "≥"),
    "\nringkv : the other, p99 of PUT:\n\n",
    ratioTable(report.p99, clients, "≤"),
    "\nOperations a second, p50 / p99 in ms, CPU time of an operation in all processes of the store:\n\n",
    cellTable(report.cells),
  ].join("");
}

function ratioTable(ratios: readonly Ratio[], clients: readonly number[], sign: string): string {
  const rows = new Map<string, string[]>();
  for (const { work, against, clients: count, ratio, aim } of ratios) {
    const row = rows.get(`${work}|${against}`) ?? [work, against, ...clients.map(() => "")];
    const promise = aim === undefined ? "" : ` → ${sign} ${aim} ${keeps(ratio.median, aim, sign) ? "yes" : "NO"}`;
    row[2 + clients.indexOf(count)] =
      `${ratio.median.toFixed(2)} (${ratio.min.toFixed(2)}..${ratio.max.toFixed(2)})${promise}`;
    rows.set(`${work}|${against}`, row);
  }
  const titles = ["work ", "against ", ...clients.map((count) => `at ${count}`)];
  return markdownTable(titles, [...rows.values()]);
}

function keeps(ratio: number, aim: number, sign: string): boolean {
  return sign === "≥" ? ratio >= aim : ratio <= aim;
}

function cellTable(cells: readonly CellResult[]): string {
  const titles = [
    "store ",
    "load ",
    "clients",
    "in flight",
    "ops/s",
    "p50",
    "p99",
    "CPU µs/op",
    "RSS",
    "hits",
    "errors ",
  ];
  return markdownTable(
    titles,
    cells.map((cell) => {
      const cpu = cell.processes.reduce((sum, { cpuMicrosPerOp }) => sum + cpuMicrosPerOp, 0);
      const rss = cell.processes.reduce((sum, { rssBytes }) => sum + rssBytes, 0);
      return [
        cell.target,
        cell.mix,
        cell.clients.toString(),
        cell.depth.toString(),
        whole(cell.opsPerSecond.median),
        short(cell.latencyMs.p50),
        short(cell.latencyMs.p99),
        short(cpu),
        size(rss),
        cell.cacheHitPart === undefined ? "" : percent(cell.cacheHitPart),
        Object.entries(cell.errors)
          .map(([code, count]) => `${whole(count)} ${code}`)
          .join(", "),
      ];
    }),
  );
}
