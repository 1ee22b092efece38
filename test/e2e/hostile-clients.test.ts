import t from "tap";
import { CANNOT_MEASURE, attackCluster, startWarmCluster } from "./hostile.js";

t.test("100,000 requests without reading are left in the client's system", { skip: CANNOT_MEASURE }, async (t) => {
  const cluster = await startWarmCluster(t);
  const { refusals } = await attackCluster(t, cluster, {
    kind: "never-read",
    amount: 100_000,
    until: async (refusals) => {
      while ((await refusals()).unread === 0) await cluster.client.ping();
    },
  });
  t.equal(refusals.unread, 1, "after its time it is dropped");
});

t.test("half-open connections end", { skip: CANNOT_MEASURE }, async (t) => {
  const cluster = await startWarmCluster(t);
  const { seen } = await attackCluster(t, cluster, { kind: "half-open", amount: 500 });
  t.ok(seen.connected >= 500, `${seen.connected} connections`);
});
