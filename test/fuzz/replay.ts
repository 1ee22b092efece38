import type { Fuzzer } from "./fuzzing.js";

/** What a test may do: seeds that it always runs, and one more by chance, until its time is over. */
export interface Share {
  readonly seeds: readonly number[];
  /** How long to go on with seeds by chance, in ms. */
  readonly forMs: number;
}

/** What a share came to. */
export interface ShareReport {
  readonly inputs: number;
  /** The first of the seeds by chance; the others follow. */
  readonly chance: number;
  readonly violations: readonly string[];
  readonly counts: Readonly<Record<string, number>>;
}

/** Runs a share, and closes the fuzzer. */
export async function runShare(fuzzer: Fuzzer, { seeds, forMs }: Share): Promise<ShareReport> {
  const chance = Number(process.env["SEED"] ?? Math.floor(Math.random() * 2 ** 31));
  const deadline = performance.now() + forMs;
  const violations: string[] = [];
  const counts: Record<string, number> = {};
  let inputs = 0;
  const run = async (seed: number) => {
    const result = await fuzzer.run(seed);
    inputs += result.inputs;
    for (const [name, count] of Object.entries(result.counts)) counts[name] = (counts[name] ?? 0) + count;
    violations.push(...result.violations.map((violation) => `seed ${seed}: ${violation}`));
  };
  for (const seed of seeds) await run(seed);
  for (let seed = chance; performance.now() < deadline && violations.length === 0; seed += 1) await run(seed);
  violations.push(...(await fuzzer.settle()));
  await fuzzer.close();
  return { inputs, chance, violations, counts };
}
