import type { KeyPlace } from "../client/client.js";
import type { OpId } from "../protocol/ids.js";
import type { ClusterInfo, ProcessVerb, Snapshot } from "../protocol/messages.js";

/** What the commands can ask a cluster; connected-cluster.ts asks a real one, tests a fake. All reject with RingkvError. */
export interface Cluster {
  get(key: string): Promise<{ readonly value: string; readonly opId: OpId } | undefined>;
  put(key: string, value: string): Promise<{ readonly opId: OpId }>;
  /** @throws RingkvError KEY_NOT_FOUND */
  del(key: string): Promise<{ readonly opId: OpId }>;
  keys(options: { readonly prefix: string }): AsyncIterable<string>;
  where(key: string): Promise<KeyPlace>;
  info(): Promise<ClusterInfo>;
  snapshot(): Promise<Snapshot>;
  /** Controls the process of a slave and resolves, once that has happened, with what to tell. */
  process(verb: ProcessVerb, slave: string): Promise<string>;
}
