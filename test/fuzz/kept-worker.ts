import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { FuzzerName } from "./fuzzers.js";
import type { Task, TaskReport } from "./worker.js";

/** A worker that is silent for so long hangs. */
const HANG_MS = 300_000;
/** Tasks of a fuzzer after which a worker holds all that it ever will: caches, tails of logs, compiled code. */
const WARM_TASKS = 4;
const GROWTH_BYTES_MAX = 64 * 1_048_576;

/** Keeps one process busy; one that dies or hangs has failed on a batch of its task, and another takes its place. */
export class KeptWorker {
  readonly #nextTask: () => Task | undefined;
  readonly #done: (task: Task, report: TaskReport, elapsedMs: number) => void;
  #process: ChildProcess | undefined;
  /** What it held when it was warm, by fuzzers it has run; and how many tasks of each. */
  #tasks = new Map<FuzzerName, number>();
  #warmBytes: number | undefined;

  constructor(nextTask: () => Task | undefined, done: (task: Task, report: TaskReport, elapsedMs: number) => void) {
    this.#nextTask = nextTask;
    this.#done = done;
  }

  async work(): Promise<void> {
    for (let task = this.#nextTask(); task !== undefined; task = this.#nextTask()) {
      const startedMs = performance.now();
      const result = await this.#run(task);
      const report = typeof result === "string" ? this.#lost(task, result) : this.#judgeGrowth(task, result);
      this.#done(task, report, performance.now() - startedMs);
    }
    this.#process?.kill();
  }

  #lost(task: Task, what: string): TaskReport {
    this.#process?.kill("SIGKILL");
    this.#forget();
    const last = task.from + task.batches - 1;
    const violations = [`the worker ${what} on one of the seeds ${task.from} to ${last}`];
    return { inputs: 0, counts: {}, heldBytes: 0, failures: [{ seed: task.from, violations }] };
  }

  /** Compares what it holds with what it held when it was warm. */
  #judgeGrowth({ fuzzer, from, batches }: Task, report: TaskReport): TaskReport {
    const tasks = (this.#tasks.get(fuzzer) ?? 0) + 1;
    this.#tasks.set(fuzzer, tasks);
    // A fuzzer that has only begun makes it warm anew.
    if (tasks <= WARM_TASKS || this.#warmBytes === undefined) this.#warmBytes = report.heldBytes;
    const grown = report.heldBytes - this.#warmBytes;
    if (grown <= GROWTH_BYTES_MAX) return report;
    const violations = [`the worker has grown by ${Math.round(grown / 1_048_576)} MiB since it was warm`];
    this.#warmBytes = report.heldBytes;
    return { ...report, failures: [...report.failures, { seed: from + batches - 1, violations }] };
  }

  #forget(): void {
    this.#process = undefined;
    this.#warmBytes = undefined;
    this.#tasks = new Map();
  }

  #run(task: Task): Promise<TaskReport | string> {
    const worker = (this.#process ??= fork(fileURLToPath(new URL("./worker.js", import.meta.url))));
    return new Promise((resolve) => {
      const settle = (result: TaskReport | string) => {
        clearTimeout(timer);
        worker.off("message", onMessage);
        worker.off("exit", onExit);
        resolve(result);
      };
      const onMessage = (report: TaskReport) => settle(report);
      const onExit = (code: number | null, signal: string | null) => settle(`died (${signal ?? `exit code ${code}`})`);
      const timer = setTimeout(() => settle("hung"), HANG_MS);
      worker.on("message", onMessage);
      worker.on("exit", onExit);
      worker.send(task);
    });
  }
}
