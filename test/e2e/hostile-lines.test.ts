import t from "tap";
import { CANNOT_MEASURE, IS_FULL, attackCluster, startWarmCluster } from "./hostile.js";

const MIB = 1_048_576;

t.test("a line without an end costs no memory and is over after its deadline", { skip: CANNOT_MEASURE }, async (t) => {
  const cluster = await startWarmCluster(t);
  const bytes = (IS_FULL ? 1_024 : 256) * MIB;
  const { seen, refusals } = await attackCluster(t, cluster, {
    kind: "endless-line",
    amount: bytes,
    until: async (refusals) => {
      while ((await refusals()).line === 0) await cluster.client.ping();
    },
  });
  t.match(seen.codes, { FRAME_TOO_LARGE: 1, TIMEOUT: 1 });
  t.equal(refusals.line, 1);
});

t.test(
  "500 connections that dribble cost little, and all of them are sent away",
  { skip: CANNOT_MEASURE },
  async (t) => {
    const cluster = await startWarmCluster(t);
    const { seen, refusals } = await attackCluster(t, cluster, {
      kind: "dribble",
      amount: 500,
      until: async (refusals) => {
        while ((await refusals()).line < 500) await cluster.client.ping();
      },
    });
    t.equal(refusals.line, 500);
    t.equal(seen.codes["TIMEOUT"], 500);
  },
);

t.test("5,000,000 brackets are refused before they are parsed", { skip: CANNOT_MEASURE }, async (t) => {
  const cluster = await startWarmCluster(t);
  const { seen } = await attackCluster(t, cluster, { kind: "nesting", amount: 5_000_000 });
  const times = seen.codes["FRAME_TOO_LARGE"] ?? 0;
  t.ok(times > 0, `${times} times`);
  // Lines of 1 MB, five of them before each one that is too long; the attack ends amid them.
  const refused = seen.codes["BAD_FRAME"] ?? 0;
  t.ok(refused >= 5 * times && refused <= 5 * (times + 1), `${refused} of the others`);
});
