import type { BenchReport, BenchRow, ProfileSummary } from "./bench-report.js";
import { percent, short, size, whole } from "./numbers.js";
import { textTable } from "./text-table.js";
import { tlsText } from "./tls-comparison.js";

/** Slaves are alike, and so are generators. */
const TOLD_PROFILES = ["master", "s1", "generator1"];
/** Functions told of each profile. */
const FUNCTIONS_TOLD = 12;

interface Column {
  /** With a blank at its end: words, which stand to the left. */
  readonly title: string;
  readonly cell: (row: BenchRow) => string;
  /** Told only where rows differ. */
  readonly isQuietWhenSame?: true;
  /** Told only where a row has it. */
  readonly isQuietWhenEmpty?: true;
}

const COLUMNS: readonly Column[] = [
  { title: "load ", cell: ({ workload }) => workload.mix },
  { title: "keys by ", cell: ({ workload }) => workload.distribution, isQuietWhenSame: true },
  { title: "slaves", cell: ({ slaves }) => slaves.toString(), isQuietWhenSame: true },
  { title: "over ", cell: ({ tls }) => told(tls, (is) => (is ? "TLS" : "TCP")), isQuietWhenEmpty: true },
  { title: "keys", cell: ({ workload }) => whole(workload.keys), isQuietWhenSame: true },
  { title: "value", cell: ({ workload }) => size(workload.valueBytes), isQuietWhenSame: true },
  { title: "clients", cell: ({ workload }) => workload.clients.toString() },
  { title: "depth", cell: ({ workload }) => workload.depth.toString(), isQuietWhenSame: true },
  {
    title: "due/s",
    cell: ({ workload }) => (workload.rate === undefined ? "" : whole(workload.rate)),
    isQuietWhenEmpty: true,
  },
  { title: "ops/s", cell: ({ opsPerSecond }) => whole(opsPerSecond.median) },
  {
    title: "rounds ",
    cell: ({ opsPerSecond: { min, max }, rounds }) => (rounds === 1 ? "" : `${whole(min)}..${whole(max)}`),
    isQuietWhenEmpty: true,
  },
  { title: "p50 ms", cell: ({ latencyMs }) => short(latencyMs.p50) },
  { title: "p99", cell: ({ latencyMs }) => short(latencyMs.p99) },
  { title: "p99.9", cell: ({ latencyMs }) => short(latencyMs.p999) },
  { title: "master µs/op", cell: (row) => cpuOf(row, isMaster), isQuietWhenEmpty: true },
  { title: "slaves µs/op", cell: (row) => cpuOf(row, (name) => !isMaster(name)), isQuietWhenEmpty: true },
  { title: "hits", cell: ({ cacheHitPart }) => told(cacheHitPart, percent), isQuietWhenEmpty: true },
  {
    title: "of ceiling",
    cell: ({ opsPerSecond, ceilingOpsPerSecond: ceiling }) =>
      told(ceiling, (most) => percent(opsPerSecond.median / most)),
    isQuietWhenEmpty: true,
  },
  { title: "errors ", cell: ({ errors }) => errorsOf(errors), isQuietWhenEmpty: true },
];

/** What a bench has found, for people. */
export function formatBench({ machine, results, profiles = [], ...report }: BenchReport): string {
  const shown = COLUMNS.filter(({ cell, isQuietWhenSame, isQuietWhenEmpty }) => {
    const cells = new Set(results.map(cell));
    return !(isQuietWhenSame && cells.size === 1) && !(isQuietWhenEmpty && cells.size === 1 && cells.has(""));
  });
  const table = textTable(
    shown.map(({ title }) => title),
    results.map((row) => shown.map(({ cell }) => cell(row))),
  );
  const constants = COLUMNS.filter((column) => column.isQuietWhenSame && !shown.includes(column)).map(
    ({ title, cell }) => `${title.trimEnd()} ${results[0] === undefined ? "" : cell(results[0])}`,
  );
  return [
    table,
    `\n${constants.join(", ")}; ${roundsText(report)}\n`,
    `${machine.cpu}, ${machine.cores} cores; Node ${machine.node}, ${machine.platform}.\n`,
    ceilingText(results, report.generators),
    memoryText(results),
    latenessText(results),
    tlsText(report.comparisons ?? []),
    ...profiles.filter(({ process }) => TOLD_PROFILES.includes(process)).map(profileText),
    ...(report.plots ?? []).map((file) => `Plot: ${file}\n`),
  ].join("");
}

/** A profile's longest functions. */
export function profileText({ load, process, file, busy, functions }: ProfileSummary): string {
  const rows = functions.slice(0, FUNCTIONS_TOLD).map(({ name, ms, part }) => [percent(part), `${whole(ms)} ms`, name]);
  return `\n${load}, ${process}: busy ${percent(busy)} of the time (${file})\n${textTable(["self", "time", "function "], rows)}`;
}

function roundsText({ rounds, seconds }: Pick<BenchReport, "rounds" | "seconds">): string {
  if (rounds === 1) return `1 round of ${seconds} s.`;
  return `${rounds} rounds of ${seconds} s, interleaved: medians, and the lowest..highest.`;
}

function ceilingText(results: readonly BenchRow[], generators: number): string {
  const texts = results.flatMap(({ ceilingOpsPerSecond, workload }) =>
    ceilingOpsPerSecond === undefined
      ? []
      : [
          `${workload.mix} x${workload.clients}${workload.depth === 1 ? "" : `x${workload.depth}`} ${whole(ceilingOpsPerSecond)}/s`,
        ],
  );
  // Clusters that differ in their slaves share a ceiling.
  const ceilings = [...new Set(texts)];
  if (ceilings.length === 0) return "";
  const processes = generators === 1 ? "1 generator process" : `${generators} generator processes`;
  return `Ceiling: what ${processes} reached against a bare server that only answers lines: ${ceilings.join(", ")}.\n`;
}

function memoryText(results: readonly BenchRow[]): string {
  const most = new Map<string, number>();
  for (const { name, rssBytes } of results.flatMap(({ processes }) => processes)) {
    most.set(name, Math.max(most.get(name) ?? 0, rssBytes));
  }
  const told = [...most].map(([name, bytes]) => `${name} ${size(bytes)}`);
  return told.length === 0 ? "" : `Memory (RSS) at most: ${told.join(", ")}.\n`;
}

function latenessText(results: readonly BenchRow[]): string {
  const late = results.flatMap(({ latenessMs }) => (latenessMs === undefined ? [] : [latenessMs.p99]));
  if (late.length === 0) return "";
  return `Latencies count from when a request was due; at p99 it was sent ${short(Math.max(...late))} ms after that at most.\n`;
}

function isMaster(name: string): boolean {
  return name === "master";
}

function cpuOf({ processes }: BenchRow, is: (name: string) => boolean): string {
  const found = processes.filter(({ name }) => is(name));
  return found.length === 0 ? "" : short(found.reduce((sum, { cpuMicrosPerOp }) => sum + cpuMicrosPerOp, 0));
}

function errorsOf(errors: BenchRow["errors"]): string {
  return Object.entries(errors)
    .map(([code, count]) => `${whole(count)} ${code}`)
    .join(", ");
}

function told<Value>(value: Value | undefined, tell: (value: Value) => string): string {
  return value === undefined ? "" : tell(value);
}
