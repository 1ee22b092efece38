import t from "tap";
import { RingkvClient } from "../../src/client/client.js";
import { StatusClient } from "../../src/client/status-client.js";
import { RingkvError } from "../../src/protocol/errors.js";
import { CANNOT_MEASURE, attackCluster, startWarmCluster } from "./hostile.js";

const OPEN_FILES = 1_024;
const ATTEMPTS = 10_000;

for (const port of ["client", "registration", "status"] as const) {
  t.test(
    `${ATTEMPTS} connections at once to the ${port} port of a master that may open ${OPEN_FILES} files keep nobody out`,
    { skip: CANNOT_MEASURE },
    async (t) => {
      const cluster = await startWarmCluster(t, OPEN_FILES);
      const { status, ready } = cluster;
      const { seen, refusals } = await attackCluster(t, cluster, {
        kind: "connections",
        amount: ATTEMPTS,
        port,
        whileHeld: async () => {
          const late = await RingkvClient.connect(ready.client);
          t.equal((await untilLetIn(() => late.get("small")))?.value, "v", "a new client finds room");
          const admin = await untilLetIn(async () => {
            const admin = await StatusClient.connect(ready.status);
            await admin.snapshot();
            return admin;
          });
          await admin.process("kill", "s1");
          await admin.process("start", "s1");
          await admin.close();
          await late.close();
        },
      });
      t.ok(refusals.full > ATTEMPTS / 2, `${refusals.full} were sent away`);
      t.ok((seen.codes["OVERLOADED"] ?? 0) >= seen.closed, "each of them was told so");
      t.match(
        (await status.snapshot()).slaves.map(({ state }) => state),
        ["up", "up"],
      );
    },
  );
}

/** Who comes while thousands of others do may be sent away before it has spoken, and is told to come again. */
async function untilLetIn<Result>(attempt: () => Promise<Result>): Promise<Result> {
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof RingkvError) || error.code !== "OVERLOADED") throw error;
    }
  }
}
