import { type RequestOptions, RingkvClient } from "../client/client.js";
import { MasterStatus } from "../client/master-status.js";
import { StatusClient } from "../client/status-client.js";
import { watchStatus } from "../client/watch-status.js";
import { RingkvError } from "../protocol/errors.js";
import { tcpTransport } from "../transport/tcp.js";
import type { Address, Transport } from "../transport/transport.js";
import type { Cluster, ProcessOptions } from "./cluster.js";
import { pause } from "./pause.js";

export interface ConnectOptions extends Address {
  /** Default TCP. */
  readonly transport?: Transport;
  /**
   * Someone sits there who may want to wait: for an answer as long as they like (in step mode the master holds it), for a master that
   * is gone 10 s. Default: 10 s for either.
   */
  readonly isPatient?: boolean;
  /** Stands between the commands and each connection's client, to look on; default nothing. */
  readonly wrapClient?: (client: DataClient) => DataClient;
}

type DataClient = Pick<RingkvClient, "get" | "put" | "del">;

/**
 * A cluster reached through its master: requests go to the client port; views and process control to the status port,
 * whose address the client port tells, so one address is enough.
 */
export class ConnectedCluster implements Cluster {
  readonly address: Address;
  readonly transport: Transport;
  readonly #options: ConnectOptions;
  readonly #client: RingkvClient;
  readonly #data: DataClient;
  readonly #connection: { readonly isUp: boolean };
  readonly #status = new MasterStatus(() => this.#connectStatus());

  private constructor(options: ConnectOptions, client: RingkvClient, connection: { readonly isUp: boolean }) {
    this.#options = options;
    this.#client = client;
    this.#connection = connection;
    this.#data = options.wrapClient?.(client) ?? client;
    this.address = { host: options.host, port: options.port };
    this.transport = options.transport ?? tcpTransport;
  }

  /** @throws RingkvError UNAVAILABLE when no master listens there */
  static async connect(options: ConnectOptions): Promise<ConnectedCluster> {
    const connection = { isUp: false };
    const client = await RingkvClient.connect({
      ...options,
      ...(options.isPatient === true && { requestTimeoutMs: PATIENT_MS }),
      onConnection: (state) => (connection.isUp = state === "connected"),
    });
    return new ConnectedCluster(options, client, connection);
  }

  get: Cluster["get"] = (key, options) => this.#withMaster(options, (reached) => this.#data.get(key, reached));
  put: Cluster["put"] = (key, value, options) =>
    this.#withMaster(options, (reached) => this.#data.put(key, value, reached));
  del: Cluster["del"] = (key, options) => this.#withMaster(options, (reached) => this.#data.del(key, reached));
  keys: Cluster["keys"] = (options) => this.#client.keys(options);
  where: Cluster["where"] = (key, options) => this.#withMaster(options, (reached) => this.#client.where(key, reached));
  info: Cluster["info"] = (options = {}) => this.#withMaster(options, (reached) => this.#client.info(reached));
  snapshot: Cluster["snapshot"] = (options = {}) => this.#status.ask((status) => status.snapshot(options));
  cache: Cluster["cache"] = (node, options) => this.#status.ask((status) => status.cache(node, options));
  logs: Cluster["logs"] = (options) => this.#status.ask((status) => status.logs(options));
  copies: Cluster["copies"] = (slave, options) => this.#status.ask((status) => status.copies(slave, options));
  fault: Cluster["fault"] = (slave, fault, options) =>
    this.#status.ask((status) => status.fault(slave, fault, options));
  step: Cluster["step"] = (mode, options) => this.#status.ask((status) => status.step(mode, options));

  process: Cluster["process"] = (verb, slave, options) =>
    verb === "kill" && slave.toLowerCase() === "master"
      ? this.#killMaster(options)
      : this.#status.ask((status) => status.process(verb, slave, options));

