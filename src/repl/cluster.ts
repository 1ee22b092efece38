import type { CacheOptions, LogsOptions } from "../client/status-client.js";
import type { KeyPlace, KeysOptions, RequestOptions } from "../client/client.js";
import type { OpId } from "../protocol/ids.js";
import type { CacheView, ClusterInfo, LoggedLine, ProcessVerb, Snapshot } from "../protocol/messages.js";

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
  /** Controls the process of a slave and resolves, once that has happened, with what to tell. */
  process(verb: ProcessVerb, slave: string, options: RequestOptions): Promise<string>;
}
