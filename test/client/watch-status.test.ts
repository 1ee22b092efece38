import t, { type Test } from "tap";
import { StatusClient } from "../../src/client/status-client.js";
import { type WatchItem, type WatchOptions, watchStatus } from "../../src/client/watch-status.js";
import type { Connection } from "../../src/transport/transport.js";
import { MemoryTransport } from "../../src/transport/memory.js";
import { FakeServer, silent } from "./fake-server.js";
import { EMPTY_SNAPSHOT, ringEvent } from "./status-messages.js";

const transport = new MemoryTransport();

/** A status port that answers each subscription with a snapshot and one event. */
function startMaster(t: Test): Promise<FakeServer> {
  return FakeServer.start(
    t,
    ({ type }, connection) => {
      if (type !== "subscribe") return;
      connection.send(EMPTY_SNAPSHOT);
      connection.send(ringEvent(1));
    },
    transport,
  );
}

function watch(t: Test, port: number, options: WatchOptions = {}) {
  const items = watchStatus({ ...options, port, transport });
  t.teardown(() => items.return?.());
  const next = async (): Promise<WatchItem | undefined> => (await items.next()).value;
  const take = async (count: number) => {
    const types: unknown[] = [];
    for (let n = 0; n < count; n++) types.push((await next())?.type);
    return types;
  };
  return { items, next, take };
}

t.test("a watch tells that the master answers, then its snapshot and what happens", async (t) => {
  const server = await startMaster(t);
  const { take } = watch(t, server.port);
  t.strictSame(await take(3), ["connected", "snapshot", "event"]);
});

t.test("a lost connection is told with its reason, and a new snapshot comes by itself", async (t) => {
  const server = await startMaster(t);
  const { next, take } = watch(t, server.port);
  await take(3);
  server.drop();
  t.match(await next(), { type: "lost", error: { code: "UNAVAILABLE", message: /was lost/ } });
  t.strictSame(await take(3), ["connected", "snapshot", "event"]);
  t.equal(server.connections.length, 2);
});

t.test("where no master is, that is told once, however often it is tried; one that comes is found", async (t) => {
  const server = await startMaster(t);
  await server.stop();
  let attempts = 0;
  const counting = {
    listen: transport.listen.bind(transport),
    connect: (...args: Parameters<MemoryTransport["connect"]>) => {
      attempts += 1;
      if (attempts === 4) void server.listen();
      return transport.connect(...args);
    },
  };
  const items = watchStatus({ port: server.port, transport: counting });
  t.teardown(() => items.return?.());
  t.match((await items.next()).value, { type: "lost", error: { code: "UNAVAILABLE" } });
  t.match((await items.next()).value, { type: "connected" });
  t.ok(attempts >= 4);
});

t.test("a master that says nothing is given up; one that only waits for its watcher is not", async (t) => {
  const silenceMs = 300;
  const quiet = await FakeServer.start(t, silent, transport);
  const given = watch(t, quiet.port, { silenceMs });
  t.match(await given.next(), { type: "lost", error: { code: "UNAVAILABLE", message: /nothing for 300 ms/ } });

  const server = await startMaster(t);
  const slow = watch(t, server.port, { silenceMs });
  t.strictSame(await slow.take(1), ["connected"]);
  void given.next();
  // By the third connection the second one's silence is over, which began after the slow watcher's last item.
  await quiet.until(() => quiet.connections.length > 2);
  t.strictSame(await slow.take(2), ["snapshot", "event"]);
  t.equal(server.connections.length, 1);
});

t.test("a refused subscription is told, and asked for again", async (t) => {
  const server = await FakeServer.start(
    t,
    (_, connection) => connection.send({ type: "resp", code: "OVERLOADED" }),
    transport,
  );
  const { next } = watch(t, server.port);
  t.match(await next(), { type: "lost", error: { code: "OVERLOADED" } });
  void next();
  await server.requestsReach(2);
});

t.test("the end of the loop ends the connection, and a wait that is under way", async (t) => {
  const server = await startMaster(t);
  const { items, next, take } = watch(t, server.port);
  await take(3);
  const waiting = next();
  t.strictSame(await items.return?.(), { value: undefined, done: true });
  t.equal(await waiting, undefined);
  await server.until(() => server.closed === 1);
  t.strictSame(await items.next(), { value: undefined, done: true });
});

t.test("the signal ends a watch: while it is connected, while it tries, and before it began", async (t) => {
  const server = await startMaster(t);
  for (const port of [server.port, 1]) {
    const ending = new AbortController();
    const { next, take } = watch(t, port, { signal: ending.signal });
    await take(port === 1 ? 1 : 3);
    const waiting = next();
    ending.abort();
    t.equal(await waiting, undefined);
  }
  const { next } = watch(t, server.port, { signal: AbortSignal.abort() });
  t.equal(await next(), undefined);
});

t.test("a status client's attempt to connect ends with its signal, with the signal's reason", async (t) => {
  const server = await startMaster(t);
  const reason = new Error("enough");
  const ending = new AbortController();
  const connecting = StatusClient.connect({ port: server.port, transport, signal: ending.signal });
  ending.abort(reason);
  await t.rejects(connecting, reason);
  await t.rejects(StatusClient.connect({ port: server.port, transport, signal: ending.signal }), reason);
});

t.test("a master that does not let the watch in ends it, one that did before is tried again", async (t) => {
  const server = await startMaster(t);
  const refuse = (_: object, connection: Connection) =>
    connection.send({ type: "resp", code: "UNAUTHORIZED", message: "This token does not open the status port." });
  const { answer } = server;
  server.answer = refuse;
  await t.rejects(watch(t, server.port, { token: "t" }).next(), { code: "UNAUTHORIZED", message: /does not open/ });
  await t.rejects(
    watch(t, server.port).next(),
    { code: "UNAUTHORIZED" },
    "a server that nobody has introduced himself to",
  );
  server.answer = answer;
  const { next, take } = watch(t, server.port);
  await take(3);
  server.answer = refuse;
  server.drop();
  t.match(await next(), { type: "lost" });
  server.answer = answer;
  t.strictSame(await take(2), ["connected", "snapshot"]);
});
