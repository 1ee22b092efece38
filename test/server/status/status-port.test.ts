import t, { type Test } from "tap";
import { StatusClient } from "../../../src/client/status-client.js";
import { RingkvError } from "../../../src/protocol/errors.js";
import type { SlaveId } from "../../../src/protocol/ids.js";
import { LIMITS } from "../../../src/protocol/limits.js";
import { decodeMessage, statusPortMessage } from "../../../src/protocol/messages.js";
import { audited } from "../../../src/server/status/audit.js";
import { serveStatus, type StatusPortHost } from "../../../src/server/status/status-port.js";
import { MemoryTransport } from "../../../src/transport/memory.js";
import { FakeConnection } from "../fake-connection.js";
import { ScriptedRing, member, until } from "../master/scripted-ring.js";

const ADDRESS = { host: "127.0.0.1", port: 8080 };

/** The shipped master of s1 and s2, as yet without them; its ports are said to be open. */
function master(t: Test) {
  const ring = new ScriptedRing([member("1", "5"), member("2", "5")]);
  ring.master.start({ client: ADDRESS, registration: ADDRESS, status: ADDRESS });
  t.teardown(() => ring.master.stop());
  return ring;
}

/** One connection to a master's status port, whose messages are read as they are sent. */
function visit(host: StatusPortHost, connection = new FakeConnection()) {
  const handlers = serveStatus(host, connection);
  const ask = (...requests: object[]) => handlers.onFrames(requests.map((request) => JSON.stringify(request)));
  const heard = () => connection.sent.map((message) => decodeMessage(statusPortMessage, JSON.stringify(message)));
  return { connection, handlers, ask, heard };
}

t.test("the master's own cache is told at once, under the name by which it was asked for", async (t) => {
  const { ask, heard } = visit(master(t).master);
  ask({ type: "cachereq", id: 1, node: "master" });
  await until(() => heard().length === 1);
  t.match(heard(), [{ type: "cache", id: 1, node: "master", sets: 4, ways: 2, used: 0, contents: [], more: false }]);
});

t.test(
  "a slave's cache is asked of it; without it that is REPLICA_DOWN, and an unknown node BAD_REQUEST",
  async (t) => {
    const { ask, heard } = visit(master(t).master);
    ask({ type: "cachereq", id: 1, node: "s2" });
    await until(() => heard().length === 1);
    ask({ type: "cachereq", id: 2, node: "s9" });
    await until(() => heard().length === 2);
    t.match(heard(), [
      { id: 1, code: "REPLICA_DOWN", message: /^s2: /, retriable: true },
      { id: 2, code: "BAD_REQUEST", message: /there are: s1, s2/ },
    ]);
  },
);

t.test("pages are of 1 to 64 sets, logs of 1 to 2,000 lines", (t) => {
  const { ask, heard } = visit(master(t).master);
  ask(
    { type: "cachereq", id: 1, node: "master", count: 65 },
    { type: "cachereq", id: 2, node: "master", from: -1 },
    { type: "logsreq", id: 3, limit: 0 },
    { type: "logsreq", id: 4, limit: 2_001 },
  );
  t.match(
    heard(),
    [1, 2, 3, 4].map((id) => ({ id, code: "BAD_REQUEST" })),
  );
  t.end();
});

t.test("logs are told of one node or of all, the master's own lines among them", (t) => {
  const { master: daemon } = master(t);
  const { ask, heard } = visit(daemon);
  daemon.logLine("2" as SlaveId, { time: Date.now() + 1_000, level: "info", text: "from s2" });
  ask({ type: "logsreq", id: 1 }, { type: "logsreq", id: 2, node: "s2" }, { type: "logsreq", id: 3, node: "s1" });
  t.match(heard(), [
    { type: "logs", id: 1, lines: [{ text: /the master of epoch 5 serves/ }, { slave: "2", text: "from s2" }] },
    { id: 2, lines: [{ text: "from s2" }] },
    { id: 3, lines: [] },
  ]);
  t.end();
});

t.test("a watcher hears the master's lines and the slaves', those with the time of who wrote them", (t) => {
  const { master: daemon } = master(t);
  const { ask, heard } = visit(daemon);
  ask({ type: "subscribe" });
  daemon.log("warn", "mine");
  daemon.logLine("1" as SlaveId, { time: 17, level: "debug", text: "its" });
  daemon.feed.flush();
  const [, ...events] = heard();
  t.match(events, [
    { event: "log", level: "warn", text: "mine" },
    { event: "log", slave: "1", time: 17, text: "its" },
  ]);
  t.notOk("slave" in (events[0] ?? {}));
  t.end();
});

