import { type ErrorCode, RingkvError } from "../../protocol/errors.js";
import { type Epoch, EPOCH_NONE, OP_NONE, type OpId, compareDecimals, compareOpIds } from "../../protocol/ids.js";
import type { FromSlave, ParticipantState, Prepare, Unresolved } from "../../protocol/messages.js";
import type { EpochRecord, LogRecord, PreparedRecord } from "../log-record.js";
import type { StoreWrite } from "../store.js";

/**
 * A slave's half of two-phase commit. No I/O, no clock: messages come in, records are appended and messages go out, each of
 * them only after the record that it depends on is on disk.
 *
 * | message out        | leaves after this is forced                                             |
 * |--------------------|-------------------------------------------------------------------------|
 * | `ready`            | PREPARED of the op                                                      |
 * | `abort` (a no)     | nothing: it promises that there is no record                            |
 * | `ack` of a commit  | COMMITTED; the write is applied at once, since the outcome is fixed     |
 * | `ack` of an abort  | ABORTED; at once when the op has no record here                         |
 * | `unresolved`, `welcome` | EPOCH, and with it everything appended before                      |
 *
 * An outcome is remembered until the master says that both replicas have acknowledged it (`forget`): a replica that missed
 * the decision could otherwise not learn it after the master's death.
 */
export class Participant {
  readonly #effects: ParticipantEffects;
  #epoch: Epoch = EPOCH_NONE;
  /** The master that holds the epoch. */
  #masterId = "";
  #newest: OpId = OP_NONE;
  readonly #ops = new Map<OpId, ParticipantOp>();
  /** Keys with a PREPARED op: no second op may prepare on them. */
  readonly #preparedKeys = new Set<string>();
  /** Messages that wait for a record to be forced, in the order of their records. */
  #waiting: { readonly lsn: Lsn; readonly release: () => void }[] = [];
  #durable: Lsn = 0;

  /**
   * @param recovered the log since its last checkpoint; committed writes in it are applied again, which changes nothing
   *   where they had been applied already
   */
  constructor(recovered: Iterable<LogRecord>, effects: ParticipantEffects) {
    this.#effects = effects;
    for (const record of recovered) this.#replay(record);
  }

  /** The newest epoch accepted: masters of older ones are refused, and other masters of this one. */
  get epochSeen(): Epoch {
    return this.#epoch;
  }

  /** The newest op that was ever PREPARED here. It never goes back, except on an old copy of the disk. */
  get newest(): OpId {
    return this.#newest;
  }

