import { readFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { RingkvClient } from "../../src/client/client.js";
import { StatusClient } from "../../src/client/status-client.js";
import { ERRORS, type ErrorCode, RingkvError } from "../../src/protocol/errors.js";
import { type Epoch, compareDecimals, splitOpId } from "../../src/protocol/ids.js";
import type { Snapshot } from "../../src/protocol/messages.js";
import { type Operation, describeOperation } from "../../src/testing/history.js";
import { RecordedClient } from "../../src/testing/recorded-client.js";
import { checkVersions, describeViolation } from "../../src/testing/version-check.js";
import { Random } from "../random.js";
import { type Cluster, startCluster } from "./cluster.js";
import { differentCopies } from "./copies.js";
import { lastingPorts } from "./lasting-ports.js";

/** The whole storm is 60 s; `npm test` runs a part of it (CONTRIBUTING.md). */
const STORM_MS = 1_000 * Number(process.env["STORM_SECONDS"] ?? 25);
const MASTER_KILLED_EVERY_MS = 2_000;
const SLAVE_KILLED_EVERY_MS = 3_000;
const CLIENTS = 8;
const KEYS = 16;
/** What a client waits after a refusal, so that clients leave the processors to the processes that start. */
const PAUSE_AFTER_REFUSAL_MS = 10;
/** Generous, since machines are noisy; the figure to look at is printed. */
const RECOVERY_MS_MAX = 10_000;

/** Generous, too: the time from the storm's end until all slaves are up and no update is open. */
const SETTLED_MS_MAX = 30_000;

const random = new Random();

t.test(
  `every history is linearizable while the master is killed every ${MASTER_KILLED_EVERY_MS} ms and a slave every ${SLAVE_KILLED_EVERY_MS} ms (SEED=${random.seed})`,
  { timeout: STORM_MS + 120_000 },
  async (t) => {
    const cluster = await startCluster(t, { ports: await lastingPorts(new Random(process.pid)), flags: ["--restart"] });
    const history: Operation[] = [];
    const until = performance.now() + STORM_MS;
    const masterKills: MasterKill[] = [];
    t.teardown(() => {
      if (!t.passing()) t.comment(lastWords(cluster));
    });
    const [slavesKilled] = await Promise.all([
      killSlaves(cluster, until),
      killMasters(cluster, until, masterKills),
      ...Array.from({ length: CLIENTS }, async (_, index) => {
        const client = await RingkvClient.connect(cluster.ready.client);
        const worker = new RecordedClient(`c${index}`, client, history);
        await work(worker, new Random(random.seed + index), until);
        await client.close();
      }),
    ]);

    const { unresolved, slaves } = await untilSettled(cluster);
    t.strictSame(unresolved, [], "nothing is unresolved");
    t.ok(
      slaves.every(({ state }) => state === "up"),
      "every slave is up",
    );
    const last = new RecordedClient("last", cluster.client, history);
    const finals: Operation[] = [];
    for (const key of keys()) finals.push(await last.get(key), await last.put(key, `last ${key}`), await last.get(key));
    t.strictSame(
      finals.filter(({ outcome }) => outcome.type === "failed").map(describeOperation),
      [],
      "every key is served",
    );

    const count = (type: Operation["outcome"]["type"]) => history.filter(({ outcome }) => outcome.type === type).length;
    t.comment(
      `${history.length} operations: ${count("done")} updates done, ${count("found")} values read, ${count("not-found")} not found, ` +
        `${count("failed")} refused, ${count("unknown")} unknown; ${masterKills.length} masters and ${slavesKilled} slaves killed`,
    );
    t.ok(count("done") > 1_000 && masterKills.length >= 5 && slavesKilled >= 3, "it was a storm");
    const codes = codesOf(history);
    t.comment(`codes: ${[...codes].map(([code, times]) => `${code} ${times}`).join(", ")}`);
    t.strictSame(
      [...codes.keys()].filter((code) => code !== "OUTCOME_UNKNOWN" && !ERRORS[code].retriable),
      [],
      "clients saw retriable codes only, or OUTCOME_UNKNOWN",
    );

    const recoveriesMs = masterKills.map((kill) => recoveryMs(kill, history)).sort((left, right) => left - right);
    t.comment(
      `from the kill of a master to the first update served: p50 ${quantile(recoveriesMs, 0.5)} ms, p99 ${quantile(recoveriesMs, 0.99)} ms`,
    );
    t.ok(
      recoveriesMs.every((ms) => ms < RECOVERY_MS_MAX),
      "each new master served soon",
    );

    const begun = performance.now();
    t.strictSame(checkVersions(history).map(describeViolation), [], "the history is linearizable");
    t.comment(`checked in ${(performance.now() - begun).toFixed(0)} ms`);

    await cluster.stop();
    t.strictSame(await differentCopies(cluster), [], "both copies of every key are equal");
  },
);

/** What the supervisor has told, and the end of the master's log. */
function lastWords({ daemon, data }: Cluster): string {
  const log = readFileSync(join(data, "logs", "master.log"), "utf8")
    .split("\n")
    .slice(-30);
  return [daemon.stderr, "the master's log ends with:", ...log].join("\n");
}

interface MasterKill {
  readonly atMs: number;
  readonly epoch: Epoch;
}

function keys(): string[] {
  return Array.from({ length: KEYS }, (_, n) => `k${n}`);
}

/** Random operations on random keys; each value is written once. */
async function work(client: RecordedClient, random: Random, untilMs: number): Promise<void> {
  for (let n = 0; performance.now() < untilMs; n++) {
    const key = random.pick(keys());
    const kind = random.pick(["get", "get", "put", "put", "del"] as const);
    const { outcome } = await (kind === "put" ? client.put(key, `${random.seed}:${n}`) : client[kind](key));
    if (outcome.type === "failed") await pause(PAUSE_AFTER_REFUSAL_MS);
  }
}

/** Kills the master of each beat by its pid; its supervisor starts the next one. */
async function killMasters(cluster: Cluster, untilMs: number, kills: MasterKill[]): Promise<void> {
  const client = await RingkvClient.connect(cluster.ready.client);
  while (performance.now() + MASTER_KILLED_EVERY_MS < untilMs) {
    await pause(MASTER_KILLED_EVERY_MS);
    const { pid, epoch } = await client.info();
    process.kill(pid, "SIGKILL");
    kills.push({ atMs: performance.now(), epoch });
  }
  await client.close();
}

/** Kills a random slave at each beat by its pid; the supervisor starts it again. @returns how many were killed */
async function killSlaves(cluster: Cluster, untilMs: number): Promise<number> {
  let killed = 0;
  while (performance.now() + SLAVE_KILLED_EVERY_MS < untilMs) {
    await pause(SLAVE_KILLED_EVERY_MS);
    const { slaves } = await snapshot(cluster);
    const pids = slaves.flatMap(({ pid }) => pid ?? []);
    if (pids.length === 0) continue;
    process.kill(random.pick(pids), "SIGKILL");
    killed += 1;
  }
  return killed;
}

/** Asks until a master answers. */
async function snapshot(cluster: Cluster): Promise<Snapshot> {
  const untilMs = performance.now() + RECOVERY_MS_MAX;
  for (;;) {
    try {
      await using status = await StatusClient.connect(cluster.ready.status);
      return await status.snapshot();
    } catch (error) {
      if (!(error instanceof RingkvError) || error.code !== "UNAVAILABLE" || performance.now() > untilMs) throw error;
      await pause(PAUSE_AFTER_REFUSAL_MS);
    }
  }
}

/** Resolves when all slaves are up and no op is open, or when that takes too long; the feed tells of each change. */
async function untilSettled(cluster: Cluster): Promise<Snapshot> {
  const untilMs = performance.now() + SETTLED_MS_MAX;
  await using status = await StatusClient.connect(cluster.ready.status);
  for await (const item of status.subscribe()) {
    if (item.type === "gap") continue;
    const now = item.type === "snapshot" ? item : await status.snapshot();
    const isSettled = now.unresolved.length === 0 && now.slaves.every(({ state }) => state === "up");
    if (isSettled || performance.now() > untilMs) return now;
  }
  throw new Error("the master died after the storm");
}

/** How often each code was answered. */
function codesOf(history: readonly Operation[]): Map<ErrorCode, number> {
  const codes = new Map<ErrorCode, number>();
  for (const { outcome } of history) {
    if ("code" in outcome) codes.set(outcome.code, (codes.get(outcome.code) ?? 0) + 1);
  }
  return codes;
}

/** From the kill of a master until a later one has served an update. */
function recoveryMs({ atMs, epoch }: MasterKill, history: readonly Operation[]): number {
  let firstMs = Infinity;
  for (const { outcome, returnedMs } of history) {
    if (outcome.type !== "done" || compareDecimals(splitOpId(outcome.version).epoch, epoch) <= 0) continue;
    firstMs = Math.min(firstMs, returnedMs);
  }
  return firstMs - atMs;
}

function quantile(sorted: readonly number[], fraction: number): string {
  return (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * fraction))] ?? NaN).toFixed(0);
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
