import t, { type Test } from "tap";
import { MasterFailpoints } from "../../../src/server/failpoints.js";
import { decodeMessage, statusPortMessage } from "../../../src/protocol/messages.js";
import type { FromSlave, ToSlave } from "../../../src/protocol/messages.js";
import { MasterControl } from "../../../src/server/master/master-control.js";
import { audited } from "../../../src/server/status/audit.js";
import { serveStatus, type StatusPortHost } from "../../../src/server/status/status-port.js";
import { FakeConnection } from "../fake-connection.js";
import { ScriptedRing, member, until } from "../master/scripted-ring.js";

const ADDRESS = { host: "127.0.0.1", port: 8080 };

/** The shipped master with s1 linked, and what s1 was asked. */
async function scene(t: Test) {
  const ring = new ScriptedRing([member("1", "5"), member("2", "5")]);
  ring.master.start({ client: ADDRESS, registration: ADDRESS, status: ADDRESS });
  t.teardown(() => ring.master.stop());
  const asked: ToSlave[] = [];
  const answer = (message: ToSlave): FromSlave | undefined => {
    asked.push(message);
    if (message.type === "copiesreq") return { type: "copies", id: message.id, copies: [], more: false };
    return message.type === "failpoint" ? { type: "resp", id: message.id } : undefined;
  };
  const registration = await ring.register({ id: "1", epochSeen: "5", answer });
  await until(() => ring.isLinked("1"));
  return { ring, asked, registration, ...visit(audited(ring.master, new FakeConnection())) };
}

/** One connection to a master's status port. */
function visit(host: StatusPortHost) {
  const connection = new FakeConnection();
  const handlers = serveStatus(host, connection);
  const heard = () => connection.sent.map((message) => decodeMessage(statusPortMessage, JSON.stringify(message)));
  let id = 0;
  /** The answer to one request. */
  const ask = async (request: object) => {
    id += 1;
    const isAnswer = (message: object) => "id" in message && message.id === id;
    handlers.onFrames([JSON.stringify({ ...request, id })]);
    await until(() => heard().some(isAnswer));
    return heard().find(isAnswer);
  };
  return { connection, handlers, heard, ask };
}

t.test("kill at a point arms it in the running slave and says so in its status", async (t) => {
  const { ring, asked, ask } = await scene(t);
  t.match(await ask({ type: "kill", slave: "s1", point: "after:prepare-forced#2" }), {
    message:
      "s1 will die after force-prepared #2; no supervisor keeps it, so nobody will be able to start it again from here",
  });
  t.match(asked, [{ type: "failpoint", point: "after:force-prepared#2" }]);
  t.equal(ring.master.view.find("s1").failpoint, "after:force-prepared#2");
  visit(ring.master).handlers.onFrames([JSON.stringify({ type: "supervise", slaves: ["1"] })]);
  t.match(await ask({ type: "kill", slave: "s1", point: "before:ready-sent" }), {
    message: "s1 will die before send-ready",
  });
});

t.test("what cannot be armed is refused with the reason", async (t) => {
  const { asked, ask } = await scene(t);
  t.match(await ask({ type: "kill", slave: "s2", point: "after:apply" }), { code: "REPLICA_DOWN", message: /^s2: / });
  t.match(await ask({ type: "kill", slave: "s1", point: "after:dinner" }), {
    code: "BAD_REQUEST",
    message: /before:replay, .*after:force-forgotten/,
  });
  t.match(await ask({ type: "kill", slave: "s1", point: "before:replay" }), {
    code: "BAD_REQUEST",
    message: /only when it starts/,
  });
  t.match(await ask({ type: "pause", slave: "s1", point: "after:apply" }), { code: "BAD_REQUEST" });
  t.strictSame(asked, []);
});

t.test("a slave tells with its registration where it will die, and with its end that is over", async (t) => {
  const { ring } = await scene(t);
  await ring.register({ id: "2", epochSeen: "5", failpoint: "after:send-ready" });
  t.equal(ring.master.view.find("s2").failpoint, "after:send-ready");
  ring.master.faults.set(ring.master.view.find("s2").id, { kind: "partition" });
  t.match(ring.master.view.find("s2"), { state: "down", failpoint: undefined });
});

t.test("start with a point asks the supervisor, and a slave that stays down has died of it", async (t) => {
  const { ring, ask } = await scene(t);
  const supervisor = visit(ring.master);
  supervisor.handlers.onFrames([JSON.stringify({ type: "supervise", slaves: ["1", "2"] })]);
  const answer = ask({ type: "start", slave: "s2", point: "before:replay" });
  t.match(supervisor.connection.sent, [{ type: "start", slaveId: "2", point: "before:replay" }]);
  supervisor.handlers.onFrames([JSON.stringify({ type: "resp", id: 0, message: "s2 died at before:replay" })]);
  t.match(await answer, { message: "s2 died before replay" });

  const later = ask({ type: "restart", slave: "s1", point: "after:epoch-forced" });
  supervisor.handlers.onFrames([JSON.stringify({ type: "resp", id: 1, message: "s1 is up" })]);
  t.match(await later, { message: "s1 is up and will die after force-epoch" });
});

