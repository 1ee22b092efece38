import { nanoid } from "nanoid";
import { RingkvError } from "../../protocol/errors.js";
import { EPOCH_NONE, type Epoch, nextEpoch } from "../../protocol/ids.js";
import { LIMITS } from "../../protocol/limits.js";
import type { Address, Connection, ConnectionHandlers, Listener, Transport } from "../../transport/transport.js";
import type { MasterFailpoints } from "../failpoints.js";
import type { Log } from "../log.js";
import { type FileOperations, nodeFileOperations } from "../storage/file-operations.js";
import { MasterState } from "../storage/master-state.js";
import { audited } from "../status/audit.js";
import { serveStatus } from "../status/status-port.js";
import { MasterGuards, type MasterTokens } from "../access/master-guards.js";
import { serveClient } from "./client-port.js";
import { Master, type MasterSettings } from "./master.js";
import type { MasterAddresses } from "./master-view.js";
import { serveRegistration } from "./registration-port.js";

export interface RunningMasterOptions extends MasterSettings {
  readonly host: string;
  /** Ports; 0 means any free one. */
  readonly clientPort: number;
  readonly registrationPort: number;
  readonly statusPort: number;
  /** The master's data directory, which the caller has locked: its epoch and the ring's members. */
  readonly data: string;
  readonly failpoints: MasterFailpoints;
  /** Default: the real disk. */
  readonly files?: FileOperations;
  readonly transport: Transport;
  /** Default none: who reaches a port without certificates comes in. */
  readonly tokens?: MasterTokens;
  readonly log: Log;
  /** Of this ringkv, as it tells its clients. */
  readonly version: string;
  /** It must stop at once: a newer master has taken over, or its state cannot be kept. */
  readonly onFatal: (error: RingkvError) => void;
}

/** A master on its data, with its three ports open. */
export class RunningMaster {
  readonly master: Master;
  readonly epoch: Epoch;
  readonly addresses: MasterAddresses;
  readonly #ports: OpenPorts;

  /**
   * Takes the next epoch and opens the ports.
   * @throws RingkvError STORAGE when the data is damaged, BAD_REQUEST when the ring in it has another size; the system's error
   *   when a port cannot be had
   */
  static async start(options: RunningMasterOptions): Promise<RunningMaster> {
    const state = await MasterState.open(options.data, options.files ?? nodeFileOperations);
    const members = state.found?.members ?? [];
    if (members.length > 0 && members.length !== options.slaves) {
      throw new RingkvError(
        "BAD_REQUEST",
        `The ring in ${options.data} has ${members.length} slaves, not ${options.slaves}; its size is fixed.`,
      );
    }
    // On disk before the first slave hears of it: no epoch is ever used twice.
    const record = { epoch: nextEpoch(state.found?.epoch ?? EPOCH_NONE), members };
    options.failpoints.armed?.before("save-epoch");
    await state.save(record);
    options.failpoints.armed?.after("save-epoch");

    const master = new Master({
      ...options,
      record,
      masterId: nanoid(),
      save: (next) => state.save(next),
    });
    const ports = new OpenPorts({ ...options, log: master.log });
    const guards = new MasterGuards(options.tokens ?? {}, master.log);
    try {
      const client = await ports.open(options.clientPort, (connection) =>
        guards.client.admit(connection, () => serveClient(master, connection)),
      );
      const registration = await ports.open(options.registrationPort, (connection) =>
        serveRegistration(master, connection, (id) => guards.expectSlave(connection, id)),
      );
      const status = await ports.open(options.statusPort, (connection) =>
        guards.status.admit(connection, () => serveStatus(audited(master, connection), connection)),
      );
      master.start({ client, registration, status });
      return new RunningMaster(master, record.epoch, { client, registration, status }, ports);
    } catch (error) {
      await ports.close();
      ports.dropConnections();
      throw error;
    }
  }

  private constructor(master: Master, epoch: Epoch, addresses: MasterAddresses, ports: OpenPorts) {
    this.master = master;
    this.epoch = epoch;
    this.addresses = addresses;
    this.#ports = ports;
  }

  /** Lets requests under way end while that takes no more than a second, and closes every port and connection. */
  async stop(): Promise<void> {
    await Promise.all([this.master.stop(), this.#ports.close()]);
    this.#ports.dropConnections();
  }
}

/** The listeners of one daemon, and the connections that came in. */
class OpenPorts {
  readonly #options: Pick<RunningMasterOptions, "host" | "transport" | "log">;
  readonly #listeners: Listener[] = [];
  readonly #connections = new Set<Connection>();

  constructor(options: Pick<RunningMasterOptions, "host" | "transport" | "log">) {
    this.#options = options;
  }

  async open(port: number, serve: (connection: Connection) => ConnectionHandlers): Promise<Address> {
    const { host, transport, log } = this.#options;
    const listener = await transport.listen(
      {
        host,
        port,
        frameBytesMax: LIMITS.frameBytesMax,
        onAcceptError: (error) => log("error", `a connection could not be accepted: ${error.message}`),
      },
      (connection) => {
        const handlers = serve(connection);
        this.#connections.add(connection);
        return {
          ...handlers,
          onClose: (error) => {
            this.#connections.delete(connection);
            handlers.onClose(error);
          },
        };
      },
    );
    this.#listeners.push(listener);
    return listener.address;
  }

  /** No one can connect any more; connections stay. */
  async close(): Promise<void> {
    await Promise.all(this.#listeners.map((listener) => listener.close()));
  }

  dropConnections(): void {
    for (const connection of this.#connections) connection.destroy();
  }
}
