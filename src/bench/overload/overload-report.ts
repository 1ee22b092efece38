import type { Mix } from "../load/workload.js";
import type { BenchRun } from "../report/bench-report.js";
import { percent, short, whole } from "../report/numbers.js";
import type { Spread, Summary } from "../report/summary.js";
import { textTable } from "../report/text-table.js";

/** One load beyond the peak. Operations are answers that were no failures. */
export interface OverloadRow extends Summary {
  readonly mix: Mix;
  readonly valueBytes: number;
  readonly clients: number;
  /** How many times the peak was to be offered. */
  readonly times: number;
  /** What a closed loop of the same clients reached in the same rounds. */
  readonly peakOpsPerSecond: Spread;
  /** What was really sent, by the peak of the same round. */
  readonly offeredOfPeak: Spread;
  readonly goodOfPeak: Spread;
  /** The same for each core that the ring used: what the load generator takes of a machine that both share does not count. */
  readonly goodOfPeakPerCore: Spread;
}

/** All that was found: the JSON form. */
export interface OverloadReport extends BenchRun {
  readonly results: readonly OverloadRow[];
}

const REFUSED = "OVERLOADED";

/** The same for people. */
export function formatOverload({ machine, rounds, seconds, generators, results }: OverloadReport): string {
  const rows = results.map((row) => {
    const { [REFUSED]: refused = 0, ...others } = row.errors;
    const perSecond = (count: number) => count / rounds / seconds;
    return [
      row.mix,
      whole(row.peakOpsPerSecond.median),
      `${row.times}x`,
      `${row.offeredOfPeak.median.toFixed(1)}x`,
      whole(row.opsPerSecond.median),
      percent(row.goodOfPeak.median),
      rounds === 1 ? "" : `${percent(row.goodOfPeak.min)}..${percent(row.goodOfPeak.max)}`,
      percent(row.goodOfPeakPerCore.median),
      short(row.latencyMs.p50),
      short(row.latencyMs.p99),
      whole(perSecond(refused)),
      row.refusedMs === undefined ? "" : short(row.refusedMs.p50),
      row.refusedMs === undefined ? "" : short(row.refusedMs.p99),
      short(row.latenessMs?.p99 ?? 0),
      row.processes.reduce((sum, { cores }) => sum + cores, 0).toFixed(2),
      row.generator.cores.toFixed(2),
      Object.entries(others)
        .map(([code, count]) => `${whole(count)} ${code}`)
        .join(", "),
    ];
  });
  const titles = ["load ", "peak/s", "due", "sent", "good/s", "of peak", "rounds ", "a core", "p50 ms", "p99"];
  const [first] = results;
  const clients = first === undefined ? "" : `${first.clients} clients, values of ${first.valueBytes} bytes; `;
  const processes = generators === 1 ? "1 generator process" : `${generators} generator processes`;
  const held =
    rounds === 1 ? `1 round of ${seconds} s.` : `${rounds} rounds of ${seconds} s: medians, and the lowest..highest.`;
  return [
    textTable([...titles, "refused/s", "p50 ms", "p99", "late p99", "ring cores", "load's", "other failures "], rows),
    `\n${clients}${processes}; ${held}\n`,
    `The peak is a closed loop's, in the same round. "sent" is what the generator managed to send in the time, by the peak;\n`,
    `latencies of answers and of refusals (${REFUSED}) count from when a request was due, "late" is when it was sent.\n`,
    `"a core" is "of peak" for each core that the ring used, since the generator takes its own of the same machine.\n`,
    `${machine.cpu}, ${machine.cores} cores; Node ${machine.node}, ${machine.platform}.\n`,
  ].join("");
}
