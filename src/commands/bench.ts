import { formatBench, runBench } from "../bench/bench.js";
import type { Values } from "../config.js";
import { EXIT } from "./exit-code.js";
import type { BENCH } from "./settings.js";

/** `ringkv bench` */
export async function run({ connect, json, ...options }: Values<typeof BENCH>): Promise<number> {
  const result = await runBench({ ...connect, ...options });
  process.stdout.write(`${json ? JSON.stringify(result) : formatBench(result)}\n`);
  return EXIT.done;
}
