import type { SlaveId } from "../protocol/ids.js";
import type { Replicas } from "./log-record.js";

/**
 * The consistent-hash ring: 64-bit IDs in unsigned order, wrapping past 2^64 (Karger et al. 1997; CS162 "TPCMaster").
 *
 * A slave with ID `i` and predecessor `p` is primary for the hashes in `(p, i]`; the primary's successor holds the second
 * copy. On a ring of one slave the two are the same.
 */
export class Ring {
  /** All members in ring order. */
  readonly members: readonly SlaveId[];
  readonly #places: BigUint64Array;

  /** @param members at least one ID, each once, in any order */
  constructor(members: readonly SlaveId[]) {
    this.#places = BigUint64Array.from(members, BigInt).sort();
    this.members = Array.from(this.#places, (place) => place.toString() as SlaveId);
    if (this.members.length === 0) throw new Error("a ring has at least one member");
    if (new Set(this.members).size !== this.members.length) throw new Error("a ring holds each member once");
  }

  /** The two slaves that hold a key of this hash. */
  replicasOf(hash: bigint): Replicas {
    const primary = this.#firstAtOrAfter(hash);
    return [this.#member(primary), this.#member(primary + 1)];
  }

  /** The slave after this one, clockwise. */
  successorOf(member: SlaveId): SlaveId {
    return this.#member(this.#indexOf(member) + 1);
  }

  /** A member's short name: its place in ring order, `s1` to `sN`. */
  nameOf(member: SlaveId): string {
    return `s${(this.#indexOf(member) + 1).toString()}`;
  }

  has(member: SlaveId): boolean {
    return this.members.includes(member);
  }

  /** The part of all hashes for which a member is primary, 0 to 1. */
  shareOf(member: SlaveId): number {
    const index = this.#indexOf(member);
    if (this.members.length === 1) return 1;
    const width = BigInt.asUintN(64, BigInt(member) - BigInt(this.#member(index - 1 + this.members.length)));
    return Number(width >> 11n) / 2 ** 53;
  }

  #indexOf(member: SlaveId): number {
    const index = this.members.indexOf(member);
    if (index === -1) throw new Error(`${member} is not on this ring`);
    return index;
  }

  #member(index: number): SlaveId {
    const member = this.members[index % this.members.length];
    if (member === undefined) throw new Error("a ring has at least one member");
    return member;
  }

  /** The first place at or after the hash; past the last place that is the first one again. */
  #firstAtOrAfter(hash: bigint): number {
    let low = 0;
    let high = this.#places.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#places[middle] ?? 0n) < hash) low = middle + 1;
      else high = middle;
    }
    return low === this.#places.length ? 0 : low;
  }
}
