import type { OpId, SlaveId } from "../protocol/ids.js";
import type { ClusterInfo, ProcessVerb, Snapshot } from "../protocol/messages.js";

/** What the commands can ask a cluster; connected-cluster.ts asks a real one, tests a fake. All reject with RingkvError. */
export interface Cluster {
  get(key: string): Promise<{ readonly value: string; readonly opId: OpId } | undefined>;
  put(key: string, value: string): Promise<{ readonly opId: OpId }>;
  /** @throws RingkvError KEY_NOT_FOUND */
  del(key: string): Promise<{ readonly opId: OpId }>;
  keys(options: { readonly prefix: string }): AsyncIterable<string>;
  where(key: string): Promise<Placement>;
  info(): Promise<ClusterInfo>;
  snapshot(): Promise<Snapshot>;
  /** Controls the process of a slave and resolves, once that has happened, with what to tell. */
  process(verb: ProcessVerb, slave: string): Promise<string>;
}

/** Where a key lives. */
export interface Placement {
  /** The key's place on the ring, 64-bit unsigned decimal. */
  readonly hash: string;
  /** The cache set, whose lock the key's updates take. */
  readonly set: number;
  /** Primary and successor. */
  readonly replicas: readonly SlaveId[];
}
