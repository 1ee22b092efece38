import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { TemporaryCluster } from "../bench/cluster/temporary-cluster.js";
import { ProgressLine } from "../bench/report/progress-line.js";
import { formatBench } from "../bench/report/bench-table.js";
import { type MatrixOptions, runMatrix } from "../bench/run-matrix.js";
import { UsageError, type Values } from "../config.js";
import { RingkvClient } from "../client/client.js";
import { RingkvError } from "../protocol/errors.js";
import { writeText } from "../repl/output.js";
import { EXIT } from "./exit-code.js";
import type { BENCH } from "./settings.js";
import { StopSignal } from "./stop-signal.js";

/** A bench that is told to stop ends its clusters in good order within this time, in ms. */
const STOP_LIMIT_MS = 12_000;
/** Slaves of a temporary cluster of which nothing else was said: the two that hold each key. */
const SLAVES = 2;

const CLI = fileURLToPath(new URL("../cli.js", import.meta.url));

/** `ringkv bench`: the table on stdout, what it is doing on stderr. */
export async function run(values: Values<typeof BENCH>): Promise<number> {
  if (values.plot && (values.slaves?.length ?? 1) * values.keys.length === 1) {
    throw new UsageError("--plot draws the cost by slaves or by keys: name several of one of them");
  }
  const stop = new StopSignal(STOP_LIMIT_MS);
  const over = new AbortController();
  void stop.requested.then(() => over.abort(new RingkvError("SHUTTING_DOWN", "The bench was told to stop.")));
  const progress = new ProgressLine(process.stderr);
  const started: TemporaryCluster[] = [];
  try {
    const clusters = await findClusters(values, started, (text) => progress.tell(text));
    const report = await runMatrix({
      clusters,
      matrix: {
        mixes: values.mix,
        distributions: values.distribution,
        clients: values.clients,
        depths: values.depth,
        valueBytes: values.valueBytes,
        keys: values.keys.toSorted((left, right) => left - right),
        rate: values.rate,
      },
      rounds: values.rounds,
      seconds: values.seconds,
      warmupSeconds: values.warmupSeconds,
      generators: values.generators,
      profileDirectory: values.profile ? values.out : undefined,
      plotDirectory: values.plot ? values.out : undefined,
      onProgress: (text, part) => progress.tell(text, part),
      signal: over.signal,
    });
    progress.end();
    await writeText(process.stdout, values.json ? `${JSON.stringify(report)}\n` : formatBench(report));
    return EXIT.done;
  } finally {
    progress.end();
    stop.request();
    await Promise.all(started.map((cluster) => cluster.close()));
    stop.dispose();
  }
}

/** The cluster that listens, or new ones: with `--slaves` and `--profile` always, with `--up` where none listens. */
async function findClusters(
  { connect, up, slaves, profile, out }: Values<typeof BENCH>,
  started: TemporaryCluster[],
  tell: (text: string) => void,
): Promise<MatrixOptions["clusters"]> {
  const isWished = slaves !== undefined || profile;
  if (!isWished && (!up || (await listens(connect)))) return [{ client: connect }];
  for (const count of slaves ?? [SLAVES]) {
    tell(`starting a cluster with ${count} slaves`);
    started.push(
      await TemporaryCluster.start({ cli: CLI, slaves: count, profileDirectory: profile ? resolve(out) : undefined }),
    );
  }
  return started;
}

async function listens(connect: Values<typeof BENCH>["connect"]): Promise<boolean> {
  try {
    const client = await RingkvClient.connect(connect);
    await client.close();
    return true;
  } catch (error) {
    if (error instanceof RingkvError && error.code === "UNAVAILABLE") return false;
    throw error;
  }
}
