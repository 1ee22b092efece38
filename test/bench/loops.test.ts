import { once } from "node:events";
import { type AddressInfo, type Socket, createServer } from "node:net";
import t from "tap";
import { ClosedLoop } from "../../src/bench/generator/closed-loop.js";
import type { GeneratorResult, LoadJob } from "../../src/bench/generator/job.js";
import * as lineWire from "../../src/bench/generator/line-wire.js";
import * as numberedWire from "../../src/bench/generator/numbered-line-wire.js";
import { OpenLoop } from "../../src/bench/generator/open-loop.js";
import { Latencies } from "../../src/bench/load/latencies.js";
import type { Workload } from "../../src/bench/load/workload.js";
import type { RingkvError } from "../../src/protocol/errors.js";

const ANSWER = '{"type":"resp","message":"Success","opId":"1.1"}\n';

/** Answers what `take` is told of: a connection, and the requests that have come in one chunk. */
async function startServer(
  t: { teardown(handler: () => void): unknown },
  take: (socket: Socket, requests: readonly string[]) => void,
): Promise<{ readonly port: number }> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.setEncoding("utf8").on("error", () => undefined);
    let pending = "";
    socket.on("data", (text: string) => {
      const lines = (pending + text).split("\n");
      pending = lines.pop() ?? "";
      take(socket, lines);
    });
  });
  t.teardown(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return { port: (server.address() as AddressInfo).port };
}

function job(port: number, workload: Partial<Workload>): LoadJob {
  const whole = {
    mix: "put",
    distribution: "uniform",
    keys: 10,
    valueBytes: 5,
    clients: 2,
    depth: 3,
    ...workload,
  } as const;
  return { type: "load", host: "127.0.0.1", port, wire: "", workload: whole, seed: 1, phase: 0 };
}

function latenciesOf({ latencies }: GeneratorResult): Latencies {
  const all = new Latencies();
  all.add(latencies.put);
  all.add(latencies.get);
  return all;
}

t.test("a closed loop has as many requests in flight on each connection as it may, and never more", async (t) => {
  const inFlight = new Map<Socket, number>();
  let most = 0;
  let answered = 0;
  const enough = deferred<undefined>();
  const { port } = await startServer(t, (socket, requests) => {
    inFlight.set(socket, (inFlight.get(socket) ?? 0) + requests.length);
    most = Math.max(most, inFlight.get(socket) ?? 0);
    setImmediate(() => {
      inFlight.set(socket, (inFlight.get(socket) ?? 0) - requests.length);
      if (!socket.destroyed) socket.write(ANSWER.repeat(requests.length));
      answered += requests.length;
      if (answered > 100) enough.resolve(undefined);
    });
  });
  const loop = new ClosedLoop(job(port, {}), (error) => t.fail(error.message));
  await loop.start(lineWire);
  loop.measure();
  await enough.promise;
  const result = await loop.stop();
  t.equal(inFlight.size, 2);
  t.equal(most, 3);
  t.ok(result.ops > 0 && result.ops <= answered);
  t.equal(latenciesOf(result).count, result.ops);
  t.strictSame(result.errors, {});
});

t.test("failures and answers without the value are counted by code, and are no operations", async (t) => {
  let count = 0;
  const enough = deferred<undefined>();
  const { port } = await startServer(t, (socket, requests) => {
    for (const request of requests) {
      t.match(request, /getreq/);
      socket.write(count++ % 2 === 0 ? '{"type":"resp","code":"IN_DOUBT"}\n' : "{}\n");
    }
    if (count > 50) enough.resolve(undefined);
  });
  const loop = new ClosedLoop(job(port, { mix: "get", clients: 1, depth: 1 }), (error) => t.fail(error.message));
  await loop.start(lineWire);
  loop.measure();
  await enough.promise;
  const { ops, errors } = await loop.stop();
  t.equal(ops, 0);
  t.strictSame(Object.keys(errors).sort(), ["IN_DOUBT", "SHORT_ANSWER"]);
});

t.test("a connection that is lost is told", async (t) => {
  const { port } = await startServer(t, (socket) => socket.destroy());
  const lost = deferred<RingkvError>();
  const loop = new ClosedLoop(job(port, { clients: 1 }), (error) => lost.resolve(error));
  await loop.start(lineWire);
  t.equal((await lost.promise).code, "UNAVAILABLE");
  await loop.stop();
});