  async *watch(signal: AbortSignal): ReturnType<Cluster["watch"]> {
    yield* watchStatus({ ...(await this.statusAddress()), transport: this.transport, signal });
    return undefined;
  }

  /** Where the master tells what the cluster does. @throws RingkvError UNAVAILABLE, TIMEOUT */
  async statusAddress(): Promise<Address> {
    const { status } = await this.info();
    return { host: UNSPECIFIED_HOSTS.includes(status.host) ? this.address.host : status.host, port: status.port };
  }

  fork(): Promise<ConnectedCluster> {
    return ConnectedCluster.connect(this.#options);
  }

  async close(): Promise<void> {
    await Promise.all([this.#client.close(), this.#status.close()]);
  }

  /** Asks the master; while there is none, only so long. */
  async #withMaster<Result>(
    options: RequestOptions,
    ask: (options: RequestOptions) => Promise<Result>,
  ): Promise<Result> {
    if (this.#connection.isUp || this.#options.isPatient !== true) return ask(options);
    const late = new AbortController();
    const timer = setTimeout(() => {
      if (!this.#connection.isUp) late.abort();
    }, NO_MASTER_MS);
    try {
      const signals = [late.signal, ...(options.signal === undefined ? [] : [options.signal])];
      return await ask({ ...options, signal: AbortSignal.any(signals) });
    } catch (error) {
      if (!late.signal.aborted) throw error;
      const { host, port } = this.address;
      throw new RingkvError("UNAVAILABLE", `No master answers at ${host}:${port}.`, { cause: error });
    } finally {
      clearTimeout(timer);
    }
  }

  /**
   * That a newer master serves tells that it has happened, and that the slaves have found it that what comes next does not fail for it.
   * A master that is to die at a point answers first.
   */
  async #killMaster(options: ProcessOptions): Promise<string> {
    const before = await this.info(options);
    try {
      const told = await this.#status.ask((status) => status.process("kill", "master", options));
      if (options.point !== undefined) return told;
    } catch (error) {
      if (!(error instanceof RingkvError) || !LOST.includes(error.code)) throw error;
    }
    const startedMs = performance.now();
    for (;;) {
      const { epoch, slaves } = await this.info(options);
      const isUp = (id: string) => slaves.some((slave) => slave.id === id && slave.state === "up");
      const areBack = before.slaves.every(({ id, state }) => state !== "up" || isUp(id));
      const waitedMs = performance.now() - startedMs;
      if (epoch !== before.epoch && (areBack || waitedMs > SLAVES_BACK_MS)) {
        return `master killed; a new one serves with epoch ${epoch} (it was ${before.epoch})`;
      }
      if (waitedMs > PROCESS_TIMEOUT_MS) throw new RingkvError("TIMEOUT", "The master was killed, and is there still.");
      await pause(LOOK_AGAIN_MS, options.signal);
    }
  }

  async #connectStatus(): Promise<StatusClient> {
    return StatusClient.connect({
      ...(await this.statusAddress()),
      transport: this.transport,
      requestTimeoutMs: PROCESS_TIMEOUT_MS,
    });
  }
}

/** A master that listens on every address is reached under the one that we came by. */
const UNSPECIFIED_HOSTS = ["0.0.0.0", "::", ""];

/** A supervisor waits 30 s for a slave to start, recovery included; its own answer is worth more than a timeout. */
const PROCESS_TIMEOUT_MS = 40_000;

/** As good as for ever: a day. */
const PATIENT_MS = 86_400_000;

/** How long a person's command waits for a master that is gone. */
const NO_MASTER_MS = 10_000;

/** Slaves find a new master within a second; one that has not by then, in ms, may be about to die on purpose. */
const SLAVES_BACK_MS = 5_000;

/** Between two looks for a new master, in ms. */
const LOOK_AGAIN_MS = 20;

/** What a request ends with whose server dies of it. */
const LOST = ["OUTCOME_UNKNOWN", "UNAVAILABLE"];
