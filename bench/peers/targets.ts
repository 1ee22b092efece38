import { ClusterView } from "../../src/bench/cluster/cluster-view.js";
import type { NamedProcess } from "../../src/bench/cluster/process-usage.js";
import { TemporaryCluster } from "../../src/bench/cluster/temporary-cluster.js";
import { Generators } from "../../src/bench/generator/generators.js";
import type { MeasuredTarget } from "../../src/bench/run-load.js";
import { BareServer } from "../../src/bench/servers/bare-child.js";
import type { TargetName } from "./cells.js";
import { versionOf } from "./daemon.js";
import { startEtcd } from "./etcd.js";
import type { Peer } from "./peer.js";
import { startRedis } from "./redis.js";

export interface TargetOptions {
  /** ringkv's built command line. */
  readonly cli: string;
  readonly slaves: number;
  readonly valueBytes: number;
  readonly keys: number;
  readonly generators: number;
  /** Peers that are left out, as if they were not installed. */
  readonly without: readonly string[];
  readonly onProgress: (text: string) => void;
}

/** A target, and how many of the keys it is asked for. */
export interface PeerTarget extends MeasuredTarget {
  readonly keys: number;
  /** Clients that share a connection, each with a request in flight; default: one has it for itself. */
  readonly clientsPerConnection?: number;
}

/**
 * As etcd's own clients do it, which is up to twice as fast here as a connection for each. A WAIT of Redis stops its
 * connection, so clients of Redis cannot share one.
 */
const ETCD_CLIENTS_PER_CONNECTION = 32;

/** Keys that the master's cache holds all of: far below its 16,384 places, so that no set overflows. */
const HOT_KEYS = 2_000;
/** A cache for a hundredth of the data, so that reads go to a slave, and there to its store. */
const COLD_CACHE = ["--cache-sets", "128", "--cache-ways", "1"];

/** All that is compared, started and filled; and what could not be, with the reason. */
export class Targets {
  readonly found = new Map<TargetName, PeerTarget>();
  readonly missing: string[] = [];
  readonly versions: Record<string, string> = {};
  readonly #options: TargetOptions;
  readonly #closing: (() => Promise<void>)[] = [];

  private constructor(options: TargetOptions) {
    this.#options = options;
  }

  static async start(options: TargetOptions): Promise<Targets> {
    const targets = new Targets(options);
    try {
      await targets.#startAll();
      return targets;
    } catch (error) {
      await targets.close();
      throw error;
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.#closing.splice(0).map((close) => close()));
  }

  async #startAll(): Promise<void> {
    const { keys } = this.#options;
    await this.#startRingkv("ringkv", [], Math.min(keys, HOT_KEYS));
    await this.#startRingkv("ringkv cold", COLD_CACHE, keys);
    const bare = await BareServer.start("json", this.#options.valueBytes);
    this.#closing.push(() => bare.close());
    const bareProcess = { name: "bare Node", pid: bare.pid };
    await this.#add("bare Node", { host: bare.host, port: bare.port, processes: [bareProcess], keys });
    await this.#startRedis();
    await this.#startEtcd();
  }

  async #startRingkv(name: TargetName, flags: readonly string[], keys: number): Promise<void> {
    const { cli, slaves } = this.#options;
    this.#options.onProgress(`starting ${name}`);
    const cluster = await TemporaryCluster.start({ cli, slaves, flags });
    this.#closing.push(() => cluster.close());
    const view = await ClusterView.connect(cluster.client);
    this.#closing.push(() => view.close());
    await this.#add(name, { ...cluster.client, processes: await view.processes(), view, keys }, true);
  }

  async #startRedis(): Promise<void> {
    const peer = await this.#startPeer("redis-server", "redis", () => startRedis());
    if (peer === undefined) return;
    const { keys } = this.#options;
    await this.#add("redis", { ...peer, wire: import.meta.resolve("./redis-wire.js"), keys }, true);
    await this.#add("redis WAIT", { ...peer, wire: import.meta.resolve("./redis-wait-wire.js"), keys });
  }

  async #startEtcd(): Promise<void> {
    for (const [name, nodes] of [
      ["etcd 3", 3],
      ["etcd 1", 1],
    ] as const) {
      const peer = await this.#startPeer("etcd", name, () => startEtcd(nodes));
      if (peer === undefined) return;
      const wire = import.meta.resolve("./etcd-wire.js");
      const clientsPerConnection = ETCD_CLIENTS_PER_CONNECTION;
      await this.#add(name, { ...peer, wire, keys: this.#options.keys, clientsPerConnection }, true);
    }
  }

  /** Undefined, and said, when the program is not installed. */
  async #startPeer(program: string, name: string, start: () => Promise<Peer>): Promise<Peer | undefined> {
    if (this.#options.without.includes(program)) {
      this.missing.push(`${program}: left out by --without`);
      return undefined;
    }
    const version = await versionOf(program);
    if (version === undefined) {
      this.missing.push(`${program}: not installed`);
      return undefined;
    }
    this.versions[program] = version;
    this.#options.onProgress(`starting ${name}`);
    const peer = await start();
    this.#closing.push(() => peer.close());
    return peer;
  }

  async #add(
    name: TargetName,
    target: Omit<PeerTarget, "generators"> & { readonly processes: readonly NamedProcess[] },
    isFilled = false,
  ): Promise<void> {
    const { valueBytes } = this.#options;
    // Each has generators of its own, so that none runs code that was made fast for another's protocol.
    const generators = Generators.start(this.#options.generators);
    this.#closing.push(() => generators.close());
    if (isFilled) {
      this.#options.onProgress(`writing ${target.keys.toLocaleString("en-US")} keys to ${name}`);
      await generators.fill(target, { from: 0, to: target.keys, valueBytes }, () => undefined);
    }
    this.found.set(name, { ...target, generators });
  }
}
