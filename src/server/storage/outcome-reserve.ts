import { OUTCOME_RECORD_BYTES } from "../../core/log-codec.js";
import type { LogRecord } from "../../core/log-record.js";
import type { OpId } from "../../protocol/ids.js";

/** Records still to come for an op: its outcome, and that it is forgotten. */
const OWED_BY_PREPARED = 2;
const OWED_BY_OUTCOME = 1;

/** Room for epochs: a new master connection appends one, also when the disk is full. Sixty fit. */
const EPOCH_RESERVE_BYTES = 4_096;

/**
 * The room that must stay free so that an op which is PREPARED can always be committed: 40 bytes for each record that open
 * ops still owe. Every PREPARED adds what it will owe before it is let in, and every outcome pays it back with the bytes it
 * takes itself, so the room that was there for an op when it prepared is there when it is decided.
 */
export class OutcomeReserve {
  readonly #owed = new Map<OpId, number>();
  #owedRecords = 0;

  /** Takes note of a record of the log. */
  note(record: LogRecord): void {
    switch (record.type) {
      case "epoch":
        return;
      case "prepared":
        this.#set(record.opId, OWED_BY_PREPARED);
        return;
      case "committed":
      case "aborted":
      case "outcome":
        this.#set(record.opId, OWED_BY_OUTCOME);
        return;
      case "forgotten":
        this.#set(record.opId, 0);
    }
  }

  /** Bytes to keep free now. */
  get bytes(): number {
    return this.#owedRecords * OUTCOME_RECORD_BYTES + EPOCH_RESERVE_BYTES;
  }

  /** Bytes to keep free besides, once this record is in. */
  static addedBy(record: LogRecord): number {
    return record.type === "prepared" ? OWED_BY_PREPARED * OUTCOME_RECORD_BYTES : 0;
  }

  #set(opId: OpId, owed: number): void {
    this.#owedRecords += owed - (this.#owed.get(opId) ?? 0);
    if (owed === 0) this.#owed.delete(opId);
    else this.#owed.set(opId, owed);
  }
}