t.test("what an admin does to the ring is a line of the log: what, what came of it, and who he is", async (t) => {
  const { master: daemon, log } = master(t);
  const admin = new FakeConnection();
  const { ask, heard } = visit(audited(daemon, admin), admin);
  ask({ type: "pause", id: 1, slave: "s1" });
  await until(() => heard().length === 1);
  t.match(log.at(-1), /^pause s1: NOT_SUPERVISED .* \[by 127\.0\.0\.1:40000\]$/);
  const supervisor = visit(daemon);
  supervisor.ask({ type: "supervise", slaves: ["1"] });
  t.equal(log.at(-1), "supervise: 1 slaves are kept [by 127.0.0.1:40000]");
  ask({ type: "pause", id: 2, slave: "s1" });
  supervisor.ask({ type: "resp", id: 0, message: "s1 paused" });
  await until(() => heard().length === 2);
  t.equal(log.at(-1), "pause s1: s1 paused [by 127.0.0.1:40000]");
  ask({ type: "fault", id: 3, slave: "1", fault: { kind: "delay", ms: 5 } });
  t.equal(log.at(-1), "delay s1: the master hears s1 5 ms later [by 127.0.0.1:40000]");
  ask({ type: "step", id: 4, mode: "on" }, { type: "step", id: 5, mode: "off" }, { type: "step", id: 6, mode: "next" });
  t.match(log.slice(-3), [/^step on: /, /^step off: /, /^step next: BAD_REQUEST /]);
  ask({ type: "kill", id: 7, slave: "master", point: "after:answer" });
  await until(() => heard().length === 7);
  t.match(log.at(-1), /^kill master after:answer: NOT_SUPERVISED|^kill master after:answer: the master will die/);
});

t.test("who does not take its answers is refused and not read further, until it has taken them", (t) => {
  const { connection, handlers, ask, heard } = visit(master(t).master);
  connection.queuedBytes = LIMITS.writeQueueBytesMax;
  ask({ type: "statusreq", id: 1 }, { type: "logsreq", id: 2 }, { type: "subscribe" });
  t.match(heard(), [{ id: 1, code: "OVERLOADED" }, { id: 2, code: "OVERLOADED" }, { code: "OVERLOADED" }]);
  t.equal(connection.isPaused, true);
  connection.queuedBytes = 0;
  handlers.onDrain?.();
  t.equal(connection.isPaused, false);
  ask({ type: "statusreq", id: 3 });
  t.match(heard().at(-1), { type: "snapshot", id: 3 });
  t.end();
});

t.test("answers that take their time are owed in a bounded number", async (t) => {
  const waiting: ((error: RingkvError) => void)[] = [];
  const { feed, control, view, masterControl, faults, stepMode } = master(t).master;
  const slaveControl = { run: () => new Promise<string>((_, reject) => waiting.push(reject)) };
  const { ask, heard } = visit({ feed, control, view, slaveControl, masterControl, faults, stepMode });
  for (let id = 0; id <= LIMITS.requestsInFlightMax; id++) ask({ type: "kill", id, slave: "s1" });
  t.match(heard(), [{ id: LIMITS.requestsInFlightMax, code: "OVERLOADED" }]);
  for (const reject of waiting) reject(new RingkvError("NOT_SUPERVISED"));
  await until(() => heard().length === LIMITS.requestsInFlightMax + 1);
  ask({ type: "kill", id: 5_000, slave: "s1" });
  t.equal(waiting.length, LIMITS.requestsInFlightMax + 1, "there is room again");
});

t.test("the client library asks for caches and logs", async (t) => {
  const { master: daemon } = master(t);
  const transport = new MemoryTransport();
  const listener = await transport.listen({ host: "127.0.0.1", port: 0, frameBytesMax: 10_000 }, (connection) =>
    serveStatus(daemon, connection),
  );
  const client = await StatusClient.connect({ port: listener.address.port, transport });
  t.teardown(() => client.close());
  t.match(await client.cache("master", { from: 1, count: 3 }), { node: "master", sets: 4, contents: [] });
  await t.rejects(client.cache("s1"), { code: "REPLICA_DOWN" });
  t.match(await client.logs({ node: "master", limit: 5 }), [{ text: /epoch 5/ }]);
  await t.rejects(client.logs({ node: "nobody" }), { code: "BAD_REQUEST" });
});
