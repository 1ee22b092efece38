import { mock } from "node:test";
import t from "tap";
import { RingkvError } from "../../../src/protocol/errors.js";
import type { SlaveId } from "../../../src/protocol/ids.js";
import { ProcessControl } from "../../../src/server/status/process-control.js";
import { FakeConnection } from "../fake-connection.js";

const S1 = "1" as SlaveId;

t.test("a command goes to the supervisor that keeps the slave, and its answer comes back", async (t) => {
  const control = new ProcessControl();
  const [other, keeper] = [new FakeConnection(), new FakeConnection()];
  control.supervise(other, ["2" as SlaveId]);
  control.supervise(keeper, [S1]);
  const answer = control.run("kill", S1);
  t.strictSame(other.sent, []);
  t.match(keeper.sent, [{ type: "kill", slaveId: S1 }]);
  const { id } = keeper.sent[0] as { id: number };
  control.answered(other, id, "not mine to answer");
  control.answered(keeper, id, "s1 killed");
  t.equal(await answer, "s1 killed");
  t.strictSame([...control.supervised], ["2", S1]);
});

t.test("a supervisor's refusal is the command's", async (t) => {
  const control = new ProcessControl();
  const keeper = new FakeConnection();
  control.supervise(keeper, [S1]);
  const answer = control.run("kill", S1);
  control.answered(keeper, 0, new RingkvError("BAD_REQUEST", "s1 is already down"));
  await t.rejects(answer, { code: "BAD_REQUEST", message: "s1 is already down" });
});

t.test("without a supervisor nothing can be controlled", async (t) => {
  await t.rejects(new ProcessControl().run("kill", S1), { code: "NOT_SUPERVISED" });
});

t.test("a supervisor that leaves fails what it was asked", async (t) => {
  const control = new ProcessControl();
  const keeper = new FakeConnection();
  control.supervise(keeper, [S1]);
  const answer = control.run("start", S1);
  control.remove(keeper);
  await t.rejects(answer, { code: "UNAVAILABLE" });
  await t.rejects(control.run("start", S1), { code: "NOT_SUPERVISED" });
});

t.test("a point goes with the command, and one for the next master to a supervisor", async (t) => {
  const control = new ProcessControl();
  const keeper = new FakeConnection();
  await t.rejects(control.armNextMaster("before:save-epoch"), { code: "NOT_SUPERVISED" });
  t.equal(control.isSupervised, false);
  control.supervise(keeper, [S1]);
  t.equal(control.isSupervised, true);
  const started = control.run("start", S1, "before:replay");
  const armed = control.armNextMaster("before:save-epoch");
  t.strictSame(keeper.sent, [
    { type: "start", slaveId: S1, point: "before:replay", id: 0 },
    { type: "failpoint", point: "before:save-epoch", id: 1 },
  ]);
  control.answered(keeper, 1, "armed");
  control.answered(keeper, 0, "s1 died");
  t.strictSame(await Promise.all([started, armed]), ["s1 died", "armed"]);
});

t.test("a supervisor that never answers is TIMEOUT; what it says afterwards is no one's answer", async (t) => {
  mock.timers.enable({ apis: ["setTimeout"] });
  t.teardown(() => mock.timers.reset());
  const control = new ProcessControl();
  const keeper = new FakeConnection();
  control.supervise(keeper, [S1]);
  const asked = [control.run("kill", S1), control.run("start", S1), control.armNextMaster("before:save-epoch")];
  const ends = asked.map((answer) =>
    answer.then(String, (error: unknown) => (error instanceof RingkvError ? error.code : "none")),
  );
  mock.timers.tick(8_000);
  t.strictSame(await Promise.all([ends[0], ends[2]]), ["TIMEOUT", "TIMEOUT"]);
  control.answered(keeper, 0, "s1 killed");
  mock.timers.tick(36_000);
  control.answered(keeper, 1, "s1 is up");
  t.equal(await ends[1], "s1 is up", "a start may take as long as a recovery");
  const next = control.run("pause", S1);
  control.answered(keeper, 3, "s1 paused");
  t.equal(await next, "s1 paused", "the next command is asked and answered as ever");
});
