import t, { type Test } from "tap";
import type { Snapshot } from "../../src/protocol/messages.js";
import type { Put } from "../../src/testing/history.js";
import { type ClusterOptions, type TestCluster, startCluster } from "./cluster-under-test.js";

/** A vote that takes longer counts as an abort, where a test waits for that. */
const SOON = { prepareTimeoutMs: 600 };

/** What a cluster for tests does, of whichever kind it is; run on both. */
export function clusterConformance(kind: Pick<ClusterOptions, "inProcess">): void {
  const start = (test: Test, options: ClusterOptions = {}) => startCluster({ ...kind, slaves: 2, test, ...options });

  t.test("a cluster serves its clients and tells where it is", async (t) => {
    const cluster = await start(t, { slaves: 3 });
    t.strictSame(
      cluster.slaves.map(({ name }) => name),
      ["s1", "s2", "s3"],
    );
    const client = await cluster.client();
    const { opId } = await client.put("city", "Paris");
    t.same(await client.get("city"), { value: "Paris", opId });
    await client.del("city");
    t.equal(await client.get("city"), undefined);
    const { info } = await cluster.snapshot();
    t.match(info, { client: cluster.address, status: cluster.statusAddress, ringSize: 3, ringComplete: true });
  });

  t.test("the options reach the daemons", async (t) => {
    const ids = ["300", "100", "200"];
    const cluster = await start(t, { slaves: 3, ids, hash: "poly31", cacheSets: 2, cacheWays: 1 });
    t.strictSame(
      cluster.slaves.map(({ name, id }) => `${name} ${id}`),
      ["s1 100", "s2 200", "s3 300"],
    );
    const client = await cluster.client();
    t.equal((await client.info()).hash, "poly31");
    for (const key of ["a", "b", "c", "d"]) await client.put(key, key);
    t.equal((await cluster.snapshot()).metrics.evictions, 2, "two sets of one entry each");
  });

  t.test("a killed slave is down at once, and has its data when it is started again", async (t) => {
    const cluster = await start(t);
    const client = await cluster.client();
    const [primary] = await replicasOf(cluster, "city");
    await client.put("city", "Paris");
    await cluster.kill(primary);
    t.equal(stateOf(await cluster.snapshot(), primary), "down");
    t.match(await client.get("city"), { value: "Paris" });
    await t.rejects(client.put("city", "Rome"), { code: "REPLICA_DOWN" });
    await cluster.start(primary);
    t.equal(stateOf(await cluster.snapshot(), primary), "up");
    const [, successor] = await replicasOf(cluster, "city");
    await cluster.kill(successor);
    t.match(await client.get("city"), { value: "Paris" }, "from the disk of the one that was killed");
  });

  t.test("what does not fit a slave's state is refused, and says why", async (t) => {
    const cluster = await start(t);
    await t.rejects(cluster.start("s1"), { code: "BAD_REQUEST", message: /s1 is already up/ });
    await t.rejects(cluster.resume("s1"), { code: "BAD_REQUEST", message: /s1 is not paused/ });
    await t.rejects(cluster.kill("s3"), { code: "BAD_REQUEST", message: /s3/ });
    await cluster.kill("s1");
    await t.rejects(cluster.kill("s1"), { code: "BAD_REQUEST", message: /s1 is already down/ });
    await t.rejects(cluster.pause("s1"), { code: "BAD_REQUEST", message: /s1 is already down/ });
    await cluster.restart("s1");
    await cluster.restart("s1");
    t.equal(stateOf(await cluster.snapshot(), "s1"), "up");
  });

  t.test("a paused slave answers nothing until it is resumed", async (t) => {
    const cluster = await start(t, SOON);
    const client = await cluster.client();
    const [primary] = await replicasOf(cluster, "city");
    await client.put("city", "Paris");
    await cluster.pause(primary);
    t.equal((await cluster.snapshot()).slaves.find(({ name }) => name === primary)?.paused, true);
    await t.rejects(client.put("city", "Rome"), { code: "ABORTED" });
    await cluster.resume(primary);
    await client.put("city", "Oslo");
    t.match(await client.get("city"), { value: "Oslo" });
  });

  t.test(
    "a slave that is paused for longer than its heartbeat may stay out is down, and comes back by itself",
    async (t) => {
      const cluster = await start(t, { heartbeatIntervalMs: 50, heartbeatTimeoutMs: 400 });
      await cluster.pause("s2");
      await cluster.until((snapshot) => stateOf(snapshot, "s2") === "suspect");
      await cluster.until((snapshot) => stateOf(snapshot, "s2") === "down");
      await cluster.resume("s2");
      await cluster.until((snapshot) => stateOf(snapshot, "s2") === "up");
      t.pass("down and up again");
    },
  );

  t.test("a paused slave can be killed and started again", async (t) => {
    const cluster = await start(t);
    await cluster.pause("s2");
    await cluster.kill("s2");
    await cluster.start("s2");
    const { slaves } = await cluster.snapshot();
    t.match(slaves[1], { name: "s2", state: "up", paused: false });
  });

  t.test("after a killed master another serves what was written, and clients find it by themselves", async (t) => {
    const cluster = await start(t, { slaves: 3 });
    const client = await cluster.client();
    await client.put("city", "Paris");
    const before = await cluster.snapshot();
    await cluster.kill("s3");
    await cluster.killMaster();
    const after = await cluster.snapshot();
    t.equal(Number(after.info.epoch), Number(before.info.epoch) + 1);
    t.strictSame(
      after.slaves.map(({ state }) => state),
      ["up", "up", "down"],
      "who was down stays down, and whoever runs is up",
    );
    t.match(await client.get("city"), { value: "Paris" });
    await cluster.start("s3");
    await client.put("city", "Rome");
  });

  t.test(
    "a slave that dies after it has forced its PREPARED: the update is aborted, and nothing of it is left",
    async (t) => {
      const cluster = await start(t, { slaves: 3 });
      const client = await cluster.client();
      const [primary] = await replicasOf(cluster, "city");
      await cluster.kill(primary, { point: "after:force-prepared" });
      t.equal(stateOf(await cluster.snapshot(), primary), "up", "it lives until it gets there");
      await t.rejects(client.put("city", "Paris"), { code: "ABORTED" });
      await cluster.until((snapshot) => stateOf(snapshot, primary) === "down");
      await cluster.start(primary);
      await cluster.until(({ unresolved }) => unresolved.length === 0);
      t.equal(await client.get("city"), undefined);
      await client.put("city", "Rome");
    },
  );

  t.test("an op is in doubt under a new master until the replica that knows its outcome is back", async (t) => {
    const cluster = await start(t);
    const client = await cluster.client();
    const [primary, successor] = await replicasOf(cluster, "city");
    await cluster.kill(primary, { point: "after:append-committed" });
    await client.put("city", "Paris");
    await cluster.until((snapshot) => stateOf(snapshot, primary) === "down" && snapshot.unresolved.length === 1);
    t.match(await client.get("city"), { value: "Paris" }, "the master knows the outcome");
    await cluster.start(primary);
    await cluster.until(({ unresolved }) => unresolved.length === 0);

    await cluster.kill(successor, { point: "after:send-ready" });
    await client.put("city", "Rome");
    await cluster.kill(primary);
    await cluster.killMaster();
    await t.rejects(client.get("city"));
    await cluster.start(successor);
    await cluster.until(({ unresolved }) => unresolved.some(({ state }) => state === "in-doubt"));
    await t.rejects(client.get("city"), { code: "IN_DOUBT" });
    await cluster.start(primary);
    await cluster.until(({ unresolved }) => unresolved.length === 0);
    t.match(await client.get("city"), { value: "Rome" });
  });

  t.test("a slave whose link is slow makes an update slow; without the fault it is fast again", async (t) => {
    const cluster = await start(t);
    const client = await cluster.client();
    const [primary] = await replicasOf(cluster, "city");
    await client.put("city", "Paris");
    await cluster.fault(primary, { kind: "delay", ms: 200 });
    const calledMs = performance.now();
    await client.put("city", "Rome");
    t.ok(performance.now() - calledMs >= 200);
    await cluster.fault(primary, { kind: "none" });
    await client.put("city", "Oslo");
    t.match(await client.get("city"), { value: "Oslo" });
  });

  t.test("in step mode an update goes on when it is let go", async (t) => {
    const cluster = await start(t);
    const client = await cluster.client();
    await cluster.step("on");
    const putting = client.put("city", "Paris");
    const { step } = await cluster.until(({ step }) => step.held.length > 0);
    t.equal(step.held[0]?.phase, "prepare");
    await cluster.step("next");
    await cluster.until(({ step }) => step.held[0]?.phase === "vote");
    await cluster.step("off");
    await putting;
    t.match(await client.get("city"), { value: "Paris" });
  });

  t.test("events are told as they happen, across masters, until the cluster is closed", async (t) => {
    const cluster = await start(t);
    const seen: string[] = [];
    const reading = (async () => {
      for await (const item of cluster.events()) {
        if (item.type !== "event") seen.push(item.type);
        else if (item.event === "slave") seen.push(`${item.slave.name} ${item.slave.state}`);
      }
    })();
    await cluster.until(() => seen.includes("snapshot"));
    await cluster.kill("s2");
    await cluster.until(() => seen.includes("s2 down"));
    t.notOk(seen.includes("lost"));
    await cluster.killMaster();
    await cluster.until(() => seen.filter((what) => what === "snapshot").length === 2);
    await cluster.close();
    await reading;
    const told = seen.filter((what) => !/^s[12]/.test(what));
    t.strictSame(told, ["connected", "snapshot", "lost", "connected", "snapshot", "lost"].slice(0, told.length));
  });

  t.test("until tells the last state in words when its time is up, and ends with the cluster", async (t) => {
    const cluster = await start(t);
    await cluster.kill("s2");
    await t.rejects(
      cluster.until(() => false, { withinMs: 100 }),
      { code: "TIMEOUT", message: /within 100 ms.*epoch 1, ring complete; s1 up, s2 down; nothing unresolved/ },
    );
    const mistake = new Error("a mistake in the condition");
    await t.rejects(
      cluster.until(() => {
        throw mistake;
      }),
      mistake,
    );
    const waiting = t.rejects(
      cluster.until(() => false),
      { code: "UNAVAILABLE", message: "The cluster was closed." },
    );
    await cluster.close();
    await waiting;
  });

  t.test("a recorded history is checked, and a planted violation is found and described", async (t) => {
    const cluster = await start(t);
    const [ada, ben] = [await cluster.recordedClient("ada"), await cluster.recordedClient("ben")];
    await Promise.all([ada.put("city", "Paris"), ben.get("city")]);
    await ada.put("city", "Rome");
    await ben.get("city");
    t.equal(cluster.history.length, 4);
    t.match(cluster.check(), { isLinearizable: true, verdict: { type: "linearizable" }, violations: [] });
    cluster.assertLinearizable();

    const stale = cluster.history.find(({ kind }) => kind === "put") as Put;
    if (stale.outcome.type !== "done") throw new Error("the first put was done");
    const calledMs = performance.now();
    cluster.history.push({
      client: "eve",
      kind: "get",
      key: "city",
      calledMs,
      returnedMs: calledMs + 1,
      outcome: { type: "found", value: "Paris", version: stale.outcome.version },
    });
    t.match(cluster.check(), { isLinearizable: false, verdict: { type: "violation", key: "city" }, violations: [{}] });
    t.throws(() => cluster.assertLinearizable(), {
      code: "ERR_ASSERTION",
      message: /not linearizable[^]*city: a read gives "Paris"[^]*eve get city → "Paris"/,
    });
  });

  t.test(
    "close ends what the cluster gave out; a second one waits for the first, and nothing is started after it",
    async (t) => {
      const cluster = await start(t);
      const client = await cluster.client();
      const recorded = await cluster.recordedClient("ada");
      await Promise.all([cluster.close(), cluster.close()]);
      await cluster.close();
      await cluster[Symbol.asyncDispose]();
      await t.rejects(client.get("city"), { code: "UNAVAILABLE" });
      t.match(await recorded.get("city"), { outcome: { type: "failed", code: "UNAVAILABLE" } });
      await t.rejects(cluster.client(), { code: "UNAVAILABLE", message: "The cluster was closed." });
      await t.rejects(cluster.snapshot(), { code: "UNAVAILABLE" });
      await t.rejects(cluster.kill("s1"), { code: "UNAVAILABLE" });
      await t.rejects(cluster.killMaster(), { code: "UNAVAILABLE" });
      t.strictSame((await cluster.events().next()).done, true);
    },
  );

  t.test("a cluster that is closed in the middle of things leaves no one waiting", async (t) => {
    const cluster = await start(t, { prepareTimeoutMs: 60_000 });
    const client = await cluster.client();
    const [primary] = await replicasOf(cluster, "city");
    await cluster.pause(primary);
    const putting = t.rejects(client.put("city", "Paris"), { code: "OUTCOME_UNKNOWN" });
    const starting = t.rejects(cluster.restart("s1"));
    await cluster.close();
    await Promise.all([putting, starting]);
  });

  for (const [option, wrong] of Object.entries(WRONG_OPTIONS)) {
    t.test(`a wrong option is refused before anything is started: ${option}`, async (t) => {
      await t.rejects(start(t, wrong as ClusterOptions), { code: "BAD_REQUEST", message: new RegExp(option) });
    });
  }

  t.test("an ID that is there twice is refused", async (t) => {
    await t.rejects(start(t, { ids: ["5", "5"] }), { code: "DUPLICATE_ID" });
  });
}

const WRONG_OPTIONS = {
  slaves: { slaves: 1 },
  ids: { ids: ["1", "no number"], slaves: 2 },
  "ids.length": { ids: ["1", "2", "3"], slaves: 2 },
  prepareTimeoutMs: { prepareTimeoutMs: 0 },
  heartbeatIntervalMs: { heartbeatIntervalMs: 9 },
  cacheWays: { cacheWays: 1.5 },
  hash: { hash: "md5" },
  serial: { serial: "yes" },
};

/** The state of a slave that is called by its name. */
function stateOf({ slaves }: Snapshot, name: string): string | undefined {
  return slaves.find((slave) => slave.name === name)?.state;
}

/** The names of a key's primary and successor. */
async function replicasOf(cluster: TestCluster, key: string): Promise<readonly [string, string]> {
  const client = await cluster.client();
  const [primary, successor] = (await client.where(key)).replicas;
  const nameOf = (id: string) => cluster.slaves.find((slave) => slave.id === id)?.name ?? "";
  return [nameOf(primary), nameOf(successor)];
}
