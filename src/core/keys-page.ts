import { LIMITS } from "../protocol/limits.js";
import { utf8Length } from "../protocol/text.js";

/** Some keys in their order, and whether more follow. */
export interface ListedKeys {
  readonly keys: readonly string[];
  readonly more: boolean;
}

/** As much of a page as a frame takes: in JSON a key may grow sixfold. At least one key stays, so that a listing gets on. */
export function cutToFrame({ keys, more }: ListedKeys): { keys: string[]; more: boolean } {
  let bytes = 0;
  const cut = keys.findIndex((key, index) => {
    bytes += utf8Length(JSON.stringify(key)) + 1;
    return index > 0 && bytes > LIMITS.keysPageBytesMax;
  });
  return cut === -1 ? { keys: [...keys], more } : { keys: keys.slice(0, cut), more: true };
}
