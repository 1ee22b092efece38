import type { Tear } from "../inode.js";
import type { ForceTimes } from "./disk.js";
import type { Delays } from "./network.js";

/**
 * A run as data: who takes part, what the clients ask, and what goes wrong when. A plan decides its run in every detail, the
 * lengths of all delays included (`seed`), so a plan can be written to a file, cut down, and played again.
 */
export interface Plan {
  /** Decides what is left to chance: delays, and what a power cut leaves. */
  readonly seed: number;
  readonly slaves: number;
  readonly keys: readonly string[];
  readonly masterCache: CacheSize;
  readonly slaveCache: CacheSize;
  readonly serial: boolean;
  readonly segmentBytes: number;
  /** Every value is padded to so many characters. */
  readonly valueChars: number;
  readonly prepareTimeoutMs: number;
  readonly readTimeoutMs: number;
  readonly heartbeatIntervalMs: number;
  readonly heartbeatTimeoutMs: number;
  readonly network: Delays;
  readonly disks: ForceTimes;
  /** What each client asks, one request after the other. */
  readonly clients: readonly (readonly Request[])[];
  readonly faults: readonly Fault[];
}

export interface CacheSize {
  readonly sets: number;
  readonly ways: number;
}

export interface Request {
  readonly kind: "get" | "put" | "del";
  readonly key: string;
  /** How long after the answer to the one before; "at once" is sent without waiting for that answer. */
  readonly wait: number | "at once";
}

/** A host: a master (`m1`, `m2`), or a slave by its place in the ring, from 0. */
export type Target = "m1" | number;

export type Fault = { readonly atMs: number } & (
  | {
      readonly kind: "crash";
      readonly targets: readonly Target[];
      readonly how: "kill" | "power";
      readonly tear: Tear;
      readonly downMs: number;
    }
  /** Its end comes in the middle of what it does: at its nth disk operation from now. */
  | {
      readonly kind: "crash amid";
      readonly slave: number;
      readonly operations: number;
      readonly how: "kill" | "power";
      readonly tear: Tear;
      readonly downMs: number;
    }
  | { readonly kind: "freeze"; readonly target: Target; readonly forMs: number }
  /** Connections between the master and a slave break: each with this probability. */
  | { readonly kind: "cut"; readonly slave: number; readonly part: number }
  | { readonly kind: "client cut"; readonly client: number }
  | {
      readonly kind: "partition";
      readonly masters: readonly ("m1" | "m2")[];
      readonly slave: number;
      readonly ways: "to slave" | "to master" | "both";
      readonly forMs: number;
    }
  | { readonly kind: "slow disk"; readonly target: Target; readonly factor: number; readonly forMs: number }
  | { readonly kind: "full disk"; readonly slave: number; readonly forMs: number }
  | { readonly kind: "failing force"; readonly slave: number; readonly forces: number }
  /** The slave comes back on a blank disk; its own is put back later. */
  | { readonly kind: "lost disk"; readonly slave: number; readonly forMs: number }
  /** The slave comes back on a copy of its disk that was made earlier; its own is put back later. */
  | { readonly kind: "old disk"; readonly slave: number; readonly copiedAtMs: number; readonly forMs: number }
  /**
   * An operator starts a second master, on a copy of the first one's disk. Some slaves and clients are started anew with its
   * address ("moved"), or the first one's address leads to it from now on when they connect ("rerouted"). In the end one of
   * the two is stopped for good.
   */
  | {
      readonly kind: "second master";
      readonly copiedAtMs: number;
      readonly how: "moved" | "rerouted";
      readonly slaves: readonly number[];
      readonly clients: readonly number[];
      readonly forMs: number;
      readonly survivor: "m1" | "m2";
    }
);
export type FaultKind = Fault["kind"];
export type FaultOf<Kind extends FaultKind> = Extract<Fault, { kind: Kind }>;

export const FAULT_KINDS: readonly FaultKind[] = [
  "crash",
  "crash amid",
  "freeze",
  "cut",
  "client cut",
  "partition",
  "slow disk",
  "full disk",
  "failing force",
  "lost disk",
  "old disk",
  "second master",
];
