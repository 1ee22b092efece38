import { readFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import type { SlaveId } from "../../../src/protocol/ids.js";
import { IDS, fakeCluster, isAlive, openAdmin } from "./fake-cluster.js";

const [S1, S2] = IDS as [SlaveId, SlaveId];

function pidOf(supervisor: ReturnType<typeof fakeCluster>["supervisor"], name: string): number {
  const pid = supervisor.slaves.find((slave) => slave.name === name)?.pid;
  if (pid === undefined) throw new Error(`${name} is not up`);
  return pid;
}

/** Resolves when the system shows the process as stopped by a signal. */
async function untilStopped(pid: number): Promise<void> {
  while (!readFileSync(`/proc/${pid.toString()}/stat`, "utf8").includes(") T ")) {
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

t.test("start brings up one process each, and stop ends them all", async (t) => {
  const { supervisor, notices } = fakeCluster(t.testdir());
  await supervisor.start();
  const pids = [supervisor.master.pid, ...supervisor.slaves.map((slave) => slave.pid ?? 0)];
  t.equal(new Set(pids).size, 3);
  t.ok(pids.every(isAlive));
  await supervisor.stop();
  t.notOk(pids.some(isAlive));
  t.same(notices, [], "an end that was asked for is no news");
});

t.test("each daemon has a data directory and a log of its own", async (t) => {
  const data = t.testdir();
  const { supervisor } = fakeCluster(data);
  await supervisor.start();
  await supervisor.stop();
  t.match(readFileSync(join(data, "logs", "master.log"), "utf8"), `--data=${join(data, "master")}`);
  const log = readFileSync(join(data, "logs", "s2.log"), "utf8");
  t.match(log, `--data=${join(data, "slave-20")}`);
  t.match(log, "--master=127.0.0.1:2222");
});

t.test("kill resolves when the process is really gone, and the slave stays dead", async (t) => {
  const { supervisor } = fakeCluster(t.testdir());
  t.teardown(() => supervisor.stop());
  await supervisor.start();
  const pid = pidOf(supervisor, "s1");
  t.equal(await supervisor.control("kill", S1), "s1 killed");
  t.notOk(isAlive(pid));
  t.match(supervisor.slaves, [
    { name: "s1", state: "down" },
    { name: "s2", state: "up" },
  ]);
});

t.test("what does not fit a slave's state is refused and says what the state is", async (t) => {
  const { supervisor } = fakeCluster(t.testdir());
  t.teardown(() => supervisor.stop());
  await supervisor.start();
  await t.rejects(supervisor.control("start", S1), { code: "BAD_REQUEST", message: "s1 is already up" });
  await t.rejects(supervisor.control("resume", S1), { code: "BAD_REQUEST", message: "s1 is not paused" });
  await supervisor.control("pause", S1);
  await t.rejects(supervisor.control("pause", S1), { code: "BAD_REQUEST", message: "s1 is already paused" });
  await supervisor.control("kill", S1);
  await t.rejects(supervisor.control("kill", S1), { code: "BAD_REQUEST", message: "s1 is already down" });
  await t.rejects(supervisor.control("pause", S1), { code: "BAD_REQUEST", message: "s1 is already down" });
  await t.rejects(supervisor.control("kill", "30" as SlaveId), { code: "NOT_SUPERVISED" });
});

t.test("start and restart bring a slave back as a new process", async (t) => {
  const { supervisor } = fakeCluster(t.testdir());
  t.teardown(() => supervisor.stop());
  await supervisor.start();
  const first = pidOf(supervisor, "s1");
  await supervisor.control("kill", S1);
  t.equal(await supervisor.control("start", S1), "s1 is up");
  const second = pidOf(supervisor, "s1");
  t.equal(await supervisor.control("restart", S1), "s1 is up");
  t.equal(new Set([first, second, pidOf(supervisor, "s1")]).size, 3);
  t.notOk(isAlive(second));
});

t.test("a start waits for a death that its parent has not heard of yet", async (t) => {
  const { supervisor } = fakeCluster(t.testdir());
  t.teardown(() => supervisor.stop());
  await supervisor.start();
  const first = pidOf(supervisor, "s1");
  process.kill(first, "SIGKILL");
  t.equal(supervisor.slaves[0]?.state, "up", "as far as it knows");
  t.equal(await supervisor.control("start", S1), "s1 is up");
  t.not(pidOf(supervisor, "s1"), first);
});

t.test(
  "a process that is started with a point dies there, which is no failure, and the one after it lives",
  async (t) => {
    const data = t.testdir();
    const { supervisor, notices } = fakeCluster(data);
    t.teardown(() => supervisor.stop());
    await supervisor.start();
    await supervisor.control("kill", S1);
    t.equal(await supervisor.control("start", S1, "before:replay"), "s1 died at before:replay");
    t.match(supervisor.slaves, [{ state: "down" }, {}]);
    t.equal(await supervisor.control("start", S1, "after:send-ready"), "s1 is up");
    t.equal(await supervisor.control("restart", S1, "after:replay"), "s1 died at after:replay");
    t.equal(await supervisor.control("start", S1), "s1 is up");
    const points = [...readFileSync(join(data, "logs", "s1.log"), "utf8").matchAll(/failpoint (.*)/g)];
    t.strictSame(
      points.map(([, point]) => point),
      ["undefined", "before:replay", "after:send-ready", "after:replay", "undefined"],
    );
    t.strictSame(notices, ["s1 died (SIGKILL)", "s1 died (SIGKILL)"]);
  },
);

t.test("an armed master dies at its next start, and the one after that serves again", async (t) => {
  const { supervisor, notices, noticed } = fakeCluster(t.testdir());
  t.teardown(() => supervisor.stop());
  await supervisor.start();
  const admin = await openAdmin(supervisor.master.status.port);
  t.match(await admin.ask({ type: "failpoint", id: 3, point: "before:save-epoch" }), {
    type: "resp",
    id: 3,
    message: "the next master dies at before:save-epoch",
  });
  admin.close();
  await supervisor.killMaster();
  await noticed(/^master was started again$/);
  t.strictSame(notices, ["master died (SIGKILL)", "master died at before:save-epoch", "master was started again"]);
});

t.test("a paused slave can be resumed, restarted, killed and stopped", async (t) => {
  const { supervisor } = fakeCluster(t.testdir());
  t.teardown(() => supervisor.stop());
  await supervisor.start();
  t.equal(await supervisor.control("pause", S1), "s1 paused");
  await untilStopped(pidOf(supervisor, "s1"));
  t.equal(await supervisor.control("resume", S1), "s1 resumed");
  await supervisor.control("pause", S1);
  await supervisor.control("restart", S1);
  await supervisor.control("pause", S1);
  await supervisor.control("pause", S2);
  t.equal(await supervisor.control("kill", S2), "s2 killed");
  const pid = pidOf(supervisor, "s1");
  await supervisor.stop();
  t.notOk(isAlive(pid));
});

t.test("a process that ignores SIGTERM is killed when its time is over", async (t) => {
  const { supervisor } = fakeCluster(t.testdir(), "10=stubborn", { stopTimeoutMs: 50 });
  await supervisor.start();
  const pid = pidOf(supervisor, "s1");
  await supervisor.stop();
  t.notOk(isAlive(pid));
});

t.test("a slave that dies is told and stays dead", async (t) => {
  const { supervisor, noticed } = fakeCluster(t.testdir());
  t.teardown(() => supervisor.stop());
  await supervisor.start();
  process.kill(pidOf(supervisor, "s2"), "SIGKILL");
  await noticed(/^s2 died \(SIGKILL\)$/);
  t.match(supervisor.slaves, [{ state: "up" }, { state: "down" }]);
});

t.test("with restart, a slave that dies is started again", async (t) => {
  const { supervisor, noticed } = fakeCluster(t.testdir(), "", { restart: true });
  t.teardown(() => supervisor.stop());
  await supervisor.start();
  process.kill(pidOf(supervisor, "s2"), "SIGKILL");
  await noticed(/^s2 was started again$/);
  t.match(supervisor.slaves, [{ state: "up" }, { state: "up" }]);
});

t.test("a master that dies is started again on its old ports, and the supervisor reports to it again", async (t) => {
  const { supervisor, noticed } = fakeCluster(t.testdir());
  t.teardown(() => supervisor.stop());
  await supervisor.start();
  const { status, pid } = supervisor.master;
  (await openAdmin(status.port)).close();
  process.kill(pid, "SIGKILL");
  await noticed(/^master was started again$/);
  const admin = await openAdmin(status.port);
  t.match(await admin.ask({ type: "kill", id: 1, slaveId: S1 }), { type: "resp", id: 1, message: "s1 killed" });
  admin.close();
});

t.test("the master's commands are carried out and answered once they have happened", async (t) => {
  const { supervisor } = fakeCluster(t.testdir());
  t.teardown(() => supervisor.stop());
  await supervisor.start();
  const pid = pidOf(supervisor, "s1");
  const admin = await openAdmin(supervisor.master.status.port);
  t.match(await admin.ask({ type: "kill", id: 7, slaveId: S1 }), { type: "resp", id: 7, message: "s1 killed" });
  t.notOk(isAlive(pid));
  t.match(await admin.ask({ type: "kill", id: 8, slaveId: S1 }), {
    type: "resp",
    id: 8,
    code: "BAD_REQUEST",
    message: "s1 is already down",
  });
  admin.close();
});

t.test("nonsense from the master is told and harms nothing", async (t) => {
  const { supervisor, noticed } = fakeCluster(t.testdir());
  t.teardown(() => supervisor.stop());
  await supervisor.start();
  const admin = await openAdmin(supervisor.master.status.port);
  admin.send({ type: "explode" });
  await noticed(/^trouble with the master: /);
  t.match(await admin.ask({ type: "kill", id: 7, slaveId: S1 }), { message: "s1 killed" });
  admin.close();
});

t.test("a daemon that announces a failure fails the start with its code and message", async (t) => {
  const { supervisor } = fakeCluster(t.testdir(), "20=fail");
  t.teardown(() => supervisor.stop());
  await t.rejects(supervisor.start(), { code: "STORAGE", message: "s2: the disk is on fire" });
});

t.test("a daemon that ends before it is ready fails the start with how it ended", async (t) => {
  const { supervisor } = fakeCluster(t.testdir(), "master=exit");
  t.teardown(() => supervisor.stop());
  await t.rejects(supervisor.start(), { message: /^master: .*exit code 7/ });
});

t.test("a daemon that announces something else fails the start", async (t) => {
  const { supervisor } = fakeCluster(t.testdir(), "10=garbage");
  t.teardown(() => supervisor.stop());
  await t.rejects(supervisor.start(), { code: "INTERNAL", message: /^s1: .*no ready line/ });
});

t.test("a daemon that is never ready is killed when its time is over, and can be started again", async (t) => {
  const { supervisor } = fakeCluster(t.testdir(), "10=silent", { startTimeoutMs: 2_000 });
  t.teardown(() => supervisor.stop());
  await t.rejects(supervisor.start(), { code: "TIMEOUT" });
  process.env["FAKE"] = "";
  t.equal(await supervisor.control("start", S1), "s1 is up");
});

t.test("a command that cannot be run fails the start", async (t) => {
  const { supervisor } = fakeCluster(t.testdir(), "", { command: ["/nonexistent/ringkv"] });
  await t.rejects(supervisor.start(), { message: /could not be started/ });
  await supervisor.stop();
});

t.test("a stop in the middle of the start leaves no process behind", async (t) => {
  const data = t.testdir();
  const { supervisor } = fakeCluster(data, "10=silent");
  const starting = supervisor.start();
  const failed = t.rejects(starting);
  while (supervisor.slaves[1]?.state !== "up") await new Promise((resolve) => setTimeout(resolve, 5));
  const pid = pidOf(supervisor, "s2");
  await supervisor.stop();
  await failed;
  t.notOk(isAlive(pid));
  t.match(supervisor.slaves, [{ state: "down" }, { state: "down" }]);
  await t.rejects(supervisor.control("start", S1), { code: "SHUTTING_DOWN" });
});

t.test("a restart that the stop overtakes starts nothing", async (t) => {
  const { supervisor } = fakeCluster(t.testdir());
  await supervisor.start();
  const restarting = t.rejects(supervisor.control("restart", S1), { code: "SHUTTING_DOWN" });
  await supervisor.stop();
  await restarting;
  t.match(supervisor.slaves, [{ state: "down" }, { state: "down" }]);
});
