import { availableParallelism, cpus } from "node:os";
import type { BenchResult } from "./bench.js";

/** The results with what they were measured on: the JSON form. */
export interface BenchReport {
  readonly node: string;
  readonly platform: string;
  readonly cpu: string;
  readonly cores: number;
  readonly results: readonly BenchResult[];
}

const COLUMNS = ["operation", "clients", "ops/s", "p50 ms", "p99 ms", "p99.9 ms", "max ms", "errors"] as const;

/** A plain table for people, columns aligned, with a line that explains the ceiling where it was measured. */
export function formatBench(results: readonly BenchResult[]): string {
  const rows = results.map((result) => [
    result.operation,
    result.clients.toString(),
    Math.round(result.opsPerSecond).toLocaleString("en-US"),
    ...[result.p50, result.p99, result.p999, result.max].map((ms) => ms.toFixed(3)),
    formatErrors(result.errors),
  ]);
  const widths = COLUMNS.map((name, column) =>
    Math.max(...[COLUMNS, ...rows].map((row) => row[column]?.length ?? 0), name.length),
  );
  // Words to the left, numbers to the right.
  const line = (row: readonly string[]) =>
    row
      .map((cell, column) =>
        column === 0 || column === COLUMNS.length - 1
          ? cell.padEnd(widths[column] ?? 0)
          : cell.padStart(widths[column] ?? 0),
      )
      .join("  ")
      .trimEnd();
  const lines = [line(COLUMNS), line(widths.map((width) => "-".repeat(width))), ...rows.map(line)];
  if (results.some(({ operation }) => operation === "echo")) {
    lines.push(
      "",
      "echo: the same load on a child process that only answers lines. It is the most that this generator can show.",
    );
  }
  return `${lines.join("\n")}\n`;
}

/** Puts the results together with the machine they are true of. */
export function benchReport(results: readonly BenchResult[]): BenchReport {
  return {
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
    cpu: cpus()[0]?.model ?? "unknown",
    cores: availableParallelism(),
    results,
  };
}

function formatErrors(errors: BenchResult["errors"]): string {
  const told = Object.entries(errors).map(([code, count]) => `${count.toLocaleString("en-US")} ${code}`);
  return told.length === 0 ? "none" : told.join(", ");
}
