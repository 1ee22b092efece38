import { RingkvError } from "../../protocol/errors.js";
import { type SlaveId, compareDecimals } from "../../protocol/ids.js";

/** IDs that cut the ring into equal arcs: id_i = floor(2^64 · i / count) - 1 for i = 1 to count, in ring order. */
export function evenlySpreadIds(count: number): readonly SlaveId[] {
  return Array.from(
    { length: count },
    (_, index) => ((2n ** 64n * BigInt(index + 1)) / BigInt(count) - 1n).toString() as SlaveId,
  );
}

/**
 * Puts IDs in ring order.
 * @throws RingkvError DUPLICATE_ID when one is there twice
 */
export function inRingOrder(ids: readonly SlaveId[]): readonly SlaveId[] {
  const twice = ids.find((id, index) => ids.indexOf(id) !== index);
  if (twice !== undefined) throw new RingkvError("DUPLICATE_ID", `the ID ${twice} is named twice`);
  return ids.toSorted(compareDecimals);
}
