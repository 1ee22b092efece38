import { type ChildProcess, fork } from "node:child_process";
import { writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { formatHistory } from "../../src/testing/history-file.js";
import { planOf } from "./plan-of-seed.js";
import { readPlanFile, writePlanFile } from "./plan-file.js";
import { SOMETIMES, type SometimesCounts, addCounts, missing } from "./sometimes.js";
import type { Batch, BatchReport } from "./worker.js";

const USAGE = `npm run simulate -- [--seeds N] [--from S] [--minutes M] [--workers W] [--stop-at-first]
    runs seeds S to S+N-1 (default 1,000 from 1) until there are no more or M minutes (default 60) are over
npm run simulate -- --seed S [--transcript]
    runs one seed; with its transcript
npm run simulate -- --plan FILE [--transcript]
    plays a plan from a file, such as those in test/simulation/regressions

A failing seed is shrunk and its plan is written to test/simulation/regressions. Exit code 1 when one failed, or when a batch
of 10,000 seeds and more has missed one of the rare states that it must have been in.`;

const { values } = parseArgs({
  options: {
    seeds: { type: "string", default: "1000" },
    from: { type: "string", default: "1" },
    minutes: { type: "string", default: "60" },
    workers: { type: "string", default: String(availableParallelism()) },
    "stop-at-first": { type: "boolean", default: false },
    "no-shrink": { type: "boolean", default: false },
    seed: { type: "string" },
    plan: { type: "string" },
    transcript: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});

/** Seeds that a worker gets at once. */
const BATCH_SEEDS = 10;
const PROGRESS_EVERY_MS = 10_000;
/** A worker that is silent for so long hangs: in a run that never ends, or in a loop of the code under test. */
const HANG_MS = 120_000;
/** From so many seeds on, a rare state that never occurred is a failure. */
const COVERING_SEEDS = 10_000;
/** What a worker reports that has come to nothing. */
const NOTHING = {
  operations: 0,
  acknowledged: 0,
  unknown: 0,
  slavesEnded: 0,
  mastersEnded: 0,
  simulatedMs: 0,
  sometimes: {},
};
/** Plans that are shrunk in one call; the others are only named. */
const SHRUNK_MAX = 3;

const numbers = [values.seeds, values.from, values.minutes, values.workers, values.seed ?? "0"];
if (values.help) console.log(USAGE);
else if (!numbers.every((number) => /^\d+(\.\d+)?$/.test(number))) {
  console.error(USAGE);
  process.exitCode = 2;
} else if (values.seed !== undefined)
  process.exitCode = await playOne(planOf(Number(values.seed)), `seed ${values.seed}`);
else if (values.plan !== undefined) process.exitCode = await playOne(readPlanFile(values.plan).plan, values.plan);
else process.exitCode = await runMany();

async function playOne(plan: ReturnType<typeof planOf>, name: string): Promise<number> {
  const { simulate } = await import("./simulation.js");
  const report = await simulate(plan, { transcript: values.transcript });
  for (const line of report.transcript) console.log(line);
  console.log(
    `${name}: ${report.history.length} operations, ${report.acknowledged} updates acknowledged, ${plan.faults.length} faults, ` +
      `${(report.simulatedMs / 1_000).toFixed(1)} s simulated, ${report.steps} steps, digest ${report.digest()}`,
  );
  for (const violation of report.violations) console.log(`VIOLATION ${violation}`);
  return report.violations.length === 0 ? 0 : 1;
}

async function runMany(): Promise<number> {
  const from = Number(values.from);
  const until = from + Number(values.seeds);
  const startMs = performance.now();
  const deadlineMs = startMs + Number(values.minutes) * 60_000;
  const totals = { seeds: 0, operations: 0, acknowledged: 0, unknown: 0, slaves: 0, masters: 0, simulatedMs: 0 };
  const sometimes: SometimesCounts = {};
  const failures: { readonly seed: number; readonly violations: readonly string[] }[] = [];

  const progress = () => {
    const minutes = (performance.now() - startMs) / 60_000;
    const { seeds, operations, acknowledged, unknown, slaves, masters, simulatedMs } = totals;
    console.log(
      `${seeds} seeds, ${Math.round(seeds / minutes)} a minute; ${operations} operations, ${acknowledged} updates acknowledged, ` +
        `${unknown} unknown; ${slaves} slaves and ${masters} masters ended; ${(simulatedMs / 3_600_000).toFixed(2)} h simulated; ` +
        `${SOMETIMES.length - missing(sometimes).length} of ${SOMETIMES.length} rare states; ${failures.length} seeds failed`,
    );
  };
  const timer = setInterval(progress, PROGRESS_EVERY_MS);
  let next = from;
  const nextBatch = (): Batch | undefined => {
    const isOver = next >= until || performance.now() > deadlineMs || (values["stop-at-first"] && failures.length > 0);
    if (isOver) return undefined;
    const batch = { from: next, count: Math.min(BATCH_SEEDS, until - next) };
    next += batch.count;
    return batch;
  };
  const done = (report: BatchReport) => {
    totals.seeds += report.seeds;
    totals.operations += report.operations;
    totals.acknowledged += report.acknowledged;
    totals.unknown += report.unknown;
    totals.slaves += report.slavesEnded;
    totals.masters += report.mastersEnded;
    totals.simulatedMs += report.simulatedMs;
    addCounts(sometimes, report.sometimes);
    for (const failure of report.failures) {
      failures.push(failure);
      console.log(`seed ${failure.seed} FAILED:\n${failure.violations.slice(0, 5).join("\n")}`);
    }
  };
  await Promise.all(Array.from({ length: Number(values.workers) }, () => work(nextBatch, done)));
  clearInterval(timer);
  progress();

  failures.sort((left, right) => left.seed - right.seed);
  const [first] = failures;
  if (first !== undefined) {
    console.log(`first failing seed: ${first.seed}\n${first.violations[0] ?? ""}`);
    if (!values["no-shrink"]) for (const { seed } of failures.slice(0, SHRUNK_MAX)) await shrinkSeed(seed);
  }
  for (const name of SOMETIMES) console.log(`${String(sometimes[name] ?? 0).padStart(10)}  ${name}`);
  const isVacuous = totals.seeds >= COVERING_SEEDS && missing(sometimes).length > 0;
  if (isVacuous) console.log(`NEVER SEEN in ${totals.seeds} seeds: ${missing(sometimes).join("; ")}`);
  return failures.length > 0 || isVacuous ? 1 : 0;
}

/** Keeps one worker busy; one that dies or hangs has failed on a seed of its batch, and another takes its place. */
async function work(nextBatch: () => Batch | undefined, done: (report: BatchReport) => void): Promise<void> {
  let worker: ChildProcess | undefined;
  for (let batch = nextBatch(); batch !== undefined; batch = nextBatch()) {
    worker ??= fork(fileURLToPath(new URL("./worker.js", import.meta.url)));
    const result = await runIn(worker, batch);
    if (typeof result !== "string") {
      done(result);
      continue;
    }
    worker.kill("SIGKILL");
    worker = undefined;
    const seed = batch.from;
    const violations = [`the worker ${result} on one of the seeds ${seed} to ${seed + batch.count - 1}`];
    done({ ...NOTHING, seeds: batch.count, failures: [{ seed, violations }] });
  }
  worker?.kill();
}

function runIn(worker: ChildProcess, batch: Batch): Promise<BatchReport | "died" | "hung"> {
  return new Promise((resolve) => {
    const settle = (result: BatchReport | "died" | "hung") => {
      clearTimeout(timer);
      worker.off("message", onMessage);
      worker.off("exit", onExit);
      resolve(result);
    };
    const onMessage = (report: BatchReport) => settle(report);
    const onExit = () => settle("died");
    const timer = setTimeout(() => settle("hung"), HANG_MS);
    worker.on("message", onMessage);
    worker.on("exit", onExit);
    worker.send(batch);
  });
}

async function shrinkSeed(seed: number): Promise<void> {
  // Loaded here, since whoever hands out seeds to workers has no need of the daemons.
  const [{ shrink }, { simulate }] = await Promise.all([import("./shrink.js"), import("./simulation.js")]);
  const failing = planOf(seed);
  if ((await simulate(failing)).violations.length === 0) {
    console.log(`seed ${seed} does not fail in this process; it is not shrunk`);
    return;
  }
  const { plan, violations, runs } = await shrink(failing);
  const found = violations[0] ?? "";
  const file = `test/simulation/regressions/seed-${seed}.json`;
  writePlanFile(file, { format: 1, found, plan });
  const report = await simulate(plan, { transcript: true });
  const transcript = `.tap/simulation/seed-${seed}.txt`;
  writeFileSync(transcript, `${report.transcript.join("\n")}\n`);
  const history = `.tap/simulation/seed-${seed}.jsonl`;
  writeFileSync(history, formatHistory(report.history));
  const requests = plan.clients.flat().length;
  console.log(
    `seed ${seed} shrunk in ${runs} runs to ${plan.faults.length} faults and ${requests} requests: ${file}\n` +
      `  what happens in it: ${transcript}; what the clients saw, for \`ringkv check\`: ${history}\n  ${found}`,
  );
}
