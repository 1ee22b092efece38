import t from "tap";
import { SLAVE_POINTS } from "../../src/server/failpoints.js";
import { Random } from "../random.js";
import { type TestCluster, startCluster } from "./cluster-under-test.js";

const STORM_MS = 4_000;
const KEYS = ["a", "b", "c"];
const random = new Random();

t.test(`daemons in one process keep the promise while they die and come back (SEED=${random.seed})`, async (t) => {
  const cluster = await startCluster({
    inProcess: true,
    slaves: 3,
    prepareTimeoutMs: 100,
    readTimeoutMs: 200,
    test: t,
  });
  const endMs = performance.now() + STORM_MS;
  const isOver = () => performance.now() > endMs;
  const working = ["ada", "ben", "cyd"].map((name, index) =>
    work(cluster, name, new Random(random.seed + index), isOver),
  );
  let strikes = 0;
  while (!isOver()) {
    // Something must be asked between two of them.
    for (const enough = cluster.history.length + 20; cluster.history.length < enough && !isOver();) await nextTurn();
    await strike(cluster).then(
      () => (strikes += 1),
      // A slave may have reached its point meanwhile.
      (error: unknown) => t.comment(String(error)),
    );
  }
  await Promise.all(working);
  for (const { name } of cluster.slaves) await cluster.restart(name);
  await cluster.until(({ slaves, unresolved }) => {
    return unresolved.length === 0 && slaves.every(({ state }) => state === "up");
  });
  const last = await cluster.recordedClient("last");
  for (const key of KEYS) t.not((await last.get(key)).outcome.type, "failed");
  const done = cluster.history.filter(({ outcome }) => outcome.type === "done").length;
  t.comment(`${strikes} strikes, ${cluster.history.length} operations, ${done} of them updates that were done`);
  t.ok(strikes > 5, "it was a storm");
  cluster.assertLinearizable();
});

/** Puts and reads until the storm is over; every put writes a value of its own. */
async function work(cluster: TestCluster, name: string, own: Random, isOver: () => boolean): Promise<void> {
  const client = await cluster.recordedClient(name, { requestTimeoutMs: 2_000 });
  for (let n = 0; !isOver(); n++) {
    const key = own.pick(KEYS);
    const dice = own.next();
    if (dice < 0.5) await client.put(key, `${name} ${n}`);
    else if (dice < 0.6) await client.del(key);
    else await client.get(key);
    // Refusals come at once: let the others have their turn.
    await nextTurn();
  }
}

/** Slaves that stand still; a new master does not know of them. */
const paused = new Set<string>();

/** Has one of the slaves, or the master, die, stand still, or come back. */
async function strike(cluster: TestCluster): Promise<void> {
  const { slaves } = await cluster.snapshot();
  const { name, state } = random.pick(slaves);
  const dice = random.next();
  if (dice < 0.1) await cluster.killMaster();
  else if (paused.delete(name)) await cluster.resume(name);
  else if (state === "down") await cluster.start(name, dice < 0.3 ? { point: random.pick(SLAVE_POINTS) } : {});
  else if (dice < 0.3) await cluster.kill(name);
  // The first two are passed at a start only.
  else if (dice < 0.8) await cluster.kill(name, { point: random.pick(SLAVE_POINTS.slice(2)) });
  else {
    await cluster.pause(name);
    paused.add(name);
  }
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