t.test("kill master answers, and dies when the answer has left", async (t) => {
  const order: string[] = [];
  const { ring } = await scene(t);
  const failpoints = new MasterFailpoints(() => order.push("died"));
  const { view, control, feed, slaveControl, faults, stepMode } = ring.master;
  const masterControl = new MasterControl(control, failpoints);
  const { ask, connection } = visit({ view, control, feed, slaveControl, faults, stepMode, masterControl });
  connection.flush = () => order.push(`flushed ${connection.sent.length}`);

  t.match(await ask({ type: "kill", slave: "master" }), { code: "NOT_SUPERVISED", message: /nobody would start/ });
  const supervisor = visit(ring.master);
  supervisor.handlers.onFrames([JSON.stringify({ type: "supervise", slaves: [] })]);
  for (const type of ["pause", "resume", "start", "restart"]) {
    t.match(await ask({ type, slave: "master" }), { code: "BAD_REQUEST" }, type);
  }
  t.strictSame(order, []);
  const sent = connection.sent.length;
  t.match(await ask({ type: "kill", slave: "master" }), { message: "the master dies now" });
  t.strictSame(order, [`flushed ${sent + 1}`, "died"]);

  t.match(await ask({ type: "kill", slave: "master", point: "after:prepare-sent" }), {
    message: "the master will die after send-prepare",
  });
  t.equal(failpoints.armed?.spec, "after:send-prepare");
  t.equal(order.length, 2, "it lives until then");

  const answer = ask({ type: "kill", slave: "master", point: "before:epoch-saved" });
  t.match(supervisor.connection.sent, [{ type: "failpoint", point: "before:save-epoch" }]);
  t.equal(order.length, 2, "not before the supervisor knows");
  supervisor.handlers.onFrames([JSON.stringify({ type: "resp", id: 0, message: "armed" })]);
  t.match(await answer, { message: "the master dies now, and the next one before save-epoch" });
  t.equal(order.at(-1), "died");
});

t.test("a fault is told in the answer, the status, an event and the log, and ends with `none`", async (t) => {
  const { ring, heard, ask } = await scene(t);
  await ask({ type: "statusreq" });
  ring.master.feed.flush();
  const watcher = visit(ring.master);
  watcher.handlers.onFrames([JSON.stringify({ type: "subscribe" })]);
  t.match(await ask({ type: "fault", slave: "s1", fault: { kind: "delay", ms: 50 } }), {
    message: "the master hears s1 50 ms later",
  });
  ring.master.feed.flush();
  t.match(
    watcher.heard().filter((message) => message.type === "event" && message.event !== "metrics"),
    [
      { event: "slave", slave: { name: "s1", fault: { kind: "delay", ms: 50 } } },
      { event: "log", text: /^delay s1: the master hears s1 50 ms later \[by / },
    ],
  );
  await ask({ type: "fault", slave: "s1", fault: { kind: "none" } });
  await ask({ type: "statusreq" });
  const last = heard().at(-1);
  t.equal(last?.type === "snapshot" && last.slaves[0]?.fault, undefined);
  t.match(await ask({ type: "fault", slave: "s9", fault: { kind: "drop" } }), { code: "BAD_REQUEST" });
  t.match(await ask({ type: "fault", slave: "s1", fault: { kind: "delay", ms: 0 } }), { code: "BAD_REQUEST" });
});

t.test("a partition drops the slave at once, a silence does not", async (t) => {
  const { ring, registration, ask } = await scene(t);
  await ask({ type: "fault", slave: "s1", fault: { kind: "drop" } });
  t.equal(ring.master.view.find("s1").state, "up");
  await ask({ type: "fault", slave: "s1", fault: { kind: "partition" } });
  t.equal(ring.master.view.find("s1").state, "down");
  t.ok(registration.isDestroyed);
});

t.test("step mode is switched, told in the snapshot, and refuses a `next` without anything held", async (t) => {
  const { ring, ask } = await scene(t);
  t.match(await ask({ type: "step", mode: "on" }), { message: /^step mode is on/ });
  t.match(await ask({ type: "statusreq" }), { step: { on: true, held: [] } });
  t.match(await ask({ type: "step", mode: "next" }), { code: "BAD_REQUEST", message: "Nothing is held." });
  t.match(await ask({ type: "step", mode: "off" }), { message: "step mode is off" });
  t.equal(ring.master.view.find("s1").state, "up");
});

t.test("copies are asked of the slave, under its name", async (t) => {
  const { asked, ask } = await scene(t);
  t.match(await ask({ type: "copiesreq", slave: "1", after: "b" }), {
    type: "copies",
    node: "s1",
    copies: [],
    more: false,
  });
  t.match(asked, [{ type: "copiesreq", after: "b", limit: 1_000 }]);
  t.match(await ask({ type: "copiesreq", slave: "s2" }), { code: "REPLICA_DOWN", message: /^s2: / });
});
