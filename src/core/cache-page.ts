import type { CacheView } from "../protocol/messages.js";
import { utf8Length } from "../protocol/text.js";
import type { SetAssociativeCache } from "./cache.js";

/** Which sets of a cache are asked for: the first `count` that are not empty, from set `from` on. */
export interface CachePageRequest {
  readonly from: number;
  readonly count: number;
}

/** A cache as the screens see it: its figures and a page of its contents, without the values. */
export type CachePage = Omit<CacheView, "type" | "id" | "node">;

/** What JSON adds to a key in an entry: `{"key":…,"referenced":false},`. */
const ENTRY_FRAME_BYTES = 28;

/**
 * Reads a page of a cache. It holds whole sets while they fit; of a first set that does not fit by itself it has the front,
 * and tells how much it leaves out.
 *
 * @param bytesMax the contents' size as JSON, about
 */
export function readCachePage(
  cache: SetAssociativeCache<unknown>,
  { from, count }: CachePageRequest,
  bytesMax: number,
): CachePage {
  const contents: CachePage["contents"] = [];
  let bytesLeft = bytesMax;
  let set = cache.nextUsedSet(from);
  while (set !== undefined && contents.length < count) {
    const all = cache.entries(set).map(({ key, referenced }) => ({ key, referenced }));
    const entries = all.slice(0, howManyFit(all, bytesLeft));
    const omitted = all.length - entries.length;
    if (omitted > 0 && contents.length > 0) break;
    contents.push(omitted > 0 ? { set, entries, omitted } : { set, entries });
    bytesLeft -= bytesOf(entries);
    set = cache.nextUsedSet(set + 1);
  }
  const { sets, ways, figures } = cache;
  return { sets, ways, ...figures, contents, more: set !== undefined };
}

function howManyFit(entries: readonly { readonly key: string }[], bytesMax: number): number {
  let bytes = 0;
  const cut = entries.findIndex((entry) => (bytes += bytesOf([entry])) > bytesMax);
  return cut === -1 ? entries.length : cut;
}

function bytesOf(entries: readonly { readonly key: string }[]): number {
  return entries.reduce((bytes, { key }) => bytes + utf8Length(JSON.stringify(key)) + ENTRY_FRAME_BYTES, 0);
}
