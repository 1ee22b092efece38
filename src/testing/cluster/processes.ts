import { fileURLToPath } from "node:url";
import { join } from "node:path";
import { DEFAULTS } from "../../protocol/limits.js";
import { openLogFile } from "../../server/storage/log-file.js";
import { TemporaryDirectory } from "../../server/storage/temporary-directory.js";
import { openClusterData } from "../../server/supervisor/cluster-data.js";
import { ProcessLauncher } from "../../server/supervisor/process-launcher.js";
import { Supervisor } from "../../server/supervisor/supervisor.js";
import { tcpTransport } from "../../transport/tcp.js";
import type { Deployment, DeploymentPlan } from "./deployment.js";

const ENTRY = fileURLToPath(new URL("../../commands/supervised.js", import.meta.url));

/**
 * Daemons as processes of their own, as `ringkv up` has them: ports of the system's choice, and a directory of their own. They
 * stop by themselves when this process ends, however it ends.
 *
 * @param data the cluster's data directory, which stays; a temporary one if undefined
 * @throws RingkvError STORAGE when the directory cannot be had; BAD_REQUEST when the ring in it is another one; DUPLICATE_ID
 */
export async function deployProcesses(plan: DeploymentPlan, data: string | undefined): Promise<Deployment> {
  const temporary = data === undefined ? new TemporaryDirectory() : undefined;
  try {
    const taken = await openClusterData({ ...plan, data: temporary?.path ?? data ?? "" });
    const launcher = new ProcessLauncher({
      settings: { ...plan.settings, host: DEFAULTS.host, clientPort: 0, registrationPort: 0, statusPort: 0 },
      data: taken.path,
      slaves: taken.slaves.length,
      command: [process.execPath, ENTRY],
      openLog: (name) => openLogFile(join(taken.path, "logs", `${name}.log`)),
      environment: daemonEnvironment(),
    });
    const supervisor = new Supervisor({
      slaves: taken.slaves,
      launcher,
      transport: tcpTransport,
      restart: false,
      onNotice: () => undefined,
    });
    return {
      supervisor,
      transport: tcpTransport,
      async close() {
        await supervisor.stop();
        taken.close();
        await temporary?.remove();
      },
    };
  } catch (error) {
    await temporary?.remove();
    throw error;
  }
}

/** What test runners put into NODE_OPTIONS (loaders, coverage) is for the tests, and would slow the start of each daemon. */
function daemonEnvironment(): NodeJS.ProcessEnv {
  const environment = { ...process.env };
  delete environment["NODE_OPTIONS"];
  return environment;
}
