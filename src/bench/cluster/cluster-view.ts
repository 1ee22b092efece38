import { findStatusAddress } from "../../client/status-address.js";
import { StatusClient } from "../../client/status-client.js";
import { transportFor } from "../../client/secured.js";
import type { Entrance } from "../generator/access.js";
import type { NamedProcess } from "./process-usage.js";

/** What the master has counted of its cache. */
export interface CacheCounts {
  readonly hits: number;
  readonly misses: number;
}

/** What the bench sees of a running cluster beside its load: which processes it is, and what its cache does. */
export class ClusterView {
  readonly #status: StatusClient;
  readonly #isLocal: boolean;

  private constructor(status: StatusClient, isLocal: boolean) {
    this.#status = status;
    this.#isLocal = isLocal;
  }

  /**
   * @param client the master's client address, and how an admin comes in there
   * @throws RingkvError UNAVAILABLE, TIMEOUT, UNAUTHORIZED
   */
  static async connect({ host, port, access = {} }: Entrance): Promise<ClusterView> {
    const transport = transportFor(access);
    const status = await findStatusAddress({ host, port, transport });
    return new ClusterView(await StatusClient.connect({ ...status, transport }), LOOPBACK.test(host));
  }

  /** The master's process and those of its slaves; none when they may be of another machine. */
  async processes(): Promise<readonly NamedProcess[]> {
    if (!this.#isLocal) return [];
    const { info, slaves } = await this.#status.snapshot();
    const found = slaves.flatMap(({ name, pid }) => (pid === undefined ? [] : [{ name, pid }]));
    return [{ name: "master", pid: info.pid }, ...found];
  }

  /** How many slaves the ring has. */
  async slaves(): Promise<number> {
    const { slaves } = await this.#status.snapshot();
    return slaves.length;
  }

  /** What the cache has answered so far, and what not. */
  async cache(): Promise<CacheCounts> {
    const { metrics } = await this.#status.snapshot();
    return { hits: metrics.cacheHits, misses: metrics.cacheMisses };
  }

  async close(): Promise<void> {
    await this.#status.close();
  }
}

const LOOPBACK = /^(?:127\.|localhost$|::1$)/;
