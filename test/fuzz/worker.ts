import { type Fuzzer, heldBytes } from "./fuzzing.js";
import { type FuzzerName, fuzzerOf } from "./fuzzers.js";

/** Batches for a worker to run, one after the other. */
export interface Task {
  readonly fuzzer: FuzzerName;
  readonly from: number;
  readonly batches: number;
}

/** What became of them. */
export interface TaskReport {
  readonly inputs: number;
  readonly counts: Readonly<Record<string, number>>;
  /** What the worker holds after a collection, when all is quiet. */
  readonly heldBytes: number;
  readonly failures: readonly { readonly seed: number; readonly violations: readonly string[] }[];
}

const fuzzers = new Map<FuzzerName, Fuzzer>();

async function run({ fuzzer: name, from, batches }: Task): Promise<TaskReport> {
  const fuzzer = fuzzers.get(name) ?? fuzzerOf(name);
  fuzzers.set(name, fuzzer);
  const counts: Record<string, number> = {};
  const failures: { seed: number; violations: readonly string[] }[] = [];
  let inputs = 0;
  for (let seed = from; seed < from + batches; seed += 1) {
    const result = await fuzzer.run(seed);
    inputs += result.inputs;
    for (const [count, more] of Object.entries(result.counts)) counts[count] = (counts[count] ?? 0) + more;
    if (result.violations.length > 0) failures.push({ seed, violations: result.violations });
  }
  const violations = await fuzzer.settle();
  if (violations.length > 0) failures.push({ seed: from + batches - 1, violations });
  return { inputs, counts, heldBytes: heldBytes(), failures };
}

// Millions of refusals are errors with a stack that no one looks at.
Error.stackTraceLimit = 0;
process.on("message", (task: Task) => void run(task).then((report) => process.send?.(report)));
