import type { KeysOptions, RequestOptions } from "../../src/client/client.js";
import { RingkvError } from "../../src/protocol/errors.js";
import type { OpId, SlaveId } from "../../src/protocol/ids.js";
import type { CacheOptions, LogsOptions } from "../../src/client/status-client.js";
import type { WatchItem } from "../../src/client/watch-status.js";
import type {
  CacheView,
  ClusterInfo,
  LinkFault,
  LoggedLine,
  ProcessVerb,
  Snapshot,
  StepMode,
} from "../../src/protocol/messages.js";
import type { Cluster, ProcessOptions } from "../../src/repl/cluster.js";
import { tcpTransport } from "../../src/transport/tcp.js";
import { RefusalCounts } from "../../src/server/ports/refusal-counts.js";

/** A cluster of three slaves in memory, that remembers what its supervisor was asked. */
export class FakeCluster implements Cluster {
  readonly data = new Map<string, string>();
  readonly asked: string[] = [];
  /** Keys of which s2 has an older copy. */
  readonly stale = new Set<string>();
  /** Connections of its own that someone asked for. */
  forks = 0;
  readonly address = { host: "127.0.0.1", port: 8080 };
  readonly transport = tcpTransport;
  /** Makes every request fail. */
  failure: RingkvError | undefined;
  /** Makes `get` wait for ever. */
  frozen = false;

  get(key: string, { signal }: RequestOptions = {}) {
    if (this.frozen) {
      return new Promise<never>((_, reject) => signal?.addEventListener("abort", () => reject(signal.reason as Error)));
    }
    const value = this.data.get(key);
    return this.#answer(value === undefined ? undefined : { value, opId: "1.1" as OpId });
  }

  put(key: string, value: string) {
    if (this.failure === undefined) this.data.set(key, value);
    return this.#answer({ opId: "1.1" as OpId });
  }

  del(key: string) {
    if (!this.data.delete(key)) return Promise.reject(new RingkvError("KEY_NOT_FOUND", "Key does not exist"));
    return this.#answer({ opId: "1.2" as OpId });
  }

  async *keys({ prefix = "" }: KeysOptions) {
    for (const key of [...this.data.keys()].sort()) if (key.startsWith(prefix)) yield await this.#answer(key);
  }

  where() {
    return this.#answer({ hash: "7", set: 5, replicas: ["10", "20"] as [SlaveId, SlaveId] });
  }

  info() {
    return this.#answer(INFO);
  }

  cache(node: string, { from = 0 }: CacheOptions) {
    return this.#answer<CacheView>({
      type: "cache",
      node,
      sets: 64,
      ways: 4,
      used: 3,
      hits: 3,
      misses: 1,
      evictions: 2,
      contents: [
        {
          set: from,
          entries: [
            { key: "city", referenced: true },
            { key: "a\x1bkey", referenced: false },
          ],
        },
        { set: 9, entries: [{ key: "k", referenced: false }], omitted: 2 },
      ],
      more: true,
    });
  }

  logs({ node, limit = 200 }: LogsOptions) {
    const lines: readonly LoggedLine[] = [
      { time: 0, level: "info", text: "the ring of 3 is complete" },
      { time: 1, slave: "10" as SlaveId, level: "warn", text: "hostile \x1b[2J" },
    ];
    const ofNode = lines.filter(({ slave }) => node === undefined || (node === "master") === (slave === undefined));
    return this.#answer(ofNode.slice(-limit));
  }

  snapshot() {
    return this.#answer(SNAPSHOT);
  }

  process(verb: ProcessVerb, slave: string, { point }: ProcessOptions) {
    this.asked.push([verb, slave, point].filter((word) => word !== undefined).join(" "));
    return this.#answer(`${slave} did ${verb}`);
  }

  fault(slave: string, fault: LinkFault) {
    this.asked.push(`fault ${slave} ${JSON.stringify(fault)}`);
    return this.#answer(`${slave}: ${fault.kind}`);
  }

  step(mode: StepMode) {
    this.asked.push(`step ${mode}`);
    return this.#answer(`step ${mode}`);
  }

  /** Slave s1 holds what the cluster does, s2 what `stale` says instead, where it says something. */
  copies(slave: string) {
    const copies = [...this.data].map(([key, value]) => ({
      key,
      opId: (slave === "s2" && this.stale.has(key) ? "1.0" : "1.1") as OpId,
      digest: value,
    }));
    return this.#answer({ copies, more: false });
  }

  async *watch(): AsyncGenerator<WatchItem, undefined> {
    yield await this.#answer<WatchItem>({ type: "connected" });
    yield SNAPSHOT;
    return undefined;
  }

  fork() {
    this.forks += 1;
    return Promise.resolve(Object.assign(this, { close: () => Promise.resolve() }));
  }

  #answer<Value>(value: Value): Promise<Value> {
    return this.failure === undefined ? Promise.resolve(value) : Promise.reject(this.failure);
  }
}

const address = { host: "127.0.0.1", port: 8080 };
const slaves = [
  { id: "10" as SlaveId, name: "s1", state: "up" as const },
  { id: "20" as SlaveId, name: "s2", state: "down" as const },
  { id: "18446744073709551615" as SlaveId, name: "s3", state: "suspect" as const },
];

export const INFO: ClusterInfo = {
  version: "0.1.0",
  pid: 4711,
  epoch: "1" as ClusterInfo["epoch"],
  hash: "xxh64",
  client: address,
  registration: address,
  status: address,
  ringSize: 3,
  ringComplete: true,
  slaves,
};

export const SNAPSHOT: Snapshot = {
  type: "snapshot",
  seq: 0,
  time: 0,
  info: INFO,
  slaves: slaves.map((slave) => ({
    ...slave,
    supervised: true,
    paused: false,
    share: 1 / 3,
    keys: 2,
    ops: 7,
    cacheHits: 5,
    cacheMisses: 2,
    host: "127.0.0.1",
    port: 5000,
  })),
  metrics: {
    gets: 1,
    puts: 2,
    dels: 3,
    errors: 0,
    aborts: 0,
    cacheHits: 3,
    cacheMisses: 1,
    evictions: 0,
    inFlight: 0,
    unresolved: 1,
    getMs: { p50: 0.1, p99: 0.5 },
    updateMs: { p50: 1.25, p99: 2.5 },
    refusals: new RefusalCounts().figures,
  },
  unresolved: [{ opId: "1.9" as OpId, kind: "put", key: "a\x1bkey", state: "in-doubt", waitingFor: ["20" as SlaveId] }],
  step: { on: false, held: [] },
  logs: [],
};
