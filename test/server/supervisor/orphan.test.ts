import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import t from "tap";
import { untilGone } from "./fake-cluster.js";

const OWNER = fileURLToPath(new URL("orphan-owner.ts", import.meta.url));

/** Starts a supervisor in a process of its own; resolves with the pids of its daemons. */
async function startOwner(
  data: string,
  pause: boolean,
): Promise<{ readonly owner: ChildProcess; readonly pids: readonly number[] }> {
  const owner = spawn(process.execPath, [...process.execArgv, OWNER, data, String(pause)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  for await (const line of createInterface({ input: owner.stdout })) {
    return { owner, pids: JSON.parse(line) as number[] };
  }
  throw new Error("the owner ended without a word");
}

t.test("a supervisor killed with SIGKILL leaves no orphans", async (t) => {
  const { owner, pids } = await startOwner(t.testdir(), false);
  t.equal(pids.length, 3);
  owner.kill("SIGKILL");
  await Promise.all(pids.map(untilGone));
});

t.test("a supervisor killed with SIGKILL leaves no orphans, a paused one neither", async (t) => {
  const { owner, pids } = await startOwner(t.testdir(), true);
  owner.kill("SIGKILL");
  await Promise.all(pids.map(untilGone));
  t.equal(pids.length, 3);
});
