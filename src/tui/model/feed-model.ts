import type { OpId, SlaveId } from "../../protocol/ids.js";
import type { ClusterInfo, Metrics, SlaveStatus, StepState, UnresolvedOp } from "../../protocol/messages.js";
import { type LogBuffer, type LogSource, NO_LOGS } from "./log-buffer.js";
import type { OpTrace } from "./op-trace.js";
import { NO_TRAFFIC, type Traffic } from "./traffic.js";

/** What the monitor knows of the cluster. Immutable: a frozen screen is one that keeps an older one. */
export interface FeedModel {
  readonly connection: ConnectionState;
  readonly info: ClusterInfo | undefined;
  /** In ring order. */
  readonly slaves: readonly SlaveView[];
  readonly metrics: Metrics | undefined;
  readonly traffic: Traffic;
  /** The newest updates that the feed told of, oldest first. */
  readonly ops: readonly OpTrace[];
  /** Whether the master holds every phase of two-phase commit, and what it holds, the oldest first. */
  readonly step: StepState;
  /** As the master last told. */
  readonly unresolved: readonly UnresolvedOp[];
  /** The newest reads that the feed told of, oldest first. */
  readonly reads: readonly ReadTrace[];
  readonly logs: LogBuffer;
  /** Events that the feed has dropped for us. */
  readonly missed: number;
}

export type ConnectionState =
  | { readonly state: "connecting" }
  | { readonly state: "live" }
  | { readonly state: "lost"; readonly reason: string; readonly sinceMs: number };

export interface SlaveView extends SlaveStatus {
  /** Votes and reads in each of the last seconds, newest last. */
  readonly opsBySecond: readonly number[];
  /** When it came into its state, ms since 1970. */
  readonly stateSince: number;
  /** When the monitor heard of its fault, in ms of its monotone clock; of one without a fault it means nothing. */
  readonly faultHeardMs: number;
}

/** A read of a key at the master's cache. */
export interface ReadTrace {
  readonly key: string;
  readonly hash: string;
  readonly isHit: boolean;
  /** ms of the monitor's monotone clock. */
  readonly heardMs: number;
}

export const OPS_KEPT = 200;
export const READS_KEPT = 16;

/** Before the first snapshot. */
export const NOTHING_KNOWN: FeedModel = {
  connection: { state: "connecting" },
  info: undefined,
  slaves: [],
  metrics: undefined,
  traffic: NO_TRAFFIC,
  ops: [],
  step: { on: false, held: [] },
  unresolved: [],
  reads: [],
  logs: NO_LOGS,
  missed: 0,
};

/** A slave's short name, or its ID where the ring does not know it. */
export function nameOf(model: FeedModel, id: SlaveId): string {
  return model.slaves.find((slave) => slave.id === id)?.name ?? id;
}

/** The op of this ID; without an ID the one that step mode lets go next, or else the newest one. */
export function opOf(model: FeedModel, opId: OpId | undefined): OpTrace | undefined {
  const wanted = opId ?? model.step.held[0]?.opId;
  return wanted === undefined ? model.ops.at(-1) : model.ops.find((op) => op.opId === wanted);
}

/** A source of log lines as the screen names it. */
export function labelOf(model: FeedModel, source: LogSource): string {
  switch (source) {
    case "master":
      return "mst";
    case "monitor":
      return "you";
    default:
      return nameOf(model, source);
  }
}
