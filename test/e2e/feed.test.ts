import t from "tap";
import { RingkvError } from "../../src/protocol/errors.js";
import type { WatchItem } from "../../src/client/watch-status.js";
import { watchStatus } from "../../src/client/watch-status.js";
import { startCluster } from "./cluster.js";

t.test(
  "what a cluster does is told: the steps of an update, the slaves' lines, their caches and figures",
  async (t) => {
    const cluster = await startCluster(t, { slaves: 3 });
    const { client, status, ready } = cluster;
    const items = watchStatus(ready.status);
    t.teardown(() => items.return?.());
    const seen: WatchItem[] = [];
    /** The first item from now on that fits. */
    const until = async (fits: (item: WatchItem) => boolean): Promise<WatchItem> => {
      for (let next = await items.next(); next.done !== true; next = await items.next()) {
        seen.push(next.value);
        if (fits(next.value)) return next.value;
      }
      throw new RingkvError("INTERNAL", "a watch does not end");
    };
    await until(({ type }) => type === "snapshot");

    const { opId } = await client.put("city", "Paris");
    await until((item) => item.type === "event" && item.event === "op" && item.phase === "settled");
    const phases = seen.flatMap((item) =>
      item.type === "event" && item.event === "op" && item.opId === opId ? [item.phase] : [],
    );
    t.strictSame(phases.toSorted(), ["ack", "ack", "answered", "begin", "decision", "settled", "vote", "vote"]);
    t.equal(phases[0], "begin");
    t.equal(phases.at(-1), "settled");

    // The replicas' lines travel on connections of their own.
    const isLine = (item: WatchItem, part: string) =>
      item.type === "event" && item.event === "log" && item.slave !== undefined && item.text.includes(part);
    for (const line of [`PREPARE ${opId} put "city" (5 bytes): vote yes`, `COMMIT ${opId} put "city": applied`]) {
      const missing = 2 - seen.filter((item) => isLine(item, line)).length;
      for (let n = 0; n < missing; n++) await until((item) => isLine(item, line));
      t.equal(seen.filter((item) => isLine(item, line)).length, 2, line);
    }
    t.notOk(JSON.stringify(seen).includes("Paris"), "values are never shown");

    const { replicas, set } = await client.where("city");
    const primary = ready.slaves.find(({ id }) => id === replicas[0]);
    const cached = [{ set, entries: [{ key: "city", referenced: false }] }];
    t.match(await status.cache("master"), { node: "master", used: 1, contents: cached, more: false });
    t.match(await status.cache(primary?.name ?? "", { from: 0, count: 1 }), { node: primary?.name, used: 1 });

    const lines = await status.logs({ node: primary?.name ?? "" });
    t.match(
      lines.map(({ text }) => text).filter((text) => /recovered|registered|PREPARE/.test(text)),
      [/^recovered: 0 ops open/, /^registered with the master/, /^PREPARE /],
    );
    const own = await status.logs({ node: "master" });
    t.ok(own.some(({ text }) => text === "the ring of 3 is complete"));
    t.ok(own.some(({ text }) => /^slave s1 is up at /.test(text)));

    const figures = await until(
      (item) => item.type === "event" && item.event === "metrics" && item.slaves.some(({ ops }) => ops > 0),
    );
    t.match(figures, { metrics: { puts: 1, cacheMisses: 0, evictions: 0 } });
    const voters =
      figures.type === "event" && figures.event === "metrics" ? figures.slaves.filter(({ ops }) => ops > 0) : [];
    t.strictSame(voters.map(({ id }) => id).toSorted(), replicas.toSorted());
    t.ok(voters.every(({ voteMs = -1 }) => voteMs > 0));
  },
);

t.test("a slave that is killed is told of by the master's lines, and its cache cannot be seen", async (t) => {
  const { status } = await startCluster(t, { slaves: 2 });
  await status.process("kill", "s2");
  const texts = (await status.logs({ node: "master" })).map(({ text }) => text);
  t.ok(texts.some((text) => /^slave s2 is down: /.test(text)));
  t.ok(texts.some((text) => /^kill s2: s2 killed \[by 127\.0\.0\.1:\d+\]$/.test(text)));
  await t.rejects(status.cache("s2"), { code: "REPLICA_DOWN" });
  await status.process("start", "s2");
  t.match(await status.cache("s2"), { node: "s2", used: 0, contents: [] });
});
