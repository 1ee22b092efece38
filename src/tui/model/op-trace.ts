import type { ErrorCode } from "../../protocol/errors.js";
import type { OpId, SlaveId } from "../../protocol/ids.js";
import type { HeldStep } from "../../protocol/messages.js";

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

/** A message of an update that step mode holds, or held. */
export interface Hold {
  readonly phase: HeldStep["phase"];
  /** Whom it goes to or comes from. */
  readonly slave: SlaveId;
  /** When it was let go, by the clocks of a step; undefined while it is held. */
  readonly letGo: Pick<OpStep, "ms" | "heardMs"> | undefined;
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
  /** In the order in which they were held. */
  readonly holds: readonly Hold[];
}
