import t from "tap";
import { StatusClient } from "../../src/client/status-client.js";
import type { HeldStep, SlaveState, SlaveStatus, Snapshot } from "../../src/protocol/messages.js";
import { type Cluster, startCluster } from "./cluster.js";

/** A silent slave is soon down, and a silent vote soon late. */
const FLAGS = [...["--heartbeat-interval-ms", "50", "--heartbeat-timeout-ms", "600", "--prepare-timeout-ms", "300"]];

/** A cluster, a key in it, and the names of the key's replicas. */
async function scene(t: Parameters<typeof startCluster>[0]) {
  const cluster = await startCluster(t, { slaves: 3, flags: FLAGS });
  const { client, status } = cluster;
  await client.put("city", "Paris");
  // Its acks are none that a fault is to catch.
  await until(status, ({ metrics }) => metrics.unresolved === 0);
  const { replicas } = await client.where("city");
  const { slaves } = await status.snapshot();
  const nameOf = (id: string) => slaves.find((slave) => slave.id === id)?.name ?? "";
  return { cluster, client, status, primary: nameOf(replicas[0]), successor: nameOf(replicas[1]) };
}

/** Resolves when the cluster is as it should be. */
async function until(status: StatusClient, isSo: (snapshot: Snapshot) => boolean): Promise<void> {
  // Every event may have changed it, and the counters come every 250 ms.
  for await (const item of status.subscribe()) if (item.type !== "gap" && isSo(await status.snapshot())) return;
  throw new Error("the feed has ended");
}

const slaveOf = (snapshot: Snapshot, name: string): SlaveStatus | undefined =>
  snapshot.slaves.find((slave) => slave.name === name);
const untilState = (status: StatusClient, name: string, state: SlaveState) =>
  until(status, (snapshot) => slaveOf(snapshot, name)?.state === state);

t.test("a delay makes updates slower by that much, and its end makes them fast again", async (t) => {
  const { client, status, primary } = await scene(t);
  t.equal(await status.fault(primary, { kind: "delay", ms: 150 }), `the master hears ${primary} 150 ms later`);
  const beganMs = performance.now();
  await client.put("city", "Rome");
  t.ok(performance.now() - beganMs >= 150);
  await status.fault(primary, { kind: "none" });
  // The fastest of some: a busy machine may hold up one.
  const timesMs: number[] = [];
  for (const value of ["Oslo", "Bern", "Lima", "Bonn", "Kiel"]) {
    const againMs = performance.now();
    await client.put("city", value);
    timesMs.push(performance.now() - againMs);
  }
  t.ok(Math.min(...timesMs) < 150, `${timesMs.join()} ms`);
  t.notOk(slaveOf(await status.snapshot(), primary)?.fault);
});

for (const from of ["prepare", "vote", undefined] as const) {
  t.test(
    `drop ${from === undefined ? "" : `from ${from} `}aborts the update, and the silent slave is down until it ends`,
    async (t) => {
      const { client, status, primary } = await scene(t);
      await status.fault(primary, { kind: "drop", ...(from !== undefined && { from }) });
      await t.rejects(client.put("city", "Rome"), { code: "ABORTED" });
      await untilState(status, primary, "down");
      t.match(await client.get("city"), { value: "Paris" }, "the other replica answers");
      await t.rejects(client.put("city", "Oslo"), { code: "REPLICA_DOWN" });
      await status.fault(primary, { kind: "none" });
      await untilState(status, primary, "up");
      await client.put("city", "Bern");
      t.match(await client.get("city"), { value: "Bern" });
    },
  );
}

