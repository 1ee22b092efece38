import type { Copy } from "../protocol/messages.js";
import { LIMITS } from "../protocol/limits.js";
import { utf8Length } from "../protocol/text.js";
import { HASHES } from "./hash.js";
import type { ListedKeys } from "./keys-page.js";
import type { Store } from "./store.js";

/** Some of a store's copies in the order of their keys, and whether more follow. */
export interface CopiesPage {
  readonly copies: Copy[];
  readonly more: boolean;
}

/** What JSON adds to a key in a copy, with the longest version: `{"key":…,"opId":"…","digest":"…"},`. */
const COPY_FRAME_BYTES = 96;

/**
 * The copies behind a listing of a store's keys: as many as a frame takes, and as can be read without keeping the slave from
 * its votes. At least one stays, so that a comparison gets on.
 *
 * @throws RingkvError STORAGE when the disk refuses
 */
export function readCopies(store: Pick<Store, "get">, { keys, more }: ListedKeys): CopiesPage {
  const copies: Copy[] = [];
  let frameBytes = 0;
  let valueBytes = 0;
  for (const key of keys) {
    const found = store.get(key);
    // It was deleted since it was listed.
    if (found === undefined) continue;
    frameBytes += utf8Length(JSON.stringify(key)) + COPY_FRAME_BYTES;
    valueBytes += utf8Length(found.value);
    if (copies.length > 0 && (frameBytes > LIMITS.keysPageBytesMax || valueBytes > LIMITS.copiesValueBytesMax)) {
      return { copies, more: true };
    }
    copies.push({ key, opId: found.opId, digest: digestOf(found.value) });
  }
  return { copies, more };
}

function digestOf(value: string): string {
  return HASHES.xxh64(value).toString(16).padStart(16, "0");
}
