import t, { type Test } from "tap";
import { CrashCluster } from "./crash-cluster.js";

/** So small a cache at the master that reads go to the slaves. */
const FLAGS = ["--cache-sets", "1", "--cache-ways", "1"];
const KEYS = 20;

t.test(
  "a slave that is started on an old copy of its disk ends with STORAGE, and nothing acknowledged is lost",
  async (t) => {
    const { cluster, putAll, readAll } = await scene(t);
    await putAll("old");
    await cluster.stop("primary");
    cluster.copyDisk("primary");
    await cluster.serve("primary");
    await cluster.settled();
    await putAll("new");
    await cluster.kill("primary");

    cluster.swapDisk("primary");
    const onOldDisk = cluster.start("primary");
    t.equal(await onOldDisk.exited, 1);
    t.match(onOldDisk.stderr, /STORAGE.*old copy of its disk/);
    t.strictSame(await readAll(), ["new"], "read from the other replica");

    cluster.swapDisk("primary");
    await cluster.serve("primary");
    await cluster.settled();
    t.strictSame(await readAll(), ["new"], "read from the right disk");
    await putAll("newer");
    await sameOnBothDisks(t, cluster);
  },
);

t.test("a disk that is older than the slave's last link is refused by later masters too", async (t) => {
  const { cluster, putAll, readAll } = await scene(t);
  await cluster.stop("primary");
  cluster.copyDisk("primary");
  await cluster.stop("master");
  await Promise.all([cluster.serve("master"), cluster.serve("primary")]);
  await cluster.settled();
  await putAll("new");
  await cluster.kill("primary");
  await cluster.kill("master");
  await cluster.serve("master");

  cluster.swapDisk("primary");
  const onOldDisk = cluster.start("primary");
  t.equal(await onOldDisk.exited, 1);
  t.match(onOldDisk.stderr, /STORAGE.*has seen epoch 1, and the slave was linked in 2/);

  cluster.swapDisk("primary");
  await cluster.serve("primary");
  t.strictSame(await readAll(), ["new"]);
  await sameOnBothDisks(t, cluster);
});

/** A cluster, and a client of it that writes and reads keys of the primary. */
async function scene(t: Test) {
  const cluster = await CrashCluster.start(t, FLAGS);
  const keys = Array.from({ length: KEYS }, (_, n) => cluster.key(`k${n}`));
  const putAll = async (value: string) => {
    for (const key of keys) await cluster.client.put(key, value);
  };
  /** The different values of all keys. */
  const readAll = async () => [
    ...new Set(await Promise.all(keys.map(async (key) => (await cluster.client.get(key))?.value))),
  ];
  return { cluster, putAll, readAll };
}

async function sameOnBothDisks(t: Test, cluster: CrashCluster): Promise<void> {
  await cluster.settled();
  const { primary, successor } = await cluster.disks();
  t.equal(primary.values.size, KEYS);
  t.strictSame([...primary.values].sort(), [...successor.values].sort(), "both copies are equal");
  t.strictSame([...primary.openOps, ...successor.openOps], []);
}