t.test("an open loop charges a stall to every request that came due meanwhile", async (t) => {
  const RATE = 1_000;
  const STALL_MS = 200;
  let isStalled = false;
  const over = deferred<undefined>();
  const { port } = await startServer(t, (socket, requests) => {
    if (isStalled) {
      // The server's stall, and not a wait of the test.
      setTimeout(() => {
        socket.write(ANSWER.repeat(requests.length));
        over.resolve(undefined);
      }, STALL_MS);
      isStalled = false;
    } else socket.write(ANSWER.repeat(requests.length));
  });
  const loop = new OpenLoop(job(port, { clients: 1, depth: 1 }), RATE, (error) => t.fail(error.message));
  await loop.start(lineWire);
  loop.measure();
  isStalled = true;
  await over.promise;
  const result = await loop.stop();
  // A closed loop would have seen one slow request; here 200 came due in the stall, and half of them waited half of it.
  const slow = slowerThan(latenciesOf(result), STALL_MS / 2);
  t.ok(slow >= (RATE * STALL_MS) / 1_000 / 2 - 20, `${slow} slow requests`);
  t.strictSame(result.errors, {});
  const late = new Latencies();
  late.add(result.lateness);
  t.ok(late.maxMs > STALL_MS / 2, "it says how late they were sent");
});

t.test("an open loop sends what is due, and no more", async (t) => {
  const RATE = 2_000;
  let requests = 0;
  const enough = deferred<undefined>();
  const { port } = await startServer(t, (socket, lines) => {
    requests += lines.length;
    socket.write(ANSWER.repeat(lines.length));
    if (requests > 300) enough.resolve(undefined);
  });
  const loop = new OpenLoop(job(port, { clients: 4, depth: 50 }), RATE, (error) => t.fail(error.message));
  await loop.start(lineWire);
  loop.measure();
  await enough.promise;
  const { ops, elapsedMs, errors } = await loop.stop();
  t.ok(ops >= 250);
  t.ok(ops <= (RATE * elapsedMs) / 1_000 + 2, `${ops} in ${elapsedMs} ms`);
  t.strictSame(errors, {});
});

t.test("an open loop tells what it offered, and counts refusals and their latencies apart from answers", async (t) => {
  const RATE = 1_000;
  let count = 0;
  const enough = deferred<undefined>();
  const { port } = await startServer(t, (socket, lines) => {
    for (const line of lines) {
      const { id } = JSON.parse(line) as { readonly id: number };
      const answer = count++ % 4 === 0 ? '"message":"Success"' : '"code":"OVERLOADED"';
      socket.write(`{"type":"resp","id":${id},${answer}}\n`);
    }
    if (count > 300) enough.resolve(undefined);
  });
  const loop = new OpenLoop(job(port, { clients: 2, depth: 100 }), RATE, (error) => t.fail(error.message));
  await loop.start(numberedWire);
  loop.measure();
  await enough.promise;
  const { ops, errors, offered, refusals, elapsedMs } = await loop.stop();
  const refused = new Latencies();
  refused.add(refusals);
  t.equal(refused.count, errors["OVERLOADED"]);
  t.ok(refused.count > 2 * ops, `${refused.count} refused, ${ops} answered`);
  t.ok(Math.abs(offered - (RATE * elapsedMs) / 1_000) < 100, `${offered} in ${elapsedMs} ms`);
});

t.test("the time in which an open loop waits for its last answers is no part of the rate", async (t) => {
  const LATE_MS = 300;
  /** More than can be on their way when the measured time begins. */
  const SOME = 20;
  const begun = deferred<undefined>();
  let received = -Infinity;
  const { port } = await startServer(t, (socket, lines) => {
    // The server's own slowness, and not a wait of the test.
    setTimeout(() => socket.write(ANSWER.repeat(lines.length)), LATE_MS);
    received += lines.length;
    if (received >= SOME) begun.resolve(undefined);
  });
  const loop = new OpenLoop(job(port, { clients: 1, depth: 1_000 }), 1_000, (error) => t.fail(error.message));
  await loop.start(lineWire);
  received = 0;
  loop.measure();
  await begun.promise;
  const startMs = performance.now();
  const { elapsedMs, ops } = await loop.stop();
  t.ok(performance.now() - startMs > LATE_MS / 2);
  t.ok(ops > 0 && elapsedMs < LATE_MS / 2 + (performance.now() - startMs - LATE_MS), `${ops} in ${elapsedMs} ms`);
});

function slowerThan(latencies: Latencies, ms: number): number {
  let part = 0;
  while (part < 1 && latencies.percentile(part) <= ms) part += 0.005;
  return Math.round((1 - part) * latencies.count);
}

function deferred<Value>() {
  let resolve: (value: Value) => void = () => undefined;
  const promise = new Promise<Value>((settle) => (resolve = settle));
  return { promise, resolve: (value: Value) => resolve(value) };
}
