/** Numbers from 0 up to 1, never 1. */
export type RandomSource = () => number;

/** A small fast generator (xorshift32): good enough to choose keys, and the same sequence for the same seed. */
export function randomFrom(seed: number): RandomSource {
  let state = Math.imul(seed + 1, 0x9e37_79b1) >>> 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 0x1_0000_0000;
  };
}
