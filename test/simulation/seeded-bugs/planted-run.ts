import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { SEEDED_BUG_VARIABLE, plantedLine } from "./planted-module.js";
import type { SeededBug } from "./seeded-bug.js";

export interface RunOptions {
  /** Where the simulator and the source are compiled to, with a slash at the end. */
  readonly compiled: URL;
  readonly from: number;
  readonly seeds: number;
  readonly minutes: number;
}

/** What became of a bug. `broken`: the run says nothing about it, since it did not load the bug or did not come to its end. */
export type RunResult =
  | { readonly kind: "caught"; readonly seed: number; readonly violation: string }
  | { readonly kind: "missed"; readonly progress: string }
  | { readonly kind: "broken"; readonly why: string };

/** A run that has not ended so long after its time is up hangs. */
const GRACE_MS = 60_000;

/** Runs the simulator with a bug planted, in a process of its own and those that it starts, up to the first failing seed. */
export async function runPlanted(bug: SeededBug, options: RunOptions): Promise<RunResult> {
  const { compiled, from, seeds, minutes } = options;
  const runner = new URL("test/simulation/run.js", compiled).pathname;
  const plant = new URL("test/simulation/seeded-bugs/plant.js", compiled).href;
  const limits = ["--from", String(from), "--seeds", String(seeds), "--minutes", String(minutes)];
  const child = spawn(process.execPath, [runner, ...limits, "--stop-at-first", "--no-shrink", "--workers", "1"], {
    env: { ...process.env, [SEEDED_BUG_VARIABLE]: bug.name, NODE_OPTIONS: `--import=${plant}` },
    stdio: ["ignore", "pipe", "pipe"],
    timeout: minutes * 60_000 + GRACE_MS,
    killSignal: "SIGKILL",
  });
  const closed = once(child, "close");
  const output: string[] = [];
  const errors: string[] = [];
  createInterface({ input: child.stdout }).on("line", (line) => output.push(line));
  createInterface({ input: child.stderr }).on("line", (line) => errors.push(line));
  await closed;
  if (!errors.includes(plantedLine(bug))) {
    return { kind: "broken", why: `src/${bug.file} was not loaded; ${errors.at(-1) ?? "nothing on stderr"}` };
  }
  const caught = firstFailure(output);
  if (caught !== undefined) return caught;
  if (child.exitCode === 0) return { kind: "missed", progress: output.at(-1) ?? "" };
  const end = child.signalCode ?? `exit code ${String(child.exitCode)}`;
  return { kind: "broken", why: `${end}; ${errors.slice(-5).join("\n")}` };
}

/** The runner tells `first failing seed: N`, and what was wrong in the lines after it. */
function firstFailure(output: readonly string[]): RunResult | undefined {
  const index = output.findIndex((line) => /^first failing seed: \d+$/.test(line));
  if (index === -1) return undefined;
  const seed = Number(output[index]?.split(": ")[1]);
  const violation = output.slice(index + 1).find((line) => line.trim() !== "") ?? "";
  return { kind: "caught", seed, violation: violation.trim() };
}
