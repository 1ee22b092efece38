import { parseArgs } from "node:util";
import { type Fault, simulate } from "./simulation.js";

/**
 * `npm run simulate -- --seeds 1000 --from 1 --minutes 5`: runs seeds one after the other until there are no more or time is
 * up, and tells those that fail. Exit code 1 when one did.
 */
const { values } = parseArgs({
  options: {
    seeds: { type: "string", default: "1000" },
    from: { type: "string", default: "1" },
    minutes: { type: "string", default: "60" },
  },
});
const from = Number(values.from);
const until = from + Number(values.seeds);
const startMs = performance.now();
const deadlineMs = startMs + Number(values.minutes) * 60_000;

const totals = { seeds: 0, operations: 0, acknowledged: 0, unknown: 0, failed: 0 };
const faults = new Map<Fault, number>();
let toldMs = startMs;
for (let seed = from; seed < until && performance.now() < deadlineMs; seed++) {
  const violations = run(seed);
  if (violations.length > 0) {
    totals.failed += 1;
    console.log(`seed ${seed} FAILED:\n${violations.join("\n")}`);
  }
  if (performance.now() - toldMs > 10_000) {
    toldMs = performance.now();
    console.log(progress());
  }
}
console.log(progress());
console.log([...faults].map(([fault, count]) => `${fault}: ${count}`).join(", "));
process.exitCode = totals.failed === 0 ? 0 : 1;

/** Runs one seed; a core that throws is a violation like others. */
function run(seed: number): readonly string[] {
  totals.seeds += 1;
  try {
    const report = simulate(seed);
    totals.operations += report.operations;
    totals.acknowledged += report.acknowledged;
    totals.unknown += report.unknown;
    for (const [fault, count] of Object.entries(report.faults) as [Fault, number][]) {
      faults.set(fault, (faults.get(fault) ?? 0) + count);
    }
    return report.violations;
  } catch (error) {
    return [error instanceof Error ? (error.stack ?? error.message) : String(error)];
  }
}

function progress(): string {
  const minutes = (performance.now() - startMs) / 60_000;
  const { seeds, operations, acknowledged, unknown, failed } = totals;
  return (
    `${seeds} seeds, ${Math.round(seeds / minutes)} a minute; ${operations} operations, ${acknowledged} updates ` +
    `acknowledged, ${unknown} unknown; ${failed} seeds failed`
  );
}
