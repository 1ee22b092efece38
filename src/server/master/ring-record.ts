import { RingkvError } from "../../protocol/errors.js";
import { type Epoch, compareDecimals } from "../../protocol/ids.js";
import type { RingMember } from "../storage/master-state.js";
import type { Member, Roster } from "./roster.js";

/** What a master keeps on disk between two lives. */
export interface MasterRecord {
  readonly epoch: Epoch;
  /** The slaves of the ring; none until it was complete for the first time. */
  readonly members: readonly RingMember[];
}

/**
 * The master's record as the roster has it now, written down before anyone relies on it. Every promise resolves to whether
 * that has come about; if not, the master is told to stop.
 */
export class RingRecord {
  /** This master's own. */
  readonly #epoch: Epoch;
  /** The newest that any master has taken, as far as is known here. */
  #newestEpoch: Epoch;
  readonly #roster: Roster;
  readonly #save: (record: MasterRecord) => Promise<void>;
  readonly #onFatal: (error: RingkvError) => void;
  #written: Promise<boolean> = Promise.resolve(true);

  constructor(
    roster: Roster,
    parts: {
      readonly record: MasterRecord;
      readonly save: (record: MasterRecord) => Promise<void>;
      readonly onFatal: (error: RingkvError) => void;
    },
  ) {
    this.#roster = roster;
    this.#epoch = parts.record.epoch;
    this.#newestEpoch = parts.record.epoch;
    this.#save = parts.save;
    this.#onFatal = parts.onFatal;
  }

  /** All members are linked for the first time: the ring is fixed. */
  complete(): Promise<boolean> {
    this.#roster.freeze();
    for (const member of this.#roster.members) member.epoch = this.#epoch;
    return this.#write();
  }

  /**
   * A member's link is about to be used in this master's epoch: from then on a disk of it that has not seen this epoch is an
   * old one. Written once for each member and epoch; a ring that is still forming is written whole when it is complete.
   */
  linked(member: Member): Promise<boolean> {
    if (this.#roster.isFrozen && member.epoch !== this.#epoch) {
      member.epoch = this.#epoch;
      return this.#write();
    }
    return this.#written;
  }

  /** A slave has seen this epoch of another master: the next life of this one takes a higher epoch. */
  fenced(epochSeen: Epoch, whatIsLost: string): Promise<boolean> {
    if (compareDecimals(epochSeen, this.#newestEpoch) > 0) this.#newestEpoch = epochSeen;
    return this.#write(whatIsLost);
  }

  /** Writes take effect in the order of the calls, so the last one stands for all before it. */
  #write(whatIsLost = "The ring's members cannot be written down."): Promise<boolean> {
    const { isFrozen, members } = this.#roster;
    const record: MasterRecord = {
      epoch: this.#newestEpoch,
      members: isFrozen ? members.map(({ id, storeId, epoch }) => ({ slaveId: id, storeId, epoch })) : [],
    };
    this.#written = this.#save(record).then(
      () => true,
      (cause: unknown) => {
        this.#onFatal(new RingkvError("STORAGE", whatIsLost, { cause }));
        return false;
      },
    );
    return this.#written;
  }
}
