import t, { type Test } from "tap";
import { Feed } from "../../src/client/feed.js";
import { StatusClient } from "../../src/client/status-client.js";
import type { Snapshot, StatusEvent } from "../../src/protocol/messages.js";
import { LIMITS } from "../../src/protocol/limits.js";
import { FakeServer, type FakeRequest, silent } from "./fake-server.js";
import { EMPTY_SNAPSHOT as snapshot, ringEvent } from "./status-messages.js";
import type { Connection } from "../../src/transport/transport.js";

/** A master's status port with one event after the snapshot. */
function status({ type, id, slave = "" }: FakeRequest, connection: Connection): void {
  if (type === "statusreq") connection.send({ ...snapshot, id });
  else if (type === "subscribe") {
    connection.send(snapshot);
    connection.send(ringEvent(1));
  } else if (slave === "s9") connection.send({ type: "resp", id, code: "NOT_SUPERVISED" });
  else connection.send({ type: "resp", id, message: `${type} ${slave}` });
}

async function connect(t: Test, server: FakeServer): Promise<StatusClient> {
  const client = await StatusClient.connect({ port: server.port });
  t.teardown(() => client.close());
  return client;
}

t.test("a snapshot answers its request", async (t) => {
  const client = await connect(t, await FakeServer.start(t, status));
  t.match(await client.snapshot(), { type: "snapshot", info: { epoch: "3" } });
});

t.test("process control resolves with the answer's message and rejects with its code", async (t) => {
  const client = await connect(t, await FakeServer.start(t, status));
  t.equal(await client.process("kill", "s1"), "kill s1");
  await t.rejects(client.process("restart", "s9"), { name: "RingkvError", code: "NOT_SUPERVISED" });
});

t.test("points, faults, steps and copies are asked for as the protocol has them", async (t) => {
  const asked: object[] = [];
  const copies = [{ key: "city", opId: "3.17", digest: "0123456789abcdef" }];
  const server = await FakeServer.start(t, (request, connection) => {
    const { id, ...rest } = request;
    asked.push(rest);
    if (rest.type === "copiesreq") connection.send({ type: "copies", id, node: "s1", copies, more: true });
    else connection.send({ type: "resp", id, message: `done: ${rest.type}` });
  });
  const client = await connect(t, server);
  t.equal(await client.process("kill", "s1", { point: "after:apply" }), "done: kill");
  t.equal(await client.fault("s1", { kind: "delay", ms: 5 }), "done: fault");
  t.equal(await client.step("next"), "done: step");
  t.strictSame(await client.copies("s1", { after: "b", limit: 3 }), { copies, more: true });
  t.strictSame(asked, [
    { type: "kill", slave: "s1", point: "after:apply" },
    { type: "fault", slave: "s1", fault: { kind: "delay", ms: 5 } },
    { type: "step", mode: "next" },
    { type: "copiesreq", slave: "s1", after: "b", limit: 3 },
  ]);
});

t.test("a subscription gives the snapshot, then events, and ends when the connection does", async (t) => {
  const server = await FakeServer.start(t, status);
  const client = await connect(t, server);
  const items: unknown[] = [];
  for await (const item of client.subscribe()) {
    items.push(item.type === "event" ? item.seq : item.type);
    if (item.type === "event") server.drop();
  }
  t.strictSame(items, ["snapshot", 1]);
  t.throws(() => client.subscribe(), { code: "UNAVAILABLE" });
  await t.rejects(client.snapshot(), { code: "UNAVAILABLE" });
});

t.test("answers arrive while a subscription runs", async (t) => {
  const client = await connect(t, await FakeServer.start(t, status));
  for await (const item of client.subscribe()) {
    if (item.type !== "event") continue;
    t.equal(await client.process("kill", "s1"), "kill s1");
    t.match(await client.snapshot(), { type: "snapshot" });
    break;
  }
});