  /** Ops that are not settled everywhere, as reported to a new master connection. */
  get openOps(): readonly Unresolved[] {
    return Array.from(this.#ops.values(), ({ record, state }) => ({
      type: "unresolved",
      opId: record.opId,
      kind: record.kind,
      key: record.key,
      replicas: [...record.replicas],
      state,
    }));
  }

  /** An op that is not settled everywhere, as it stands here; its value is gone once it is decided. */
  find(opId: OpId): Pick<PreparedRecord, "kind" | "key" | "value"> | undefined {
    return this.#ops.get(opId)?.record;
  }

  /** How far an op has come here; undefined when there is no record of it. */
  stateOf(opId: OpId): ParticipantState | undefined {
    return this.#ops.get(opId)?.state;
  }

  /** The records that a new log segment must start with, so that older segments may go. */
  get carriedOver(): readonly LogRecord[] {
    const records: LogRecord[] = [this.#epochRecord()];
    for (const { record, state } of this.#ops.values()) {
      const { opId, kind, key, replicas } = record;
      records.push(state === "prepared" ? record : { type: "outcome", state, opId, kind, key, replicas });
    }
    return records;
  }

  /**
   * A master opens a connection in this epoch. Whatever waits to be sent belongs to the old connection and is dropped: the
   * report tells it anew. `onReady` is called when the epoch is forced, to send the report.
   * False when the epoch is older than one accepted before, or another master holds it here: this one is fenced off. Two
   * masters take the same epoch when one of them was started on an old copy of the other's disk; their op IDs would collide.
   */
  openEpoch(epoch: Epoch, masterId: string, onReady: () => void): boolean {
    const order = compareDecimals(epoch, this.#epoch);
    if (order < 0 || (order === 0 && masterId !== this.#masterId)) return false;
    this.#epoch = epoch;
    this.#masterId = masterId;
    this.#waiting = [];
    this.#afterForce(this.#effects.append(this.#epochRecord(), "force"), onReady);
    return true;
  }

  /** The master's connection broke: nothing that waits may go out on a later one. */
  closeEpoch(): void {
    this.#waiting = [];
  }

  prepare(message: Prepare): void {
    const { opId, key, replicas } = message;
    const known = this.#ops.get(opId);
    if (known?.state === "prepared") {
      this.#sendAfter(known.lsn, { type: "ready", opId });
      return;
    }
    const record: PreparedRecord = {
      type: "prepared",
      opId,
      kind: message.type === "putreq" ? "put" : "del",
      key,
      value: message.type === "putreq" ? message.value : "",
      replicas,
    };
    const refusal = known === undefined ? this.#refusal(record) : (["ABORTED", "The op is already decided."] as const);
    if (refusal !== undefined) {
      this.#effects.send({ type: "abort", opId, code: refusal[0], message: refusal[1] });
      return;
    }
    const lsn = this.#effects.append(record, "force");
    this.#raiseNewest(opId);
    this.#ops.set(opId, { record, state: "prepared", lsn });
    this.#preparedKeys.add(key);
    this.#sendAfter(lsn, { type: "ready", opId });
  }

  /**
   * The decision. A second one for the same op, or one for an op without a record, is acknowledged without effect.
   * @throws RingkvError BAD_REQUEST when it contradicts an earlier one: whoever sent it is no master of ours
   */
  decide(opId: OpId, state: "committed" | "aborted"): void {
    const op = this.#ops.get(opId);
    if (op === undefined) {
      this.#effects.send({ type: "ack", opId });
      return;
    }
    if (op.state === "prepared") {
      op.lsn = this.#effects.append({ type: state, opId }, "ride");
      this.#settle(op, state);
    } else if (op.state !== state) {
      throw new RingkvError("BAD_REQUEST", `Op ${opId} is ${op.state} here and cannot be ${state} now.`);
    }
    this.#sendAfter(op.lsn, { type: "ack", opId });
  }

  /** Both replicas have acknowledged the decision: no one will ask for it again. */
  forget(opId: OpId): void {
    const op = this.#ops.get(opId);
    if (op === undefined || op.state === "prepared") return;
    this.#ops.delete(opId);
    this.#effects.append({ type: "forgotten", opId }, "ride");
  }

  /** Everything up to this record is on disk. */
  durable(lsn: Lsn): void {
    this.#durable = lsn;
    const waiting = this.#waiting;
    let released = 0;
    for (let next = waiting[released]; next !== undefined && next.lsn <= lsn; next = waiting[released]) {
      released += 1;
      next.release();
      // A release may have opened a new epoch, which starts a new queue.
      if (this.#waiting !== waiting) return;
    }
    if (released > 0) this.#waiting = waiting.slice(released);
  }

  #refusal(record: PreparedRecord): readonly [ErrorCode, string] | undefined {
    if (this.#preparedKeys.has(record.key)) {
      return ["IN_DOUBT", "An earlier update of this key is not settled here."];
    }
    try {
      if (record.kind === "del" && !this.#effects.holds(record.key)) return ["KEY_NOT_FOUND", "Key does not exist"];
    } catch (error) {
      if (!(error instanceof RingkvError)) throw error;
      return [error.code, error.message];
    }
    return this.#effects.refusalOf(record);
  }

  #epochRecord(): EpochRecord {
    return { type: "epoch", epoch: this.#epoch, masterId: this.#masterId, newest: this.#newest };
  }

  #raiseNewest(opId: OpId): void {
    if (compareOpIds(opId, this.#newest) > 0) this.#newest = opId;
  }

  #sendAfter(lsn: Lsn, message: FromSlave): void {
    this.#afterForce(lsn, () => this.#effects.send(message));
  }

  #afterForce(lsn: Lsn, release: () => void): void {
    if (lsn <= this.#durable) release();
    else this.#waiting.push({ lsn, release });
  }

  #settle(op: ParticipantOp, state: "committed" | "aborted"): void {
    const { kind, key, value, opId } = op.record;
    op.state = state;
    // From here on only the outcome is of use.
    op.record = { ...op.record, value: "" };
    this.#preparedKeys.delete(key);
    if (state === "committed") this.#effects.apply({ key, value: kind === "put" ? value : undefined, opId });
  }

  #replay(record: LogRecord): void {
    switch (record.type) {
      case "epoch":
        this.#epoch = record.epoch;
        this.#masterId = record.masterId;
        this.#raiseNewest(record.newest);
        return;
      case "prepared":
        this.#raiseNewest(record.opId);
        this.#ops.set(record.opId, { record, state: "prepared", lsn: 0 });
        this.#preparedKeys.add(record.key);
        return;
      case "outcome": {
        const { opId, kind, key, replicas, state } = record;
        this.#ops.set(opId, { record: { type: "prepared", opId, kind, key, value: "", replicas }, state, lsn: 0 });
        return;
      }
      case "committed":
      case "aborted": {
        const op = this.#ops.get(record.opId);
        if (op?.state === "prepared") this.#settle(op, record.type);
        return;
      }
      case "forgotten":
        this.#ops.delete(record.opId);
    }
  }
}

/** A place in the log: a record's LSN is durable once `durable` was called with it or a later one. */
export type Lsn = number;

/** What the participant causes. */
export interface ParticipantEffects {
  /**
   * Appends a record. `force`: it goes to disk with the group that leaves at the end of this turn; `ride`: with a later
   * force, or after a few ms.
   */
  append(record: LogRecord, urgency: "force" | "ride"): Lsn;
  /** To the master, on the connection of the present epoch. */
  send(message: FromSlave): void;
  /** Makes a committed write visible to reads at once. */
  apply(write: StoreWrite): void;
  /**
   * Whether the key exists among the committed writes.
   * @throws RingkvError STORAGE when it cannot be told at present
   */
  holds(key: string): boolean;
  /** Why this op cannot be prepared (no room on disk, too much waiting), or undefined when it can. */
  refusalOf(record: PreparedRecord): readonly [ErrorCode, string] | undefined;
}

interface ParticipantOp {
  record: PreparedRecord;
  state: ParticipantState;
  /** The newest record of this op. */
  lsn: Lsn;
}
