import type { Epoch } from "../../protocol/ids.js";
import type { Address } from "../../transport/transport.js";
import { VERSION } from "../../version.js";
import { Ending, type RunningDaemon } from "../daemon.js";
import { FAILPOINT_VARIABLE, MasterFailpoints, killOwnProcess } from "../failpoints.js";
import { stderrLog } from "../log.js";
import { openFilesMax } from "../ports/open-files.js";
import { DataDirectory } from "../storage/data-directory.js";
import { RunningMaster, type RunningMasterOptions } from "./running-master.js";

export type MasterOptions = Omit<
  RunningMasterOptions,
  "failpoints" | "files" | "filesMax" | "log" | "version" | "onFatal"
>;

/** What a master prints when it is ready. */
export interface MasterReady {
  readonly event: "ready";
  readonly role: "master";
  readonly pid: number;
  readonly epoch: Epoch;
  readonly client: Address;
  readonly registration: Address;
  readonly status: Address;
}

/**
 * Runs a master in this process; resolves when its three ports are open.
 * @throws RingkvError STORAGE when the data directory is held by another or damaged, BAD_REQUEST when the ring in it has
 *   another size or for a failpoint that is none; the system's error when a port cannot be had
 */
export async function runMaster(options: MasterOptions): Promise<RunningDaemon<MasterReady>> {
  const failpoints = new MasterFailpoints(killOwnProcess);
  failpoints.arm(process.env[FAILPOINT_VARIABLE]);
  const directory = DataDirectory.open(options.data, "master");
  const opened: { running?: RunningMaster } = {};
  const ending = new Ending(async () => {
    await opened.running?.stop();
    directory.close();
  });
  try {
    const running = await RunningMaster.start({
      ...options,
      data: directory.path,
      filesMax: openFilesMax(),
      failpoints,
      log: stderrLog,
      version: VERSION,
      onFatal: (error) => ending.fail(error),
    });
    opened.running = running;
    const { epoch, addresses } = running;
    return {
      ready: { event: "ready", role: "master", pid: process.pid, epoch, ...addresses },
      stop: () => ending.stop(),
      stopped: ending.stopped,
    };
  } catch (error) {
    await ending.stop();
    throw error;
  }
}