for (const from of ["decision", "ack"] as const) {
  t.test(`drop from ${from} does not change the outcome, which the slave learns when it is back`, async (t) => {
    const { client, status, primary, successor } = await scene(t);
    await status.fault(primary, { kind: "drop", from });
    await client.put("city", "Rome");
    t.equal((await status.snapshot()).metrics.unresolved, 1);
    await untilState(status, primary, "down");
    await status.fault(primary, { kind: "none" });
    await until(status, ({ metrics }) => metrics.unresolved === 0);
    const [one, other] = await Promise.all([primary, successor].map((name) => status.copies(name)));
    t.strictSame(
      one?.copies.filter(({ key }) => key === "city"),
      other?.copies.filter(({ key }) => key === "city"),
    );
  });
}

t.test("a silence that ends before the slave is down brings it back on new connections", async (t) => {
  const { client, status, primary } = await scene(t);
  await status.fault(primary, { kind: "drop" });
  await status.fault(primary, { kind: "none" });
  await untilState(status, primary, "up");
  await client.put("city", "Rome");
  const lines = (await status.logs({ node: "master" })).map(({ text }) => text);
  t.ok(lines.some((text) => text.includes(`slave ${primary} is down: the fault of ${primary} has ended`)));
});

t.test("a partition is there at once, outlives a restart of the slave, and ends", async (t) => {
  const { client, status, primary } = await scene(t);
  await status.fault(primary, { kind: "partition" });
  t.match(slaveOf(await status.snapshot(), primary), { state: "down", fault: { kind: "partition" } });
  await t.rejects(client.put("city", "Rome"), { code: "REPLICA_DOWN" });
  t.match(await client.get("city"), { value: "Paris" });
  await status.process("kill", primary);
  t.match(slaveOf(await status.snapshot(), primary), { fault: { kind: "partition" } });
  const started = status.process("start", primary);
  await status.fault(primary, { kind: "none" });
  await started;
  await client.put("city", "Rome");
});

t.test("a slave killed at after:prepare-forced has voted on nothing, and its start settles the update", async (t) => {
  const { client, status, primary } = await scene(t);
  t.equal(
    await status.process("kill", primary, { point: "after:prepare-forced" }),
    `${primary} will die after force-prepared`,
  );
  t.equal(slaveOf(await status.snapshot(), primary)?.failpoint, "after:force-prepared");
  await t.rejects(client.put("city", "Rome"), { code: "ABORTED" });
  await untilState(status, primary, "down");
  t.notOk(slaveOf(await status.snapshot(), primary)?.failpoint, "with its life the point is gone");
  t.equal(await status.process("start", primary, { point: "before:replay" }), `${primary} died before replay`);
  t.equal(
    await status.process("start", primary, { point: "after:ready-sent" }),
    `${primary} is up and will die after send-ready`,
  );
  await client.put("city", "Oslo");
  await untilState(status, primary, "down");
  await status.process("start", primary);
  await until(status, ({ metrics }) => metrics.unresolved === 0);
  t.match(await client.get("city"), { value: "Oslo" });
});

t.test(
  "the master is killed at once, at a point, and at its next start; each time the cluster serves again",
  async (t) => {
    const { cluster, client } = await scene(t);
    const kill = async (point?: string) => {
      const status = await supervised(t, cluster);
      const { info } = await status.snapshot();
      const value = (await client.get("city"))?.value;
      return { value, epoch: Number(info.epoch), told: await status.process("kill", "master", { point }) };
    };
    const now = await kill();
    t.equal(now.told, "the master dies now");
    const armed = await kill("after:prepare-sent");
    t.match(armed, { value: "Paris", epoch: now.epoch + 1, told: "the master will die after send-prepare" });
    await t.rejects(client.put("city", "Rome"), { code: "OUTCOME_UNKNOWN" });
    const later = await kill("before:epoch-saved");
    t.match(later, { epoch: armed.epoch + 1, told: "the master dies now, and the next one before save-epoch" });
    const last = await kill();
    t.equal(last.epoch, later.epoch + 1, "the one that died before save-epoch has taken none");
    t.ok([now.value, "Rome"].includes(last.value), "the update took effect or not, once and for all");
    t.equal(last.value, later.value);
  },
);

