import t from "tap";
import { type BenchProgress, runBench } from "../../src/bench/bench.js";
import { MemoryTransport } from "../../src/transport/memory.js";
import { type FakeRequest, FakeServer, silent } from "../client/fake-server.js";
import type { Connection } from "../../src/transport/transport.js";

const short = { seconds: 0.05, warmupSeconds: 0.01, ceiling: false } as const;

function answer({ type }: FakeRequest, connection: Connection): void {
  if (type === "getreq") connection.send({ type: "resp", value: "v", opId: "1.1" });
  else connection.send({ type: "resp", message: "Success", opId: "1.1" });
}

t.test(
  "each operation is measured with each number of clients, and keys are written before they are read",
  async (t) => {
    const stored = new Set<string | undefined>();
    let missed = 0;
    const server = await FakeServer.start(t, (request, connection) => {
      if (request.type === "putreq") stored.add(request.key);
      else if (!stored.has(request.key)) missed++;
      answer(request, connection);
    });
    const steps: BenchProgress[] = [];
    const results = await runBench({
      port: server.port,
      clients: [1, 3],
      keys: 200,
      valueBytes: 7,
      operations: ["get", "put"],
      onProgress: (step) => steps.push(step),
      ...short,
    });
    t.strictSame(
      results.map(({ operation, clients }) => [operation, clients]),
      [
        ["get", 1],
        ["get", 3],
        ["put", 1],
        ["put", 3],
      ],
    );
    t.strictSame(steps, [
      { step: "fill", keys: 200 },
      ...results.map(({ operation, clients }) => ({ step: "measure", operation, clients })),
    ]);
    t.equal(stored.size, 200);
    t.equal(missed, 0);
    t.match(server.requests[0], { type: "putreq", value: "vvvvvvv" });
    for (const { ops, seconds, opsPerSecond, p50, p99, p999, max, errors } of results) {
      t.ok(ops > 0 && seconds >= 0.04, "timers may be early by a fraction of a millisecond");
      t.equal(opsPerSecond, ops / seconds);
      t.ok(p50 > 0 && p50 <= p99 && p99 <= p999 && p999 <= max);
      t.strictSame(errors, {});
    }
    await server.until(() => server.closed === server.connections.length);
  },
);

t.test("each client has one connection and one request in flight", async (t) => {
  const inFlight = new Map<Connection, number>();
  let most = 0;
  const server = await FakeServer.start(t, (request, connection) => {
    inFlight.set(connection, (inFlight.get(connection) ?? 0) + 1);
    most = Math.max(most, inFlight.get(connection) ?? 0);
    setImmediate(() => {
      inFlight.set(connection, (inFlight.get(connection) ?? 0) - 1);
      answer(request, connection);
    });
  });
  await runBench({ port: server.port, clients: [5], operations: ["put"], ...short });
  t.equal(server.connections.length, 5);
  t.equal(most, 1);
});

t.test("failures are counted by code and are no operations", async (t) => {
  let count = 0;
  const server = await FakeServer.start(t, (request, connection) => {
    if (++count % 2 === 0) connection.send({ type: "resp", code: "REPLICA_DOWN", message: "down" });
    else answer(request, connection);
  });
  const [result] = await runBench({ port: server.port, clients: [1], operations: ["put"], ...short, warmupSeconds: 0 });
  t.ok(result);
  t.strictSame(Object.keys(result?.errors ?? {}), ["REPLICA_DOWN"]);
  t.ok(Math.abs((result?.ops ?? 0) - (result?.errors.REPLICA_DOWN ?? 0)) <= 1);
});

t.test("a measurement without success has no latency, and says so with zeros", async (t) => {
  const server = await FakeServer.start(t, (_, connection) =>
    connection.send({ type: "resp", code: "RING_INCOMPLETE" }),
  );
  const [result] = await runBench({ port: server.port, clients: [1], operations: ["put"], ...short });
  t.match(result, { ops: 0, opsPerSecond: 0, p50: 0, p99: 0, p999: 0, max: 0 });
});

t.test("a master that refuses the keys ends the bench", async (t) => {
  const server = await FakeServer.start(t, (_, connection) =>
    connection.send({ type: "resp", code: "RING_INCOMPLETE" }),
  );
  const bench = runBench({ port: server.port, keys: 10, operations: ["get"], ...short });
  await t.rejects(bench, { code: "UNAVAILABLE", message: /RING_INCOMPLETE/ });
});

t.test("a master that is not there, or is lost on the way, ends the bench", async (t) => {
  const server = await FakeServer.start(t, (request, connection) => {
    if (server.requests.length > 20) server.drop();
    else answer(request, connection);
  });
  const options = { port: server.port, clients: [2], operations: ["put"], ...short, seconds: 60 } as const;
  await t.rejects(runBench(options), { code: "UNAVAILABLE", message: /lost/ });
  await server.stop();
  await t.rejects(runBench(options), { code: "UNAVAILABLE", cause: { code: "ECONNREFUSED" } });
});

t.test("a signal ends the bench and its connections", async (t) => {
  const server = await FakeServer.start(t, silent);
  const controller = new AbortController();
  const { signal } = controller;
  const bench = runBench({ port: server.port, clients: [2], operations: ["put"], ...short, seconds: 60, signal });
  await server.requestsReach(2);
  const reason = new Error("enough");
  controller.abort(reason);
  await t.rejects(bench, reason);
  await server.until(() => server.closed === 2);
  await t.rejects(runBench({ port: server.port, ...short, signal }), reason);
});

t.test("it runs over any transport", async (t) => {
  const transport = new MemoryTransport();
  const server = await FakeServer.start(t, answer, transport);
  const [result] = await runBench({ port: server.port, transport, clients: [2], operations: ["put"], ...short });
  t.ok((result?.ops ?? 0) > 0);
});

t.test("the generator's own ceiling is measured against a child process that ends with the bench", async (t) => {
  const server = await FakeServer.start(t, answer);
  const results = await runBench({
    port: server.port,
    clients: [1, 2],
    operations: ["put"],
    ...short,
    ceiling: true,
  });
  const echo = results.filter(({ operation }) => operation === "echo");
  t.strictSame(
    echo.map(({ clients }) => clients),
    [1, 2],
  );
  t.ok(echo.every(({ ops, errors }) => ops > 0 && Object.keys(errors).length === 0));
});
