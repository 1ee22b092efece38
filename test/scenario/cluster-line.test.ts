import t from "tap";
import { parseClusterLine } from "../../src/scenario/cluster-line.js";

t.test("the first line of a scenario says what cluster it wants", (t) => {
  t.same(parseClusterLine("cluster slaves=3 cache-ways=2 prepare-timeout-ms=300 hash=poly31 serial=true"), {
    slaves: 3,
    cacheWays: 2,
    prepareTimeoutMs: 300,
    hash: "poly31",
    serial: true,
  });
  t.same(parseClusterLine("cluster ids=10,20"), { ids: ["10", "20"] });
  t.same(parseClusterLine("cluster"), {});
  t.equal(parseClusterLine("clusters"), undefined);
  t.equal(parseClusterLine("put cluster 1"), undefined);
  t.end();
});

t.test("what says nothing of a cluster is refused, and told what there is", (t) => {
  for (const line of [
    "cluster slaves=many",
    "cluster colour=red",
    "cluster 3",
    "cluster hash=md5",
    "cluster __proto__=1",
  ]) {
    t.throws(() => parseClusterLine(line), { code: "BAD_REQUEST", message: /slaves, prepare-timeout-ms/ }, line);
  }
  t.end();
});
