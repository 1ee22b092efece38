import { RingkvError } from "../../protocol/errors.js";
import { type SlaveId, parseSlaveId } from "../../protocol/ids.js";
import type { Address, Transport } from "../../transport/transport.js";
import { Ending, type RunningDaemon } from "../daemon.js";
import { FAILPOINT_VARIABLE, SlaveFailpoints, killOwnProcess } from "../failpoints.js";
import { stderrLog } from "../log.js";
import { DataDirectory } from "../storage/data-directory.js";
import { DiskStore } from "../storage/disk-store.js";
import { SlaveLog } from "../storage/slave-log.js";
import { outOfPhase } from "./checkpoints.js";
import { Slave } from "./slave.js";

export interface SlaveOptions {
  /** 64-bit decimal; negative ones are read as two's complement. */
  readonly id: string;
  readonly transport: Transport;
  /** The master's registration port. */
  readonly master: Address;
  /** Where to listen; the port is any free one. */
  readonly host: string;
  /** Where the master reaches this slave, if not at the address that it sees. */
  readonly advertise?: string;
  /** The slave's data directory: its log and its store. */
  readonly data: string;
  readonly cacheSets: number;
  readonly cacheWays: number;
  readonly heartbeatIntervalMs: number;
  /** Size of a log segment; a checkpoint is due when the log has grown by as much. */
  readonly segmentBytes: number;
}

/** What a slave prints when it is registered. */
export interface SlaveReady {
  readonly event: "ready";
  readonly role: "slave";
  readonly pid: number;
  readonly id: SlaveId;
  readonly host: string;
  readonly port: number;
}

/**
 * Runs a slave in this process: recovers, then tries to register until the master has taken it, and resolves then.
 * @throws RingkvError BAD_REQUEST for an ID or a failpoint that is none; STORAGE when the data directory is held by another or damaged;
 *   DUPLICATE_ID, RING_FULL or STORAGE when the master refuses the slave for good
 */
export async function runSlave(options: SlaveOptions): Promise<RunningDaemon<SlaveReady>> {
  const id = parseSlaveId(options.id);
  if (id === undefined) throw new RingkvError("BAD_REQUEST", `\`${options.id}\` is not a 64-bit decimal ID.`);
  const failpoints = new SlaveFailpoints(killOwnProcess);
  failpoints.arm(process.env[FAILPOINT_VARIABLE]);
  const directory = DataDirectory.open(options.data, "slave");
  const opened: { store?: DiskStore; slave?: Slave } = {};
  const ending = new Ending(async () => {
    await opened.slave?.stop();
    if (opened.slave === undefined) await opened.store?.close();
    directory.close();
  });
  try {
    const store = await DiskStore.open(directory.path, {
      checkpointBytes: options.segmentBytes,
      onFailure: (error) => ending.fail(error),
    });
    opened.store = store;
    const slave = await Slave.start({
      ...options,
      id,
      store,
      advertise: options.advertise,
      failpoints,
      openLog: (handlers) => SlaveLog.open(directory.path, { ...handlers, segmentBytes: options.segmentBytes }),
      checkpointBytes: outOfPhase(options.segmentBytes, id),
      log: stderrLog,
      onFatal: (error) => ending.fail(error),
    });
    opened.slave = slave;
    await Promise.race([slave.registered, ending.stopped]);
    const { host, port } = slave.address;
    return {
      ready: { event: "ready", role: "slave", pid: process.pid, id, host, port },
      stop: () => ending.stop(),
      stopped: ending.stopped,
    };
  } catch (error) {
    await ending.stop();
    throw error;
  }
}