t.test("a second subscription is refused while one runs, and taken after it", async (t) => {
  const client = await connect(t, await FakeServer.start(t, status));
  const first = client.subscribe();
  t.throws(() => client.subscribe(), { code: "BAD_REQUEST" });
  await first.return?.();
  const second = client.subscribe();
  t.match(await second.next(), { value: { type: "snapshot" } });
});

t.test("a refused subscription throws the refusal", async (t) => {
  const server = await FakeServer.start(t, (_, connection) => connection.send({ type: "resp", code: "UNAUTHORIZED" }));
  const client = await connect(t, server);
  await t.rejects(client.subscribe().next(), { code: "UNAUTHORIZED" });
});

t.test(
  "process control without an answer is OUTCOME_UNKNOWN, a snapshot UNAVAILABLE; nothing is asked again",
  async (t) => {
    const server = await FakeServer.start(t, silent);
    const client = await connect(t, server);
    const outcomes = Promise.allSettled([client.process("kill", "s1"), client.snapshot()]);
    await server.requestsReach(2);
    server.drop();
    const [kill, snap] = await outcomes;
    t.match(kill, { reason: { code: "OUTCOME_UNKNOWN" } });
    t.match(snap, { reason: { code: "UNAVAILABLE" } });
    t.equal(server.connections.length, 1);
  },
);

t.test("a malformed message ends the connection, the requests and the subscription", async (t) => {
  for (const line of [
    "garbage\n",
    '{"type":"event","event":"unheard of"}\n',
    '{"type":"kill","id":1,"slaveId":"1"}\n',
  ]) {
    const server = await FakeServer.start(t, (_, connection) => connection.sendLine(line));
    const client = await connect(t, server);
    const pending = t.rejects(client.snapshot(), { code: "UNAVAILABLE" });
    const feed = client.subscribe();
    await pending;
    t.strictSame(await feed.next(), { value: undefined, done: true });
  }
});

t.test("close ends the subscription and may be called again", async (t) => {
  const server = await FakeServer.start(t, silent);
  const client = await connect(t, server);
  const next = client.subscribe().next();
  await Promise.all([client.close(), client.close()]);
  t.strictSame(await next, { value: undefined, done: true });
  await server.until(() => server.closed === 1);
});

t.test("a program that falls behind gets every item up to the limit, then one gap with the exact count", async (t) => {
  const feed = new Feed(() => undefined);
  const extra = 10;
  feed.push(snapshot as unknown as Snapshot);
  for (let seq = 1; seq < LIMITS.feedItemsMax + extra; seq++) feed.push(ringEvent(seq) as unknown as StatusEvent);
  feed.push({ type: "gap", missed: 5 });
  const seqs: unknown[] = [];
  for (let n = 0; n < LIMITS.feedItemsMax; n++) {
    const { value } = await feed.next();
    seqs.push(value !== undefined && "seq" in value && value.seq);
  }
  t.strictSame(
    seqs,
    Array.from({ length: LIMITS.feedItemsMax }, (_, n) => n),
  );
  t.strictSame(await feed.next(), { done: false, value: { type: "gap", missed: extra + 5 } });
  const next = feed.next();
  feed.push(ringEvent(9_999) as unknown as StatusEvent);
  t.match(await next, { value: { seq: 9_999 } });
});

t.test("a gap stands where the events are missing, before what was pushed after it", async (t) => {
  const feed = new Feed(() => undefined);
  for (let seq = 1; seq <= LIMITS.feedItemsMax + 1; seq++) feed.push(ringEvent(seq) as unknown as StatusEvent);
  await feed.next();
  feed.push(ringEvent(9_999) as unknown as StatusEvent);
  feed.end();
  const rest: unknown[] = [];
  for await (const item of feed) rest.push(item.type === "event" ? item.seq : item);
  t.strictSame(rest.slice(-2), [{ type: "gap", missed: 1 }, 9_999]);
});
