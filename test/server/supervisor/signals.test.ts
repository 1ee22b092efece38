import { ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import type { SlaveId } from "../../../src/protocol/ids.js";
import { GUARD_PROGRAM } from "../../../src/server/supervisor/pause-guard.js";
import { IDS, fakeCluster } from "./fake-cluster.js";

const [S1] = IDS as [SlaveId];

t.test("no shell reads what stands in a daemon's arguments", async (t) => {
  const data = join(t.testdir(), "$(touch gone); `touch gone` 'a' \"b\" *");
  mkdirSync(data);
  const { supervisor } = fakeCluster(data);
  await supervisor.start();
  await supervisor.stop();
  t.match(readFileSync(join(data, "logs", "master.log"), "utf8"), `--data=${join(data, "master")}`);
  t.notOk(existsSync("gone"));
});

t.test("a process that has ended gets no signal any more, whoever has its pid now", async (t) => {
  const { supervisor } = fakeCluster(t.testdir());
  await supervisor.start();
  await supervisor.control("kill", S1);
  const signals = t.capture(ChildProcess.prototype, "kill");
  for (const verb of ["kill", "pause", "resume"] as const) {
    await t.rejects(supervisor.control(verb, S1), { code: "BAD_REQUEST", message: "s1 is already down" });
  }
  t.strictSame(signals(), []);
  signals.restore();
  await supervisor.stop();
});

t.test("the guard of paused processes wakes those that it was told of", { skip: noProc() }, async (t) => {
  t.equal(await stateAfterGuard(t, GUARD_PROGRAM), "awake");
});

t.test("the guard leaves a process alone that has taken over a pid", { skip: noProc() }, async (t) => {
  // The system tells another start of the process at the second look.
  const takenOver = `
    const fs = require("node:fs");
    const read = fs.readFileSync;
    let looks = 0;
    fs.readFileSync = (file, ...rest) => {
      const text = read(file, ...rest);
      return /^\\/proc/.test(file) && looks++ > 0 ? text.replace(/ (\\d+)/g, " 9$1") : text;
    };`;
  t.equal(await stateAfterGuard(t, takenOver + GUARD_PROGRAM), "stopped");
});

/** What has become of a stopped process when its guard has ended. */
async function stateAfterGuard(t: { teardown(handler: () => void): void }, program: string) {
  const sleeper = spawn(process.execPath, ["-e", "setInterval(() => undefined, 1000)"], { stdio: "ignore" });
  t.teardown(() => sleeper.kill("SIGKILL"));
  await once(sleeper, "spawn");
  sleeper.kill("SIGSTOP");
  const pid = (sleeper.pid ?? 0).toString();
  const isStopped = () => readFileSync(`/proc/${pid}/stat`, "utf8").includes(") T ");
  while (!isStopped()) await new Promise((resolve) => setImmediate(resolve));
  const guard = spawn(process.execPath, ["-e", program], { stdio: ["pipe", "ignore", "inherit"] });
  guard.stdin.end(`watch ${pid}\n`);
  await once(guard, "exit");
  return isStopped() ? "stopped" : "awake";
}

function noProc(): string | false {
  return existsSync("/proc/self/stat") ? false : "this system has no /proc";
}
