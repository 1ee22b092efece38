import t from "tap";
import { RingkvClient } from "../../src/client/client.js";
import type { LinkFault, Snapshot } from "../../src/protocol/messages.js";
import { type Operation, describeOperation } from "../../src/testing/history.js";
import { checkLinearizability } from "../../src/testing/linearizability.js";
import { RecordedClient } from "../../src/testing/recorded-client.js";
import { checkVersions, describeViolation } from "../../src/testing/version-check.js";
import { Random } from "../random.js";
import { type Cluster, startCluster } from "./cluster.js";
import { differentCopies } from "./copies.js";

const STORM_MS = 12_000;
const CLIENTS = 6;
const KEYS = 24;
/** Timeouts that faults reach within the storm, and so small a cache that reads go to the slaves. */
const FLAGS = [
  ...["--heartbeat-interval-ms", "50", "--heartbeat-timeout-ms", "400"],
  ...["--prepare-timeout-ms", "200", "--read-timeout-ms", "100"],
  ...["--cache-sets", "4", "--cache-ways", "1"],
];
/** How long a fault or step mode lasts at most. */
const FAULT_MS_MAX = 700;

const random = new Random();

t.test(
  `what clients see is linearizable while links are slow, silent and cut at random (SEED=${random.seed})`,
  { timeout: 120_000 },
  async (t) => {
    const cluster = await startCluster(t, { flags: FLAGS });
    const history: Operation[] = [];
    const untilMs = performance.now() + STORM_MS;
    const [faults] = await Promise.all([
      storm(cluster, new Random(random.seed), untilMs),
      ...Array.from({ length: CLIENTS }, async (_, index) => {
        const client = await RingkvClient.connect(cluster.ready.client);
        const name = `c${index}`;
        await work(name, new RecordedClient(name, client, history), new Random(random.seed + index), untilMs);
        await client.close();
      }),
    ]);

    await until(
      cluster,
      ({ metrics, slaves }) => metrics.unresolved === 0 && slaves.every(({ state }) => state === "up"),
    );
    const last = new RecordedClient("last", cluster.client, history);
    const finals: Operation[] = [];
    for (let n = 0; n < KEYS; n++) finals.push(await last.put(`k${n}`, `last ${n}`), await last.get(`k${n}`));
    t.strictSame(
      finals.filter(({ outcome }) => outcome.type !== "done" && outcome.type !== "found").map(describeOperation),
      [],
      "every key is served",
    );
    const count = (type: Operation["outcome"]["type"]) => history.filter(({ outcome }) => outcome.type === type).length;
    t.comment(
      `${history.length} operations: ${count("done")} updates done, ${count("found")} values read, ` +
        `${count("failed")} refused, ${count("unknown")} unknown; ${[...faults].map(([kind, times]) => `${kind} ${times}`).join(", ")}`,
    );
    t.ok(count("done") > 100 && count("failed") > 20, "it was a storm");
    t.ok(
      ["delay", "drop", "partition", "step"].every((kind) => (faults.get(kind) ?? 0) > 0),
      "of every kind",
    );
    t.strictSame(checkVersions(history).map(describeViolation), [], "the versions are in order");
    t.match(checkLinearizability(history), { type: "linearizable" });

    await cluster.stop();
    t.strictSame(await differentCopies(cluster), [], "both copies of every key are equal");
  },
);

/** Lets one thing after another go wrong, sometimes in place of the one before, and ends it. @returns how often each */
async function storm({ status }: Cluster, random: Random, untilMs: number): Promise<ReadonlyMap<string, number>> {
  const times = new Map<string, number>();
  const { slaves } = await status.snapshot();
  while (performance.now() < untilMs) {
    const { name } = random.pick(slaves);
    const happens = random.below(6) === 0 ? "step" : faultOf(random);
    const kind = happens === "step" ? happens : happens.kind;
    times.set(kind, (times.get(kind) ?? 0) + 1);
    if (happens === "step") {
      await status.step("on");
      for (let steps = random.below(20); steps > 0; steps--) {
        await pause(random.below(20));
        // There may be nothing to let go.
        await status.step("next").catch(() => undefined);
      }
      await status.step("off");
      continue;
    }
    await status.fault(name, happens);
    await pause(random.below(FAULT_MS_MAX));
    if (random.below(4) > 0) await status.fault(name, { kind: "none" });
  }
  for (const { name } of slaves) await status.fault(name, { kind: "none" });
  return times;
}

function faultOf(random: Random): LinkFault {
  switch (random.pick(["delay", "drop", "drop from", "partition"] as const)) {
    case "delay":
      return { kind: "delay", ms: 1 + random.below(150) };
    case "drop":
      return { kind: "drop" };
    case "drop from":
      return { kind: "drop", from: random.pick(["prepare", "vote", "decision", "ack"] as const) };
    case "partition":
      return { kind: "partition" };
  }
}

/** Random operations on random keys; each value is written once. */
async function work(name: string, client: RecordedClient, random: Random, untilMs: number): Promise<void> {
  for (let n = 0; performance.now() < untilMs; n++) {
    const key = `k${random.below(KEYS)}`;
    const kind = random.pick(["put", "put", "get", "get", "del"] as const);
    const { outcome } = kind === "put" ? await client.put(key, `${name} ${n}`) : await client[kind](key);
    // A refusal is fast: clients that only collect refusals would take the processors from the slaves.
    if (outcome.type === "failed") await pause(5);
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Resolves when the cluster is as it should be; the counters come every 250 ms. */
async function until({ status }: Cluster, isSo: (snapshot: Snapshot) => boolean): Promise<void> {
  for await (const item of status.subscribe()) if (item.type !== "gap" && isSo(await status.snapshot())) return;
  throw new Error("the feed has ended");
}
