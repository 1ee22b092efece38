import t from "tap";
import { startCluster } from "ringkv/testing";

t.test("what was acknowledged survives slaves and masters that die", async (t) => {
  const cluster = await startCluster({ slaves: 3, inProcess: true, test: t });
  const ada = await cluster.recordedClient("ada");
  const ben = await cluster.recordedClient("ben");
  await ada.put("city", "Paris");

  // The key's first slave will die when its vote is on its disk, before anyone has heard of it.
  const client = await cluster.client();
  const [primary] = (await client.where("city")).replicas;
  await cluster.kill(primary, { point: "after:force-prepared" });
  const put = await ada.put("city", "Rome");
  t.match(put.outcome, { type: "failed", code: "ABORTED" });

  // The other slave of the key still answers.
  await cluster.until(({ slaves }) => slaves.some(({ id, state }) => id === primary && state === "down"));
  const read = await ben.get("city");
  t.match(read.outcome, { type: "found", value: "Paris" });

  // Both come back, and with them every promise.
  await cluster.start(primary);
  await cluster.killMaster();
  await ada.put("city", "Oslo");
  await ben.get("city");
  cluster.assertLinearizable();
});

t.test("a frozen slave holds up an update for no longer than the prepare timeout", async (t) => {
  const cluster = await startCluster({ slaves: 2, prepareTimeoutMs: 200, inProcess: true, test: t });
  const client = await cluster.client();
  await cluster.pause("s1");
  await t.rejects(client.put("city", "Paris"), { code: "ABORTED" });
  await cluster.resume("s1");
  await client.put("city", "Paris");
});
