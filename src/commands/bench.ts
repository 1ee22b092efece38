import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { TemporaryCluster } from "../bench/cluster/temporary-cluster.js";
import type { Access, Entrance } from "../bench/generator/access.js";
import { formatOverload } from "../bench/overload/overload-report.js";
import { runOverload } from "../bench/overload/run-overload.js";
import { ProgressLine } from "../bench/report/progress-line.js";
import { formatBench } from "../bench/report/bench-table.js";
import { runMatrix } from "../bench/run-matrix.js";
import { UsageError, type Values } from "../config.js";
import { RingkvClient } from "../client/client.js";
import { transportFor } from "../client/secured.js";
import { RingkvError } from "../protocol/errors.js";
import { writeText } from "../repl/output.js";
import { clientCredentials } from "./credentials.js";
import { EXIT } from "./exit-code.js";
import type { BENCH } from "./settings.js";
import { StopSignal } from "./stop-signal.js";
import { ownToken } from "./tokens.js";

/** A bench that is told to stop ends its clusters in good order within this time, in ms. */
const STOP_LIMIT_MS = 12_000;
/** Slaves of a temporary cluster of which nothing else was said: the two that hold each key. */
const SLAVES = 2;
/** Before each load beyond the peak, in s at least: then as much is under way as the master allows. */
const OVERLOAD_WARMUP_SECONDS = 2;

const CLI = fileURLToPath(new URL("../cli.js", import.meta.url));

/** A cluster that is measured. */
interface Measured {
  readonly client: Entrance;
  readonly slaves?: number;
}

/** What one run has at hand. */
interface Run {
  readonly values: Values<typeof BENCH>;
  readonly progress: ProgressLine;
  readonly signal: AbortSignal;
}

/** `ringkv bench`: the table on stdout, what it is doing on stderr. */
export async function run(values: Values<typeof BENCH>): Promise<number> {
  checkTogether(values);
  const access = accessOf(values);
  const stop = new StopSignal(STOP_LIMIT_MS);
  const over = new AbortController();
  void stop.requested.then(() => over.abort(new RingkvError("SHUTTING_DOWN", "The bench was told to stop.")));
  const progress = new ProgressLine(process.stderr);
  const started: TemporaryCluster[] = [];
  try {
    const clusters = await findClusters(values, access, started, (text) => progress.tell(text));
    const measure = values.overload ? measureOverload : measureMatrix;
    const text = await measure(clusters, { values, progress, signal: over.signal });
    progress.end();
    await writeText(process.stdout, text);
    return EXIT.done;
  } finally {
    progress.end();
    stop.request();
    await Promise.all(started.map((cluster) => cluster.close()));
    stop.dispose();
  }
}

/** @throws UsageError for flags that contradict each other */
function checkTogether(values: Values<typeof BENCH>): void {
  const { plot, slaves, keys, overload, rate, profile, compareTls, tls, tokenFile } = values;
  if (plot && (slaves?.length ?? 1) * keys.length === 1) {
    throw new UsageError("--plot draws the cost by slaves or by keys: name several of one of them");
  }
  if (overload && (rate !== undefined || profile || plot || compareTls || (slaves?.length ?? 1) > 1)) {
    throw new UsageError(
      "--overload offers rates of its own to one cluster: no --rate, --profile, --plot, --compare-tls",
    );
  }
  if ((tls !== undefined || tokenFile !== undefined) && (slaves !== undefined || profile || compareTls)) {
    throw new UsageError(
      "--tls and --token-file are for the cluster that listens at --connect, not for a temporary one",
    );
  }
}

/** How one comes in at the cluster that listens. Taken out of the environment, too, so that no process of ours inherits it. */
function accessOf({ tls, tokenFile }: Values<typeof BENCH>): Access {
  const token = ownToken({ tokenFile });
  return { ...(tls !== undefined && { tls: clientCredentials(tls) }), ...(token !== undefined && { token }) };
}

async function measureMatrix(clusters: readonly Measured[], { values, progress, signal }: Run): Promise<string> {
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
    signal,
  });
  return values.json ? `${JSON.stringify(report)}\n` : formatBench(report);
}

/** Of several numbers that are for a matrix the largest counts. */
async function measureOverload([cluster]: readonly Measured[], { values, progress, signal }: Run): Promise<string> {
  if (cluster === undefined) throw new TypeError("there is no cluster");
  const [distribution = "uniform"] = values.distribution;
  const report = await runOverload({
    cluster: cluster.client,
    mixes: values.mix,
    distribution,
    keys: Math.max(...values.keys),
    valueBytes: Math.max(...values.valueBytes),
    clients: Math.max(...values.clients),
    rounds: values.rounds,
    seconds: values.seconds,
    warmupSeconds: Math.max(OVERLOAD_WARMUP_SECONDS, values.warmupSeconds),
    generators: values.generators,
    onProgress: (text, part) => progress.tell(text, part),
    signal,
  });
  return values.json ? `${JSON.stringify(report)}\n` : formatOverload(report);
}

/**
 * The cluster that listens, or new ones: with `--slaves`, `--profile` and `--compare-tls` always, with `--up` where none listens
 * and nothing was said of how one comes in.
 */
async function findClusters(
  values: Values<typeof BENCH>,
  access: Access,
  started: TemporaryCluster[],
  tell: (text: string) => void,
): Promise<readonly Measured[]> {
  const { connect, up, slaves, profile, compareTls, tls, tokenFile, out } = values;
  const isWished = slaves !== undefined || profile || compareTls;
  const client = { ...connect, access };
  const mayStart = up && tls === undefined && tokenFile === undefined;
  if (!isWished && (!mayStart || (await listens(client)))) return [{ client }];
  for (const count of slaves ?? [SLAVES]) {
    for (const isTls of compareTls ? [false, true] : [false]) {
      tell(`starting a cluster with ${count} slaves${isTls ? " and TLS" : ""}`);
      const profileDirectory = profile ? resolve(out) : undefined;
      started.push(await TemporaryCluster.start({ cli: CLI, slaves: count, tls: isTls, profileDirectory }));
    }
  }
  return started;
}

async function listens({ host, port, access = {} }: Entrance): Promise<boolean> {
  try {
    const client = await RingkvClient.connect({ host, port, transport: transportFor(access) });
    await client.close();
    return true;
  } catch (error) {
    if (error instanceof RingkvError && error.code === "UNAVAILABLE") return false;
    throw error;
  }
}
