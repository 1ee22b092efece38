import type { SlaveId } from "../protocol/ids.js";
import type { FromSlave } from "../protocol/messages.js";
import { compareUtf8 } from "../protocol/text.js";
import { type Failure, failure } from "./result.js";
import { type ListedKeys, cutToFrame } from "./keys-page.js";
import type { Ring } from "./ring.js";
import type { SlaveLinks } from "./slave-links.js";
import type { KeysPage } from "./store.js";

/**
 * Lists keys across the ring: asks every linked slave for its page and merges them. Each key is on two neighbours, so the
 * listing is whole as long as no two neighbours are down. It is a listing, not a snapshot: updates under way may or may not
 * show.
 */
export class KeyListing {
  readonly #links: SlaveLinks;
  readonly #timeoutMs: number;
  readonly #listings = new Set<Listing>();
  #nowMs = 0;

  constructor(timeoutMs: number, links: SlaveLinks) {
    this.#timeoutMs = timeoutMs;
    this.#links = links;
  }

  list(ring: Ring, page: KeysPage, done: (result: KeysResult) => void): void {
    const listing: Listing = {
      ring,
      page,
      done,
      asked: new Map(),
      pages: new Map(),
      deadlineMs: this.#nowMs + this.#timeoutMs,
    };
    const { prefix, after, limit } = page;
    for (const slave of ring.members) {
      if (!this.#links.isLinked(slave)) continue;
      const id = this.#links.nextRequestId();
      listing.asked.set(slave, id);
      this.#links.send(slave, { type: "keysreq", id, prefix, after, limit });
    }
    this.#listings.add(listing);
    this.#finishIfComplete(listing);
  }

  /** A slave's page. */
  answered(slave: SlaveId, response: Extract<FromSlave, { type: "resp" }>): void {
    for (const listing of this.#listings) {
      if (listing.asked.get(slave) !== response.id) continue;
      listing.asked.delete(slave);
      if (response.keys !== undefined) {
        listing.pages.set(slave, { keys: response.keys, more: response.more ?? false });
      }
      this.#finishIfComplete(listing);
      return;
    }
  }

  unlink(slave: SlaveId): void {
    for (const listing of this.#listings) if (listing.asked.delete(slave)) this.#finishIfComplete(listing);
  }

  /** @param nowMs any monotone clock's reading */
  tick(nowMs: number): void {
    this.#nowMs = nowMs;
    for (const listing of this.#listings) {
      if (nowMs < listing.deadlineMs) continue;
      listing.asked.clear();
      this.#finishIfComplete(listing);
    }
  }

  #finishIfComplete(listing: Listing): void {
    if (listing.asked.size > 0) return;
    this.#listings.delete(listing);
    const { ring, pages, page } = listing;
    const isBlind = ring.members.some((member) => !pages.has(member) && !pages.has(ring.successorOf(member)));
    listing.done(
      isBlind
        ? failure("REPLICA_DOWN", "Two neighbouring slaves did not answer; a part of the keys cannot be listed.")
        : { ok: true, ...cutToFrame(merge([...pages.values()], page.limit)) },
    );
  }
}

/** Merges sorted pages; beyond the end of a page that was cut short nothing is certain, so the result stops there. */
function merge(pages: readonly ListedKeys[], limit: number): ListedKeys {
  const horizons = pages.filter(({ more }) => more).map(({ keys }) => keys.at(-1) ?? "");
  const horizon = horizons.sort(compareUtf8)[0];
  const all = [...new Set(pages.flatMap(({ keys }) => keys))].sort(compareUtf8);
  const certain = horizon === undefined ? all : all.filter((key) => compareUtf8(key, horizon) <= 0);
  const keys = certain.slice(0, limit);
  return { keys, more: keys.length < all.length || horizon !== undefined };
}

export type KeysResult = { readonly ok: true; readonly keys: string[]; readonly more: boolean } | Failure;

interface Listing {
  readonly ring: Ring;
  readonly page: KeysPage;
  readonly done: (result: KeysResult) => void;
  readonly asked: Map<SlaveId, number>;
  readonly pages: Map<SlaveId, ListedKeys>;
  readonly deadlineMs: number;
}
