/**
 * What watching costs the store: throughput of puts and gets by 64 clients, without watchers and with ten of them, one of
 * which never reads. `npm run bench:watchers [rounds] [seconds]`.
 *
 * A round measures both in turns (without, with, with, without), so that a machine that gets slower or faster meanwhile does
 * it to both. The ratio of a round is with/without; the median of the rounds counts. On Linux the master's CPU time is told
 * too, for one request and for watching: the master is the bottleneck, and its CPU time stays comparable on a machine that
 * has other work. What watching takes of a core is the part of the throughput that it costs when the master has the core
 * for itself.
 */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { measure } from "../src/bench/measure.js";
import { encodeFrame } from "../src/protocol/framing.js";
import { tcpTransport } from "../src/transport/tcp.js";
import { Cluster } from "../test/e2e/cluster.js";
import type { DrainReport } from "./drain.js";

const CLIENTS = 64;
const READERS = 9;
const KEYS = 10_000;
const VALUE = "v".repeat(100);
const WARMUP_MS = 750;
/** Watching may cost so much of the store's throughput. */
const COST_MAX = 0.05;
/** Ticks of the kernel's clock in a ms, for /proc: 100 a second on every Linux that Node runs on. */
const MS_PER_CLOCK_TICK = 10;

/** One measurement. */
interface Sample {
  readonly opsPerSecond: number;
  /** CPU time of the master for one request, in µs; NaN where the system does not tell. */
  readonly masterMicros: number;
}

const [rounds = 8, seconds = 2] = process.argv.slice(2).map(Number);
const names = Array.from({ length: KEYS }, (_, n) => `bench-${n}`);
const requests = {
  put: names.map((key) => encodeFrame({ type: "putreq", key, value: VALUE })),
  get: names.map((key) => encodeFrame({ type: "getreq", key })),
};
const cluster = await Cluster.start();
try {
  let at = 0;
  await load(() => requests.put[at++], Infinity);
  for (const operation of ["put", "get"] as const) {
    const ratios: number[] = [];
    const cores: number[] = [];
    await sample(operation);
    for (let round = 1; round <= rounds; round++) {
      const first = await sample(operation);
      const [second, third] = await watched(() => sample(operation));
      const without = mean(first, await sample(operation));
      const withWatchers = mean(second, third);
      const ratio = withWatchers.opsPerSecond / without.opsPerSecond;
      const core = ((withWatchers.masterMicros - without.masterMicros) * withWatchers.opsPerSecond) / 1e6;
      ratios.push(ratio);
      cores.push(core);
      console.log(
        `${operation} ${round}: without ${told(without)}; with ${told(withWatchers)}; ` +
          `ratio ${ratio.toFixed(3)}, watching takes ${percent(core)} of a core`,
      );
    }
    const throughput = median(ratios);
    const isKept = throughput >= 1 - COST_MAX;
    console.log(
      `${operation}: with ${READERS + 1} watchers ${percent(throughput)} of the throughput, ` +
        `for ${percent(median(cores))} of a core at the master (medians of ${rounds}); ` +
        `at least ${percent(1 - COST_MAX)} of the throughput: ${isKept ? "kept" : "NOT kept"}`,
    );
    if (!isKept) process.exitCode = 1;
  }
} finally {
  await cluster.stop();
  cluster.remove();
}

async function sample(operation: "put" | "get"): Promise<Sample> {
  const next = () => requests[operation][Math.floor(Math.random() * KEYS)];
  await load(next, WARMUP_MS);
  const cpuBefore = masterCpuMs();
  const { ops, opsPerSecond } = await load(next, seconds * 1_000);
  return { opsPerSecond, masterMicros: ((masterCpuMs() - cpuBefore) * 1_000) / ops };
}

function load(next: () => string | undefined, measureMs: number): ReturnType<typeof measure> {
  const { host, port } = cluster.ready.client;
  return measure({
    transport: tcpTransport,
    host,
    port,
    signal: undefined,
    clients: CLIENTS,
    warmupMs: 0,
    measureMs,
    next,
  });
}

/** Two samples while others watch. */
async function watched(take: () => Promise<Sample>): Promise<[Sample, Sample]> {
  const child = fork(fileURLToPath(new URL("./drain.js", import.meta.url)), [
    String(cluster.ready.status.port),
    String(READERS),
  ]);
  try {
    await messageOf(child);
    const samples: [Sample, Sample] = [await take(), await take()];
    child.send("stop");
    const { bytesRead, missedByStuck } = (await messageOf(child)) as DrainReport;
    console.log(
      `       ${whole(bytesRead / READERS / 1_024)} KiB to each watcher, ${whole(missedByStuck)} events missed by the stuck one`,
    );
    return samples;
  } finally {
    child.kill();
  }
}

async function messageOf(child: ChildProcess): Promise<unknown> {
  const [message] = (await once(child, "message")) as unknown[];
  return message;
}

function masterCpuMs(): number {
  const file = `/proc/${cluster.ready.master.pid}/stat`;
  if (!existsSync(file)) return Number.NaN;
  // After the command's name, which stands in parentheses: state is the first field, user and system time the 12th and 13th.
  const fields = readFileSync(file, "utf8").split(") ").at(-1)?.split(" ") ?? [];
  return (Number(fields[11]) + Number(fields[12])) * MS_PER_CLOCK_TICK;
}

function mean(left: Sample, right: Sample): Sample {
  return {
    opsPerSecond: (left.opsPerSecond + right.opsPerSecond) / 2,
    masterMicros: (left.masterMicros + right.masterMicros) / 2,
  };
}

function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((left, right) => left - right);
  const middle = sorted.length / 2;
  return ((sorted[Math.floor(middle)] ?? Number.NaN) + (sorted[Math.ceil(middle) - 1] ?? Number.NaN)) / 2;
}

function told({ opsPerSecond, masterMicros }: Sample): string {
  return `${whole(opsPerSecond)}/s, ${masterMicros.toFixed(1)} µs`;
}

function percent(part: number): string {
  return `${(part * 100).toFixed(1)} %`;
}

function whole(number: number): string {
  return Math.round(number).toLocaleString("en");
}
