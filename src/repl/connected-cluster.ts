import { type RequestOptions, RingkvClient } from "../client/client.js";
import { StatusClient } from "../client/status-client.js";
import { RingkvError } from "../protocol/errors.js";
import type { ProcessVerb } from "../protocol/messages.js";
import type { Cluster } from "./cluster.js";

/**
 * A cluster reached through its master: requests go to the client port; views and process control to the status port,
 * whose address the client port tells, so one address is enough.
 */
export class ConnectedCluster implements Cluster {
  readonly #client: RingkvClient;
  readonly #host: string;
  #status: Promise<StatusClient> | undefined;

  private constructor(client: RingkvClient, host: string) {
    this.#client = client;
    this.#host = host;
  }

  /** @throws RingkvError UNAVAILABLE when no master listens there */
  static async connect(address: { readonly host: string; readonly port: number }): Promise<ConnectedCluster> {
    return new ConnectedCluster(await RingkvClient.connect(address), address.host);
  }

  get: Cluster["get"] = (key, options) => this.#client.get(key, options);
  put: Cluster["put"] = (key, value, options) => this.#client.put(key, value, options);
  del: Cluster["del"] = (key, options) => this.#client.del(key, options);
  keys: Cluster["keys"] = (options) => this.#client.keys(options);
  where: Cluster["where"] = (key, options) => this.#client.where(key, options);
  info: Cluster["info"] = (options) => this.#client.info(options);

  async snapshot(options: RequestOptions = {}): ReturnType<Cluster["snapshot"]> {
    return this.#withStatus((status) => status.snapshot(options));
  }

  async process(verb: ProcessVerb, slave: string, options: RequestOptions = {}): Promise<string> {
    return this.#withStatus((status) => status.process(verb, slave, options));
  }

  async cache(...[node, options]: Parameters<Cluster["cache"]>): ReturnType<Cluster["cache"]> {
    return this.#withStatus((status) => status.cache(node, options));
  }

  async logs(...[options]: Parameters<Cluster["logs"]>): ReturnType<Cluster["logs"]> {
    return this.#withStatus((status) => status.logs(options));
  }

  /** Where the master tells what the cluster does. @throws RingkvError UNAVAILABLE, TIMEOUT */
  async statusAddress(): Promise<{ readonly host: string; readonly port: number }> {
    const { status } = await this.#client.info();
    return { host: UNSPECIFIED_HOSTS.includes(status.host) ? this.#host : status.host, port: status.port };
  }

  async close(): Promise<void> {
    const status = await this.#status?.catch(() => undefined);
    await Promise.all([this.#client.close(), status?.close()]);
  }

  /** The status connection ends when it is lost; one that was kept may be, so a new one gets a second try. */
  async #withStatus<Result>(use: (status: StatusClient) => Promise<Result>): Promise<Result> {
    const kept = this.#status;
    if (kept !== undefined) {
      try {
        return await use(await kept);
      } catch (error) {
        // UNAVAILABLE tells that nothing was done.
        if (!(error instanceof RingkvError) || error.code !== "UNAVAILABLE") throw error;
        void kept.then((status) => status.close()).catch(() => undefined);
      }
    }
    this.#status = this.#connectStatus();
    this.#status.catch(() => (this.#status = undefined));
    return use(await this.#status);
  }

  async #connectStatus(): Promise<StatusClient> {
    return StatusClient.connect({ ...(await this.statusAddress()), requestTimeoutMs: PROCESS_TIMEOUT_MS });
  }
}

/** A master that listens on every address is reached under the one that we came by. */
const UNSPECIFIED_HOSTS = ["0.0.0.0", "::", ""];

/** A supervisor waits 30 s for a slave to start, recovery included; its own answer is worth more than a timeout. */
const PROCESS_TIMEOUT_MS = 40_000;
