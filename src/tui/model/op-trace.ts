import type { ErrorCode } from "../../protocol/errors.js";
import type { OpId, SlaveId } from "../../protocol/ids.js";

/** One step of an update, as the feed told it. */
export interface OpStep {
  /** `answered`: the client was told. */
  readonly phase: "begin" | "in-doubt" | "vote" | "decision" | "answered" | "ack" | "settled";
  /** Since the op began, in ms, by the master's clock. */
  readonly ms: number;
  /** When the monitor heard of it, in ms of its own monotone clock: animations go by that. */
  readonly heardMs: number;
  /** Who voted or acknowledged. */
  readonly slave?: SlaveId;
  readonly outcome?: "commit" | "abort";
  /** Why the client was refused. */
  readonly code?: ErrorCode;
}

/** One update from its begin to the moment that both replicas have acknowledged its decision, as far as it has come. */
export interface OpTrace {
  readonly opId: OpId;
  readonly kind: "put" | "del";
  readonly key: string;
  /** The key's place on the ring, a 64-bit unsigned decimal. */
  readonly hash: string;
  /** Primary and successor. */
  readonly replicas: readonly [SlaveId, SlaveId];
  /** ms since 1970, the master's clock. */
  readonly beganAt: number;
  readonly state: "preparing" | "in-doubt" | "committed" | "aborted";
  /** Nothing more will happen. */
  readonly isSettled: boolean;
  readonly steps: readonly OpStep[];
}
