/** A generator process: takes jobs from its parent (generators.ts), one after the other, and ends when that is gone. */
import { writeFile } from "node:fs/promises";
import { RingkvError } from "../../protocol/errors.js";
import { CpuProfiler } from "../profile/cpu-profiler.js";
import { ClosedLoop } from "./closed-loop.js";
import { fill } from "./fill.js";
import type { FromGenerator, LoadJob, ToGenerator } from "./job.js";
import type { Load } from "./load.js";
import { OpenLoop } from "./open-loop.js";
import type { Wire } from "./wire.js";

let load: Load | undefined;
let profiling: { readonly profiler: CpuProfiler; readonly path: string } | undefined;

process.on("message", (message: ToGenerator) => void take(message).catch(fail));
process.on("disconnect", () => process.exit());

async function take(message: ToGenerator): Promise<void> {
  switch (message.type) {
    case "fill":
      tell({ type: "result", result: await fill(message, await wireOf(message), tellProgress) });
      return;
    case "load":
      load = loadOf(message);
      await load.start(await wireOf(message));
      tell({ type: "started" });
      return;
    case "measure":
      if (message.profile !== undefined) profiling = { profiler: await CpuProfiler.start(), path: message.profile };
      load?.measure();
      return;
    case "stop":
      await stop();
  }
}

async function stop(): Promise<void> {
  const result = await load?.stop();
  load = undefined;
  if (profiling !== undefined) await writeFile(profiling.path, await profiling.profiler.stop());
  profiling = undefined;
  if (result !== undefined) tell({ type: "result", result });
}

function loadOf(job: LoadJob): Load {
  const { rate } = job.workload;
  return rate === undefined ? new ClosedLoop(job, fail) : new OpenLoop(job, rate, fail);
}

async function wireOf({ wire }: { readonly wire: string }): Promise<Wire> {
  return (await import(wire)) as Wire;
}

function tellProgress(done: number): void {
  tell({ type: "progress", done });
}

function fail(error: unknown): void {
  const code = error instanceof RingkvError ? error.code : "INTERNAL";
  tell({ type: "failed", code, message: error instanceof Error ? error.message : String(error) });
}

function tell(message: FromGenerator): void {
  process.send?.(message);
}
