import type { Epoch, OpId, SlaveId } from "../protocol/ids.js";

/**
 * What a slave's log holds. The order of records is the order of events; replaying them from the last checkpoint gives the
 * participant's state back (participant.ts says which record is forced before which message).
 */
export type LogRecord = EpochRecord | PreparedRecord | DecisionRecord | OutcomeRecord;

/** From here on the slave takes orders from no master of an older epoch, and in this epoch from this one only. */
export interface EpochRecord {
  readonly type: "epoch";
  readonly epoch: Epoch;
  /** The master that holds the epoch; empty while there was none. */
  readonly masterId: string;
  /** The newest op that was ever PREPARED before, also where a checkpoint has dropped its records; OP_NONE when none was. */
  readonly newest: OpId;
}

/** The slave's yes vote: it can commit this op, whatever happens to it. */
export interface PreparedRecord {
  readonly type: "prepared";
  readonly opId: OpId;
  readonly kind: UpdateKind;
  readonly key: string;
  /** What a put writes; the empty string for a del. */
  readonly value: string;
  readonly replicas: Replicas;
}

/** What became of a PREPARED op, and then that no one will ask about it again. */
export interface DecisionRecord {
  readonly type: "committed" | "aborted" | "forgotten";
  readonly opId: OpId;
}

/**
 * The outcome of an op that is applied and not forgotten, as a checkpoint carries it over: it tells a later master, and it
 * is not applied again, since the store that was forced with the checkpoint holds it, or what came after it.
 */
export interface OutcomeRecord {
  readonly type: "outcome";
  readonly state: "committed" | "aborted";
  readonly opId: OpId;
  readonly kind: UpdateKind;
  readonly key: string;
  readonly replicas: Replicas;
}

export type UpdateKind = "put" | "del";

/** The two slaves of a key: its primary, then the successor. */
export type Replicas = readonly [primary: SlaveId, successor: SlaveId];
