import { MasterFailpoints } from "../../src/server/failpoints.js";
import { RunningMaster } from "../../src/server/master/running-master.js";
import type { SlaveId } from "../../src/protocol/ids.js";

type MasterOptions = Parameters<typeof RunningMaster.start>[0];

/** The slaves' IDs: small ones, so that mutated numbers hit them. */
export const IDS = ["1", "9223372036854775808"] as readonly string[] as readonly SlaveId[];
/** Where everything of a fuzzed ring lies in its files. */
export const DATA = "/data";

export interface FuzzedMasterOptions extends Pick<
  MasterOptions,
  "transport" | "files" | "log" | "onFatal" | "cacheSets" | "cacheWays" | "heartbeatTimeoutMs"
> {
  /** For votes and reads. */
  readonly timeoutMs: number;
}

/** The shipped master, in this process, for the slaves of `IDS`. */
export function startFuzzedMaster({ timeoutMs, ...options }: FuzzedMasterOptions): Promise<RunningMaster> {
  return RunningMaster.start({
    ...options,
    host: "memory",
    slaves: IDS.length,
    prepareTimeoutMs: timeoutMs,
    readTimeoutMs: timeoutMs,
    heartbeatIntervalMs: 1_000,
    hash: "xxh64",
    serial: false,
    clientPort: 0,
    registrationPort: 0,
    statusPort: 0,
    data: DATA,
    failpoints: new MasterFailpoints(() => options.log("info", "a failpoint was reached")),
    version: "fuzzed",
  });
}
