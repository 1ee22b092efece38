import { type BenchProgress, runBench } from "../bench/bench.js";
import { benchReport, formatBench } from "../bench/format.js";
import type { Values } from "../config.js";
import { writeText } from "../repl/output.js";
import { EXIT } from "./exit-code.js";
import type { BENCH } from "./settings.js";

/** `ringkv bench`: the table on stdout, what it is doing on stderr. */
export async function run({ connect, json, ...options }: Values<typeof BENCH>): Promise<number> {
  const results = await runBench({ ...connect, ...options, onProgress: tell });
  await writeText(process.stdout, json ? `${JSON.stringify(benchReport(results))}\n` : formatBench(results));
  return EXIT.done;
}

function tell(progress: BenchProgress): void {
  const text =
    progress.step === "fill"
      ? `writing ${progress.keys.toString()} keys`
      : `measuring ${progress.operation} with ${progress.clients.toString()} clients`;
  process.stderr.write(`${text} …\n`);
}
