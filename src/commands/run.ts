import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { UsageError, type Values } from "../config.js";
import { RingkvError } from "../protocol/errors.js";
import { ConnectedCluster } from "../repl/connected-cluster.js";
import { OutputClosed, writeText } from "../repl/output.js";
import { paintFor } from "../repl/paint.js";
import { type ScriptStatement, parseScript, readScript } from "../repl/script-file.js";
import { type WantedCluster, parseClusterLine } from "../scenario/cluster-line.js";
import type { Reporter, ScenarioEvent } from "../scenario/events.js";
import { JsonReporter } from "../scenario/json-reporter.js";
import { runScenario } from "../scenario/run-scenario.js";
import { SpecReporter } from "../scenario/spec-reporter.js";
import { TapReporter } from "../scenario/tap-reporter.js";
import { startCluster } from "../testing/cluster/start-cluster.js";
import type { Operation } from "../testing/history.js";
import { recordingClient } from "../testing/record.js";
import { type Target, targetOf } from "./connection.js";
import { EXIT, describeError } from "./exit-code.js";
import type { RUN } from "./settings.js";
import { StopSignal } from "./stop-signal.js";

/** The ending of scenario files, for those in folders. */
const SCENARIO_FILE = /\.kv$/;

/** After a signal the cluster's processes end within this time, in ms. */
const STOP_LIMIT_MS = 6_000;

/**
 * `ringkv run FILE…`: runs each scenario and reports its tests.
 *
 * @param files files and folders; `-` for standard input
 * @throws UsageError when a file cannot be read; RingkvError UNAVAILABLE when there is no cluster at --connect
 */
export async function run(values: Values<typeof RUN>, files: readonly string[]): Promise<number> {
  process.stdout.on("error", () => undefined);
  const stop = new StopSignal(STOP_LIMIT_MS);
  const scenarios = await Promise.all((await filesOf(files)).map(readScenario));
  const given = values.connect && targetOf(values.connect, values);
  const reporter = reporterOf(values.reporter);
  const report = new Report(reporter);
  const seed = values.seed ?? Math.floor(Math.random() * 2 ** 31);
  try {
    for (const scenario of scenarios) {
      const failedBefore = report.failed;
      await runOne(scenario, seed, { ...values, connect: given }, { stop, tell: (event) => report.tell(event) });
      await report.flush();
      if (stop.isRequested || (values.bail && report.failed > failedBefore)) break;
    }
    await report.end();
  } catch (error) {
    if (!(error instanceof OutputClosed)) throw error;
  } finally {
    stop.dispose();
  }
  return report.failed === 0 && !stop.isRequested ? EXIT.done : EXIT.failed;
}

/** The settings, with the way to the cluster that was given. */
interface RunValues extends Omit<Values<typeof RUN>, "connect"> {
  readonly connect: Target | undefined;
}

interface Scenario {
  readonly file: string;
  readonly statements: readonly ScriptStatement[];
  readonly wanted: WantedCluster | undefined;
}

async function runOne(
  { file, statements, wanted }: Scenario,
  seed: number,
  values: RunValues,
  { stop, tell }: { readonly stop: StopSignal; readonly tell: (event: ScenarioEvent) => void },
): Promise<void> {
  const startedMs = performance.now();
  const history: Operation[] = [];
  const ending = new AbortController();
  const timer = setTimeout(() => ending.abort(), values.timeoutSeconds * 1_000);
  void stop.requested.then(() => ending.abort());
  let problem: string | undefined;
  tell({ type: "file", file, seed });
  try {
    const { address, close } = await clusterFor(values, wanted);
    try {
      if (values.connect !== undefined && wanted !== undefined) {
        tell({ type: "note", text: "the file names a cluster of its own; this one was given" });
      }
      let clients = 0;
      const cluster = await ConnectedCluster.connect({
        ...address,
        wrapClient: (client) => recordingClient(`client ${++clients}`, client, history),
      });
      try {
        await runScenario({ file, statements, cluster, history, seed, tell, bail: values.bail, signal: ending.signal });
      } finally {
        await cluster.close();
      }
    } finally {
      await close();
    }
    if (stop.isRequested) problem = "interrupted";
    else if (ending.signal.aborted) problem = `not done after ${values.timeoutSeconds} s`;
  } catch (error) {
    if (values.connect !== undefined && error instanceof RingkvError && error.code === "UNAVAILABLE") throw error;
    problem = describeError(error);
  } finally {
    clearTimeout(timer);
  }
  tell({ type: "file-end", file, elapsedMs: performance.now() - startedMs, problem });
}

/** The cluster that was given, or one for this file alone. */
async function clusterFor({ connect, inProcess }: RunValues, wanted: WantedCluster | undefined) {
  if (connect !== undefined) return { address: connect, close: () => Promise.resolve() };
  const own = await startCluster({ ...wanted, inProcess });
  return { address: { ...own.address, transport: own.transport }, close: () => own.close() };
}

/** Writes events as they come, in order, and counts the tests. */
class Report {
  failed = 0;
  #passed = 0;
  readonly #reporter: Reporter;
  #written: Promise<void>;

  constructor(reporter: Reporter) {
    this.#reporter = reporter;
    this.#written = writeText(process.stdout, reporter.begin());
  }

  tell(event: ScenarioEvent): void {
    if (event.type === "test" && event.ok) this.#passed += 1;
    if ((event.type === "test" && !event.ok) || (event.type === "file-end" && event.problem !== undefined)) {
      this.failed += 1;
    }
    this.#write(this.#reporter.report(event));
  }

  /** @throws OutputClosed */
  flush(): Promise<void> {
    return this.#written;
  }

  /** @throws OutputClosed */
  end(): Promise<void> {
    this.#write(this.#reporter.end({ passed: this.#passed, failed: this.failed }));
    return this.flush();
  }

  #write(text: string): void {
    this.#written = this.#written.then(() => writeText(process.stdout, text));
    this.#written.catch(() => undefined);
  }
}

function reporterOf(name: "tap" | "spec" | "json" | undefined): Reporter {
  switch (name ?? (process.stdout.isTTY ? "spec" : "tap")) {
    case "tap":
      return new TapReporter();
    case "json":
      return new JsonReporter();
    case "spec":
      return new SpecReporter(paintFor(process.stdout));
  }
}

/** The files meant, those of folders in the order of their names. @throws UsageError */
async function filesOf(paths: readonly string[]): Promise<readonly string[]> {
  const found = await Promise.all(
    paths.map(async (path) => {
      if (path === "-") return [path];
      try {
        if (!(await stat(path)).isDirectory()) return [path];
        const names = (await readdir(path)).filter((name) => SCENARIO_FILE.test(name)).sort();
        if (names.length === 0) throw new UsageError(`${path} holds no scenario (a file that ends in .kv)`);
        return names.map((name) => join(path, name));
      } catch (error) {
        if (error instanceof UsageError) throw error;
        throw new UsageError(`${path}: ${describeError(error)}`, { cause: error });
      }
    }),
  );
  return found.flat();
}

async function readScenario(file: string): Promise<Scenario> {
  try {
    const statements = file === "-" ? parseScript(await readStdin()) : await readScript(file);
    const wanted = parseClusterLine(statements[0]?.statement ?? "");
    return { file, statements: wanted === undefined ? statements : statements.slice(1), wanted };
  } catch (error) {
    throw new UsageError(`${file}: ${describeError(error)}`, { cause: error });
  }
}

async function readStdin(): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Uint8Array);
  return Buffer.concat(chunks).toString();
}