t.test("step mode leads a put through its phases one by one, however long it takes", async (t) => {
  const { client, status, primary, successor } = await scene(t);
  const ids = (await client.where("city")).replicas;
  await status.step("on");
  const held = heldSteps(status);
  const put = client.put("city", "Rome");
  let isDone = false;
  void put.then(() => (isDone = true));
  const seen: string[] = [];
  for (const phase of ["prepare", "vote", "decision", "ack"] as const) {
    const step = await held((steps) => steps.find((one) => one.phase === phase && one.slaves.length === 2));
    t.strictSame([...step.slaves].sort(), [...ids].sort(), phase);
    t.equal(isDone, phase === "decision" || phase === "ack", `${phase}: the client is told at the decision`);
    // Longer than a vote, a read or a heartbeat may take.
    if (phase === "prepare") await untilEventsOf(status, 1_000);
    seen.push((await status.step("next")).replace(/1\.[0-9]+ put/, "OP put"));
  }
  const names = `(?:${primary}|${successor})`;
  t.match(seen, [
    `PREPARE OP put "city" → ${primary}, ${successor} let go; 0 held`,
    new RegExp(`^vote on OP put "city" ← ${names} yes, ${names} yes let go; 1 held, next COMMIT`),
    /^COMMIT OP put "city" → s., s. let go; /,
    /^ack of OP put "city" ← s., s. let go; 0 held/,
  ]);
  await put;
  t.equal((await status.snapshot()).metrics.unresolved, 0);
  await t.rejects(status.step("next"), { code: "BAD_REQUEST" });
  await status.step("off");
  t.strictSame(
    (await status.snapshot()).slaves.map(({ state }) => state),
    ["up", "up", "up"],
    "no one was called silent",
  );
});

t.test("the copies of two replicas are told page by page, and are equal", async (t) => {
  const { cluster, client, status } = await scene(t);
  for (let n = 0; n < 50; n++) await client.put(`k${n}`, `value ${n}`);
  await until(status, ({ metrics }) => metrics.unresolved === 0);
  const copies = new Map<string, string[]>();
  for (const { name } of cluster.ready.slaves) {
    let after = "";
    for (let more = true; more;) {
      const page = await status.copies(name, { after, limit: 7 });
      for (const { key, opId, digest } of page.copies) {
        copies.set(key, [...(copies.get(key) ?? []), `${opId} ${digest}`]);
      }
      after = page.copies.at(-1)?.key ?? after;
      more = page.more;
    }
  }
  t.equal(copies.size, 51);
  t.ok([...copies.values()].every(([one, other, third]) => one !== undefined && one === other && third === undefined));
});

/** A client of the present master's status port, once a supervisor has come back to it. */
async function supervised(t: Parameters<typeof startCluster>[0], cluster: Cluster): Promise<StatusClient> {
  for (;;) {
    try {
      const status = await StatusClient.connect(cluster.ready.status);
      t.teardown(() => status.close());
      await until(status, ({ slaves }) => slaves.every(({ supervised, state }) => supervised && state === "up"));
      return status;
    } catch {
      // It is still on its way.
    }
  }
}

/** Waits for what is held, as the feed tells it. */
function heldSteps(status: StatusClient) {
  return async (find: (held: readonly HeldStep[]) => HeldStep | undefined): Promise<HeldStep> => {
    for await (const item of status.subscribe()) {
      const state =
        item.type === "snapshot" ? item.step : item.type === "event" && item.event === "step" ? item.step : undefined;
      const found = state && find(state.held);
      if (found !== undefined) return found;
    }
    throw new Error("the feed has ended");
  };
}

/** Reads the feed until so much time of the master's clock has passed. */
async function untilEventsOf(status: StatusClient, ms: number): Promise<void> {
  let firstMs: number | undefined;
  for await (const item of status.subscribe()) {
    if (item.type === "gap") continue;
    firstMs ??= item.time;
    if (item.time - firstMs >= ms) return;
  }
}
