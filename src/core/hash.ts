import xxhash from "xxhash-wasm";

/** Maps a key to its place on the ring: 64 bits, unsigned. */
export type KeyHash = (key: string) => bigint;

export type HashName = "xxh64" | "poly31";

const xxhashes = await xxhash();

/** xxHash64 of the key's UTF-8 bytes, seed 0: the default. */
function xxh64(key: string): bigint {
  return xxhashes.h64(key);
}

/**
 * The hash of the CS162 course: `h = 31*h + unit` over UTF-16 units, 64 bits, read as unsigned. It puts similar keys side by
 * side, which is worth showing in a lesson and a poor choice otherwise.
 */
function poly31(key: string): bigint {
  let hash = 1_125_899_906_842_597n;
  for (let index = 0; index < key.length; index++) {
    hash = BigInt.asUintN(64, 31n * hash + BigInt(key.charCodeAt(index)));
  }
  return hash;
}

/** The hash functions that `--hash` offers. */
export const HASHES: Readonly<Record<HashName, KeyHash>> = { xxh64, poly31 };
