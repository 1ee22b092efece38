import { availableParallelism, cpus } from "node:os";
import type { Workload } from "../load/workload.js";
import type { SelfTimes } from "../profile/self-time.js";
import type { Summary } from "./summary.js";
import type { TlsComparison } from "./tls-comparison.js";

/** The machine that figures are true of. */
export interface Machine {
  readonly node: string;
  readonly platform: string;
  readonly cpu: string;
  readonly cores: number;
}

/** The rounds of one load against one cluster. */
export interface BenchRow extends Summary {
  readonly workload: Workload;
  /** Slaves of the cluster. */
  readonly slaves: number;
  /** Whether it was asked over TLS; left out where no cluster was. */
  readonly tls?: boolean;
  /** What the same generators reach against a server that only answers lines; left out of an open loop. */
  readonly ceilingOpsPerSecond?: number;
}

/** Where a process spent its time under one load. */
export interface ProfileSummary extends SelfTimes {
  readonly load: string;
  readonly process: string;
  readonly file: string;
}

/** When, where and for how long was measured. */
export interface BenchRun {
  readonly machine: Machine;
  /** When it began, ISO 8601. */
  readonly began: string;
  readonly rounds: number;
  readonly seconds: number;
  readonly warmupSeconds: number;
  readonly generators: number;
}

/** All that a bench has found: the JSON form. */
export interface BenchReport extends BenchRun {
  readonly results: readonly BenchRow[];
  /** Of clusters that differ in TLS only. */
  readonly comparisons?: readonly TlsComparison[];
  readonly profiles?: readonly ProfileSummary[];
  /** Files of plots. */
  readonly plots?: readonly string[];
}

export function thisMachine(): Machine {
  return {
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
    cpu: cpus()[0]?.model ?? "unknown",
    cores: availableParallelism(),
  };
}
