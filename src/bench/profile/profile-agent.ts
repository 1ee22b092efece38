/**
 * Loaded into each process of a cluster that is profiled (`NODE_OPTIONS=--import`): a SIGUSR2 begins a CPU profile, the next
 * one writes it to `$RINGKV_PROFILE_DIR/PID.cpuprofile`. So a profile holds the measured time and nothing else.
 */
import { renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CpuProfiler } from "./cpu-profiler.js";

const directory = process.env["RINGKV_PROFILE_DIR"];
let running: Promise<CpuProfiler> | undefined;

if (directory !== undefined) process.on("SIGUSR2", () => void toggle(directory));

async function toggle(to: string): Promise<void> {
  if (running === undefined) {
    running = CpuProfiler.start();
    return;
  }
  const profiler = await running;
  running = undefined;
  const path = join(to, `${process.pid}.cpuprofile`);
  writeFileSync(`${path}.part`, await profiler.stop());
  // Whoever waits for the file finds it whole.
  renameSync(`${path}.part`, path);
}
