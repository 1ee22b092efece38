import type { KeyPlace, KeysOptions, RequestOptions } from "../client/client.js";
import type { CacheOptions, LogsOptions } from "../client/status-client.js";
import type { WatchItem } from "../client/watch-status.js";
import type { OpId } from "../protocol/ids.js";
import type {
  CacheView,
  ClusterInfo,
  Copy,
  LinkFault,
  LoggedLine,
  ProcessVerb,
  Snapshot,
  StepMode,
} from "../protocol/messages.js";
import type { Address, Transport } from "../transport/transport.js";

/**
 * What the commands can ask a cluster; connected-cluster.ts asks a real one, tests a fake. All reject with RingkvError, or with
 * the signal's reason when someone no longer waits.
 */
export interface Cluster {
  get(key: string, options: RequestOptions): Promise<{ readonly value: string; readonly opId: OpId } | undefined>;
  put(key: string, value: string, options: RequestOptions): Promise<{ readonly opId: OpId }>;
  /** @throws RingkvError KEY_NOT_FOUND */
  del(key: string, options: RequestOptions): Promise<{ readonly opId: OpId }>;
  keys(options: KeysOptions): AsyncIterable<string>;
  where(key: string, options: RequestOptions): Promise<KeyPlace>;
  info(options?: RequestOptions): Promise<ClusterInfo>;
  snapshot(options?: RequestOptions): Promise<Snapshot>;
  /**
   * What is in a cache, from a set on.
   * @param node `master`, or a slave: `s1`, `1` or the full ID
   */
  cache(node: string, options: CacheOptions): Promise<CacheView>;
  /** The newest log lines that the master keeps, of a node or of all, oldest first. */
  logs(options: LogsOptions): Promise<readonly LoggedLine[]>;
  /** A page of what a slave's store holds. */
  copies(slave: string, options: CopiesOptions): Promise<{ readonly copies: readonly Copy[]; readonly more: boolean }>;
  /**
   * Controls the process of a slave, or kills the master's, and resolves, once that has happened, with what to tell.
   * @param slave `master`, or a slave as in `cache`
   */
  process(verb: ProcessVerb, slave: string, options: ProcessOptions): Promise<string>;
  /** Lets something go wrong between the master and a slave, or ends that; resolves with what to tell. */
  fault(slave: string, fault: LinkFault, options: RequestOptions): Promise<string>;
  /** Has the master hold every phase of two-phase commit, or lets one or all go; resolves with what to tell. */
  step(mode: StepMode, options: RequestOptions): Promise<string>;
  /** What the cluster does, for as long as the loop goes on. */
  watch(signal: AbortSignal): AsyncIterableIterator<WatchItem, undefined>;
  /** The same cluster over connections of its own; close it in the end. */
  fork(): Promise<Cluster & { close(): Promise<void> }>;
  /** Where the master listens for clients. */
  readonly address: Address;
  readonly transport: Transport;
}

export interface CopiesOptions extends RequestOptions {
  /** The key after which the page begins; default the first one. */
  readonly after?: string;
}

export interface ProcessOptions extends RequestOptions {
  /** With `kill`: where the process dies, instead of at once; with `start` and `restart`: where the new one does. */
  readonly point?: string;
}
