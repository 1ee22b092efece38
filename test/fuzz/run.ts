import { mkdirSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { FUZZER_NAMES, type FuzzerName, fuzzerOf } from "./fuzzers.js";
import { KeptWorker } from "./kept-worker.js";
import { recordCorpus } from "./record-corpus.js";
import { shrink } from "./smaller.js";
import type { Task, TaskReport } from "./worker.js";

const USAGE = `npm run fuzz -- [--frames N] [--images N] [--statements N] [--minutes M] [--seed S] [--workers W] [--only ${FUZZER_NAMES.join("|")}]
    sends N frames (default 10,000,000) to the daemons, recovers N damaged log images (default 1,000,000) and runs N statements
    (default 200,000), until all is done or M minutes (default 60) are over; S (default 1) chooses them
npm run fuzz -- --record
    records test/fuzz/corpus anew

A failing input is made small and written to test/fuzz/findings, which the test suite plays from then on. Exit code 1 when one
failed, or when what a worker holds has grown.`;

const { values } = parseArgs({
  options: {
    frames: { type: "string", default: "10000000" },
    images: { type: "string", default: "1000000" },
    statements: { type: "string", default: "200000" },
    minutes: { type: "string", default: "60" },
    seed: { type: "string", default: "1" },
    workers: { type: "string", default: String(availableParallelism()) },
    only: { type: "string" },
    record: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});

/** Batches that a worker gets at once: after them it is looked at what it holds. */
const TASK_BATCHES: Readonly<Record<FuzzerName, number>> = { framing: 50, messages: 25, log: 50, grammar: 20 };
const PROGRESS_EVERY_MS = 10_000;
/** Inputs that are made small in one call; the others are only named. */
const SHRUNK_MAX = 5;
const FINDINGS = "test/fuzz/findings";

interface Totals {
  inputs: number;
  busyMs: number;
  nextSeed: number;
  readonly wanted: number;
  readonly counts: Record<string, number>;
}

interface Failure {
  readonly fuzzer: FuzzerName;
  readonly seed: number;
  readonly violations: readonly string[];
}

const numbers = [values.frames, values.images, values.statements, values.minutes, values.seed, values.workers];
const only = FUZZER_NAMES.find((name) => name === values.only);
if (values.help) console.log(USAGE);
else if (values.record) await recordCorpus("test/fuzz/corpus");
else if (!numbers.every((number) => /^\d+(\.\d+)?$/.test(number)) || only !== (values.only as typeof only)) {
  console.error(USAGE);
  process.exitCode = 2;
} else process.exitCode = await runAll();

async function runAll(): Promise<0 | 1> {
  const deadlineMs = performance.now() + Number(values.minutes) * 60_000;
  const frames = Number(values.frames);
  // Frames that only the decoder sees are quick, and a tenth of all.
  const wanted = {
    framing: frames / 10,
    messages: frames - frames / 10,
    log: Number(values.images),
    grammar: Number(values.statements),
  };
  const totals = Object.fromEntries(
    FUZZER_NAMES.map((name) => {
      const isWanted = only === undefined || only === name;
      const fresh = {
        inputs: 0,
        busyMs: 0,
        nextSeed: Number(values.seed),
        wanted: isWanted ? wanted[name] : 0,
        counts: {},
      };
      return [name, fresh];
    }),
  ) as unknown as Record<FuzzerName, Totals>;
  const failures: Failure[] = [];
  const progress = () => {
    for (const name of FUZZER_NAMES) if (totals[name].wanted > 0) console.log(progressLine(name, totals[name]));
    if (failures.length > 0) console.log(`${failures.length} batches failed`);
  };
  const timer = setInterval(progress, PROGRESS_EVERY_MS);
  const nextTask = (): Task | undefined => {
    if (performance.now() > deadlineMs) return undefined;
    // Whichever is furthest behind.
    const [name] = FUZZER_NAMES.filter((each) => totals[each].inputs < totals[each].wanted).sort(
      (left, right) => totals[left].inputs / totals[left].wanted - totals[right].inputs / totals[right].wanted,
    );
    if (name === undefined) return undefined;
    const task = { fuzzer: name, from: totals[name].nextSeed, batches: TASK_BATCHES[name] };
    totals[name].nextSeed += task.batches;
    return task;
  };
  const done = ({ fuzzer }: Task, report: TaskReport, elapsedMs: number) => {
    const total = totals[fuzzer];
    total.inputs += report.inputs;
    total.busyMs += elapsedMs;
    for (const [count, more] of Object.entries(report.counts)) total.counts[count] = (total.counts[count] ?? 0) + more;
    for (const { seed, violations } of report.failures) {
      failures.push({ fuzzer, seed, violations });
      console.log(`${fuzzer}, seed ${seed} FAILED:\n${violations.slice(0, 5).join("\n")}`);
    }
  };
  await Promise.all(Array.from({ length: Number(values.workers) }, () => new KeptWorker(nextTask, done).work()));
  clearInterval(timer);
  progress();
  for (const failure of failures.slice(0, SHRUNK_MAX)) await writeFinding(failure);
  return failures.length > 0 ? 1 : 0;
}

function progressLine(name: FuzzerName, { inputs, busyMs, wanted, counts }: Totals): string {
  const rate = busyMs === 0 ? 0 : Math.round((inputs * 1_000) / busyMs);
  const rest = Object.entries(counts).map(([count, number]) => `, ${number} ${count}`);
  return `${name.padEnd(8)} ${inputs} of ${wanted}, ${rate} a second and worker${rest.join("")}`;
}

async function writeFinding({ fuzzer: name, seed, violations }: Failure): Promise<void> {
  const fuzzer = fuzzerOf(name);
  try {
    const input = await fuzzer.input(seed);
    const small = await shrink(
      input,
      (from) => fuzzer.smaller(from),
      (candidate) => fuzzer.replay(candidate),
    );
    if (small.violations.length === 0) {
      console.log(`${name}, seed ${seed} does not fail alone; run it again with --only ${name} --seed ${seed}`);
      return;
    }
    const file = path.join(FINDINGS, `${name}-${seed}.json`);
    mkdirSync(FINDINGS, { recursive: true });
    const found = small.violations[0] ?? violations[0];
    writeFileSync(file, `${JSON.stringify({ fuzzer: name, found, input: small.input }, undefined, 2)}\n`);
    console.log(`${name}, seed ${seed}: ${file}`);
  } finally {
    await fuzzer.close();
  }
}
