import { nanoid } from "nanoid";
import { RingkvError } from "../../protocol/errors.js";
import { EPOCH_NONE, type Epoch, nextEpoch } from "../../protocol/ids.js";
import type { Address, Transport } from "../../transport/transport.js";
import type { MasterFailpoints } from "../failpoints.js";
import type { Log } from "../log.js";
import { type FileOperations, nodeFileOperations } from "../storage/file-operations.js";
import { Port, type Serve } from "../ports/port.js";
import { MasterState } from "../storage/master-state.js";
import { audited } from "../status/audit.js";
import { serveStatus } from "../status/status-port.js";
import { MasterGuards, type MasterTokens } from "../access/master-guards.js";
import { serveClient } from "./client-port.js";
import { Master, type MasterSettings } from "./master.js";
import { type MasterPortLimits, masterPortLimits } from "./master-ports.js";
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
  /** What the system lets this process have open, connections included; default: any number. */
  readonly filesMax?: number;
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
  readonly #ports: readonly Port[];

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
    const limits = masterPortLimits(options.slaves, options.filesMax ?? Infinity);
    const ports: Port[] = [];
    const open = async (name: keyof MasterPortLimits, port: number, serve: Serve): Promise<Address> => {
      const opened = await Port.open(
        {
          ...options,
          name: `${name} port`,
          port,
          limits: limits[name],
          onRefusal: master.refusals.count,
          log: master.log,
        },
        serve,
      );
      ports.push(opened);
      return opened.address;
    };
    const guards = new MasterGuards(options.tokens ?? {}, master.log);
    try {
      const client = await open("client", options.clientPort, (connection, guest) =>
        guards.client.admit(connection, () => {
          guest.enter();
          return serveClient(master, connection);
        }),
      );
      const registration = await open("registration", options.registrationPort, (connection, guest) =>
        serveRegistration(master, connection, {
          expectSlave: (id) => guards.expectSlave(connection, id),
          onTaken: () => guest.enter(),
        }),
      );
      const status = await open("status", options.statusPort, (connection, guest) =>
        guards.status.admit(connection, () => {
          guest.enter();
          return serveStatus(audited(master, connection), connection);
        }),
      );
      master.start({ client, registration, status });
      return new RunningMaster(master, record.epoch, { client, registration, status }, ports);
    } catch (error) {
      await closeAll(ports);
      for (const port of ports) port.dropConnections();
      throw error;
    }
  }

  private constructor(master: Master, epoch: Epoch, addresses: MasterAddresses, ports: readonly Port[]) {
    this.master = master;
    this.epoch = epoch;
    this.addresses = addresses;
    this.#ports = ports;
  }

  /** Lets requests under way end while that takes no more than a second, and closes every port and connection. */
  async stop(): Promise<void> {
    await Promise.all([this.master.stop(), closeAll(this.#ports)]);
    for (const port of this.#ports) port.dropConnections();
  }
}

async function closeAll(ports: readonly Port[]): Promise<void> {
  await Promise.all(ports.map((port) => port.close()));
}
