import { RingkvError } from "../../protocol/errors.js";
import type { Deployment } from "./deployment.js";
import { type ClusterOptions, type TestContext, daemonSettingsOf, ringWishOf } from "./options.js";
import { deployInProcess } from "./in-process/deploy-in-process.js";
import { deployProcesses } from "./processes.js";
import { TestCluster } from "./test-cluster.js";

/**
 * Starts a whole cluster for a test: a master and its slaves, as processes or, with `inProcess`, in this one. Resolves when
 * all of the ring serves. Give it the `test`, close it yourself, or write `await using`.
 *
 * @throws RingkvError BAD_REQUEST for a wrong option, and whatever keeps a daemon from starting; nothing is left behind then
 */
export async function startCluster(options: ClusterOptions = {}): Promise<TestCluster> {
  const starting = deploy(options).then((deployment) => TestCluster.start(deployment));
  if (options.test !== undefined) {
    atEndOf(options.test, async () => {
      const cluster = await starting.catch(() => undefined);
      await cluster?.close();
    });
  }
  return starting;
}

async function deploy(options: ClusterOptions): Promise<Deployment> {
  const plan = { settings: daemonSettingsOf(options), ...ringWishOf(options) };
  if (options.inProcess !== true) return deployProcesses(plan, options.data);
  if (options.data !== undefined) {
    throw new RingkvError(
      "BAD_REQUEST",
      "startCluster: `data` means nothing with `inProcess`, whose disks are in memory",
    );
  }
  return deployInProcess(plan);
}

/** Both runners await what they are given; a test of tap has both methods, and they are the same. */
function atEndOf(test: TestContext, action: () => Promise<void>): void {
  if ("teardown" in test) test.teardown(action);
  else test.after(action);
}
