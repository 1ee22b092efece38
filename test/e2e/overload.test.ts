import { fileURLToPath } from "node:url";
import t from "tap";
import { TemporaryCluster } from "../../src/bench/cluster/temporary-cluster.js";
import { runOverload } from "../../src/bench/overload/run-overload.js";

const CLI = process.env["RINGKV_TEST_CLI"] ?? fileURLToPath(new URL("../../dist/cli.js", import.meta.url));

/** Of the peak; `npm run bench -- --overload` measures how much it is. Far below, for others use the machine meanwhile. */
const GOOD_OF_PEAK_MIN = 0.15;

t.test("at four times what it can do a master goes on doing it, and refuses the rest at once", async (t) => {
  const cluster = await TemporaryCluster.start({ cli: CLI, slaves: 2, flags: ["--prepare-timeout-ms", "1000"] });
  t.teardown(() => cluster.close());
  const { results } = await runOverload({
    cluster: cluster.client,
    mixes: ["put"],
    times: [4],
    distribution: "uniform",
    keys: 2_000,
    valueBytes: 100,
    clients: 32,
    rounds: 3,
    seconds: 1,
    warmupSeconds: 0.75,
    generators: 1,
  });
  const [row] = results;
  if (row === undefined) throw new Error("there is no result");
  const { goodOfPeak, offeredOfPeak, latencyMs, refusedMs, errors } = row;
  t.comment(JSON.stringify({ goodOfPeak, offeredOfPeak, latencyMs, refusedMs, errors }));
  t.ok(offeredOfPeak.median > 2, `${offeredOfPeak.median} times the peak were offered`);
  t.ok(goodOfPeak.median > GOOD_OF_PEAK_MIN, `${goodOfPeak.median} of the peak were answered well`);
  t.ok(refusedMs !== undefined && refusedMs.p50 < latencyMs.p50, "a refusal comes sooner than an answer");
  t.ok(refusedMs !== undefined && refusedMs.p99 < latencyMs.p99, "a late one, too");
  const { OVERLOADED: refused = 0, ...others } = errors;
  const failed = Object.values(others).reduce((sum, count) => sum + count, 0);
  t.ok(refused > 10 * failed, `${refused} were refused, and ${JSON.stringify(others)} failed otherwise`);
});
