import type { RandomSource } from "./random.js";
import type { Distribution } from "./workload.js";

/** YCSB's constant: with it the hottest of 10,000 keys gets a tenth of the requests. */
const ZIPFIAN_THETA = 0.99;

/** Spreads what is hot over all keys, so that hot keys are no neighbours: a prime, so that no two keys change places. */
const SCATTER = 15_485_863;

/** Chooses one of `keys` keys, as a number below it. */
export function keyChooser(distribution: Distribution, keys: number, random: RandomSource): () => number {
  return distribution === "uniform" ? () => Math.floor(random() * keys) : zipfian(keys, random);
}

/**
 * Gray et al., "Quickly Generating Billion-Record Synthetic Databases" (1994), as YCSB has it: the `n`th hottest key is asked
 * for in proportion to 1 / n^theta.
 */
function zipfian(keys: number, random: RandomSource): () => number {
  const zetaOf = (count: number) => {
    let sum = 0;
    for (let n = 1; n <= count; n++) sum += 1 / n ** ZIPFIAN_THETA;
    return sum;
  };
  const zeta = zetaOf(keys);
  const alpha = 1 / (1 - ZIPFIAN_THETA);
  const eta = (1 - (2 / keys) ** (1 - ZIPFIAN_THETA)) / (1 - zetaOf(Math.min(2, keys)) / zeta);
  const rank = () => {
    const part = random();
    const scaled = part * zeta;
    if (scaled < 1) return 0;
    if (scaled < 1 + 0.5 ** ZIPFIAN_THETA) return Math.min(1, keys - 1);
    return Math.min(keys - 1, Math.floor(keys * (eta * part - eta + 1) ** alpha));
  };
  return () => (rank() * SCATTER) % keys;
}
