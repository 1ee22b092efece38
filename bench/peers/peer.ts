import type { NamedProcess } from "../../src/bench/cluster/process-usage.js";

/** A store that runs on this machine and is loaded as ringkv is. */
export interface Peer {
  readonly host: string;
  readonly port: number;
  readonly processes: readonly NamedProcess[];
  close(): Promise<void>;
}
