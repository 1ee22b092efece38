import { RingkvError } from "../../protocol/errors.js";
import { EPOCH_NONE, type Epoch, type SlaveId, compareDecimals } from "../../protocol/ids.js";
import type { RegisterRequest, SlaveState } from "../../protocol/messages.js";
import type { Address, Connection } from "../../transport/transport.js";
import type { RingMember } from "../storage/master-state.js";
import type { SlaveLink } from "./slave-link.js";

/** One slave as the master knows it. */
export interface Member {
  readonly id: SlaveId;
  /** The store that this ring knows for it. */
  readonly storeId: string;
  /** The newest epoch in which it was linked, while the ring was complete: its disk has seen that one. */
  epoch: Epoch;
  state: SlaveState;
  address: Address | undefined;
  /** Its registration connection, while it has one. */
  registration: Connection | undefined;
  link: SlaveLink | undefined;
  heardMs: number;
  /** Its process, as it told when it registered. */
  pid: number | undefined;
  /** The point at which that process will die. */
  failpoint: string | undefined;
  /** Keys in its store, as it last told. */
  keys: number;
  /** Votes and reads that it has answered to this master. */
  ops: number;
  /** Of its own cache, as it last told. */
  cacheHits: number;
  cacheMisses: number;
}

/**
 * The slaves of the ring: who may join, who holds which ID. The ring has a fixed number of members; once it was complete
 * only they may come back, each with the store that it had, and not with an old copy of it.
 */
export class Roster {
  readonly size: number;
  readonly #members = new Map<SlaveId, Member>();
  #frozen: boolean;

  /**
   * @param size members of a complete ring
   * @param known the members of a ring that was complete before
   */
  constructor(size: number, known: readonly RingMember[]) {
    this.size = size;
    for (const { slaveId, storeId, epoch } of known) this.#add(slaveId, storeId, epoch);
    this.#frozen = this.isComplete;
  }

  /** The ring's members are fixed: none is withdrawn any more. */
  get isFrozen(): boolean {
    return this.#frozen;
  }

  freeze(): void {
    this.#frozen = true;
  }

  /** All members known, in ring order. */
  get members(): readonly Member[] {
    return [...this.#members.values()].sort((left, right) => compareDecimals(left.id, right.id));
  }

  get isComplete(): boolean {
    return this.#members.size >= this.size;
  }

  get(id: SlaveId): Member | undefined {
    return this.#members.get(id);
  }

  /**
   * Takes a slave's registration.
   * @throws RingkvError DUPLICATE_ID, RING_FULL or STORAGE when it may not join under this ID
   */
  admit(request: RegisterRequest, address: Address): Member {
    const { slaveId, storeId, epochSeen } = request;
    const member = this.#members.get(slaveId);
    if (member === undefined) {
      if (this.isComplete) {
        throw new RingkvError(
          "RING_FULL",
          `The ring has its ${this.size} members and ${slaveId} is none of them; its IDs are ${[...this.#members.keys()].join(", ")}.`,
        );
      }
      return this.#add(slaveId, storeId, EPOCH_NONE);
    }
    const isSameProcess = member.address?.host === address.host && member.address.port === address.port;
    if (member.registration !== undefined && !(isSameProcess && member.storeId === storeId)) {
      throw new RingkvError(
        "DUPLICATE_ID",
        `A running slave holds ID ${slaveId}; stop that one first, or start this one with another --id.`,
      );
    }
    if (member.storeId !== storeId) {
      throw new RingkvError(
        "STORAGE",
        `Slave ${slaveId} comes with another store than the ring knows (${storeId}, not ${member.storeId}): its keys would be missing. Start it on its own data directory.`,
      );
    }
    if (compareDecimals(epochSeen, member.epoch) < 0) {
      throw new RingkvError(
        "STORAGE",
        `Slave ${slaveId} comes with an old copy of its disk, which has seen epoch ${epochSeen}, and the slave was linked in ${member.epoch}: acknowledged updates would be missing. Start it on the disk that it had.`,
      );
    }
    return member;
  }

  /** Takes back the first registration of a slave that could not be linked, while the ring is still forming. */
  withdraw(member: Member): void {
    if (!this.#frozen) this.#members.delete(member.id);
  }

  #add(id: SlaveId, storeId: string, epoch: Epoch): Member {
    const member: Member = {
      id,
      storeId,
      epoch,
      state: "down",
      address: undefined,
      registration: undefined,
      link: undefined,
      heardMs: 0,
      pid: undefined,
      failpoint: undefined,
      keys: 0,
      ops: 0,
      cacheHits: 0,
      cacheMisses: 0,
    };
    this.#members.set(id, member);
    return member;
  }
}
