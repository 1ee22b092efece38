import { nanoid } from "nanoid";
import { RingkvError } from "../../protocol/errors.js";
import { EPOCH_NONE, type Epoch, nextEpoch } from "../../protocol/ids.js";
import { LIMITS } from "../../protocol/limits.js";
import { tcpTransport } from "../../transport/tcp.js";
import type { Address, Connection, ConnectionHandlers, Listener } from "../../transport/transport.js";
import { VERSION } from "../../version.js";
import { Ending, type RunningDaemon } from "../daemon.js";
import { FAILPOINT_VARIABLE, masterFailpoints } from "../failpoints.js";
import { stderrLog } from "../log.js";
import { DataDirectory } from "../storage/data-directory.js";
import { MasterState } from "../storage/master-state.js";
import { serveStatus } from "../status/status-port.js";
import { serveClient } from "./client-port.js";
import { Master, type MasterSettings } from "./master.js";
import { serveRegistration } from "./registration-port.js";

export interface MasterOptions extends MasterSettings {
  readonly host: string;
  /** Ports; 0 means any free one. */
  readonly clientPort: number;
  readonly registrationPort: number;
  readonly statusPort: number;
  /** The master's data directory: its epoch and the ring's members. */
  readonly data: string;
}

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
  masterFailpoints.arm(process.env[FAILPOINT_VARIABLE]);
  const directory = DataDirectory.open(options.data, "master");
  try {
    const state = await MasterState.open(directory.path);
    const members = state.found?.members ?? [];
    if (members.length > 0 && members.length !== options.slaves) {
      throw new RingkvError(
        "BAD_REQUEST",
        `The ring in ${options.data} has ${members.length} slaves, not ${options.slaves}; its size is fixed.`,
      );
    }
    // On disk before the first slave hears of it: no epoch is ever used twice.
    const record = { epoch: nextEpoch(state.found?.epoch ?? EPOCH_NONE), members };
    masterFailpoints.armed?.before("save-epoch");
    await state.save(record);
    masterFailpoints.armed?.after("save-epoch");

    const connections = new Set<Connection>();
    const listeners: Listener[] = [];
    const ending = new Ending(async () => {
      await Promise.all([master.stop(), ...listeners.map((listener) => listener.close())]);
      for (const connection of connections) connection.destroy();
      directory.close();
    });
    const master = new Master({
      ...options,
      record,
      masterId: nanoid(),
      save: (next) => state.save(next),
      transport: tcpTransport,
      log: stderrLog,
      version: VERSION,
      onFatal: (error) => ending.fail(error),
    });

    const listen = async (port: number, serve: (connection: Connection) => ConnectionHandlers): Promise<Address> => {
      const listener = await tcpTransport.listen(
        {
          host: options.host,
          port,
          frameBytesMax: LIMITS.frameBytesMax,
          onAcceptError: (error) => stderrLog("error", `a connection could not be accepted: ${error.message}`),
        },
        (connection) => tracked(connections, connection, serve(connection)),
      );
      listeners.push(listener);
      return listener.address;
    };
    try {
      const client = await listen(options.clientPort, (connection) => serveClient(master, connection));
      const registration = await listen(options.registrationPort, (connection) =>
        serveRegistration(master, connection),
      );
      const status = await listen(options.statusPort, (connection) => serveStatus(master, connection));
      master.start({ client, registration, status });
      const ready: MasterReady = {
        event: "ready",
        role: "master",
        pid: process.pid,
        epoch: record.epoch,
        client,
        registration,
        status,
      };
      return { ready, stop: () => ending.stop(), stopped: ending.stopped };
    } catch (error) {
      await ending.stop();
      throw error;
    }
  } catch (error) {
    directory.close();
    throw error;
  }
}

/** Keeps the set of open connections up to date around a connection's own handlers. */
function tracked(open: Set<Connection>, connection: Connection, handlers: ConnectionHandlers): ConnectionHandlers {
  open.add(connection);
  return {
    ...handlers,
    onClose(error) {
      open.delete(connection);
      handlers.onClose(error);
    },
  };
}
