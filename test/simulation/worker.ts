import { planOf } from "./plan-of-seed.js";
import { type Report, simulate } from "./simulation.js";
import { type SometimesCounts, addCounts } from "./sometimes.js";

/** Seeds for a worker to run, one after the other. */
export interface Batch {
  readonly from: number;
  readonly count: number;
}

/** What a batch came to. */
export interface BatchReport {
  readonly seeds: number;
  readonly operations: number;
  readonly acknowledged: number;
  readonly unknown: number;
  readonly slavesEnded: number;
  readonly mastersEnded: number;
  readonly simulatedMs: number;
  readonly sometimes: SometimesCounts;
  readonly failures: readonly { readonly seed: number; readonly violations: readonly string[] }[];
}

/** Runs a batch of seeds in this process. */
export async function runBatch({ from, count }: Batch): Promise<BatchReport> {
  const sometimes: SometimesCounts = {};
  const failures: { seed: number; violations: readonly string[] }[] = [];
  const sums = { operations: 0, acknowledged: 0, unknown: 0, slavesEnded: 0, mastersEnded: 0, simulatedMs: 0 };
  for (let seed = from; seed < from + count; seed++) {
    const report = await runSeed(seed);
    sums.operations += report.history.length;
    sums.acknowledged += report.acknowledged;
    sums.unknown += report.unknown;
    sums.slavesEnded += report.ended.slaves;
    sums.mastersEnded += report.ended.masters;
    sums.simulatedMs += report.simulatedMs;
    addCounts(sometimes, report.sometimes);
    if (report.violations.length > 0) failures.push({ seed, violations: report.violations });
  }
  return { seeds: count, ...sums, sometimes, failures };
}

async function runSeed(seed: number): Promise<Report> {
  const report = await simulate(planOf(seed));
  // A turn of the real loop, in which a promise that was rejected and never handled comes to light.
  await new Promise((resolve) => setImmediate(resolve));
  const unhandled = rejections.splice(0).map((reason) => `unhandled rejection: ${describe(reason)}`);
  return unhandled.length === 0 ? report : { ...report, violations: [...report.violations, ...unhandled] };
}

const rejections: unknown[] = [];

function describe(reason: unknown): string {
  return reason instanceof Error ? (reason.stack ?? reason.message) : String(reason);
}

// Thousands of refusals are errors with a stack that no one looks at. Whoever plays a seed alone gets them.
Error.stackTraceLimit = 0;
process.on("unhandledRejection", (reason) => rejections.push(reason));
process.on("message", (batch: Batch) => {
  void runBatch(batch).then((report) => process.send?.(report));
});
