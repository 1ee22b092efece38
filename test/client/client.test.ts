import { execFile } from "node:child_process";
import net from "node:net";
import { promisify } from "node:util";
import t, { type Test } from "tap";
import { type ClientOptions, RingkvClient } from "../../src/client/client.js";
import { findStatusAddress } from "../../src/client/status-address.js";
import { MemoryTransport } from "../../src/transport/memory.js";
import { FakeServer, echo, silent } from "./fake-server.js";

const clusterInfo = {
  version: "0.1.0",
  pid: 4711,
  epoch: "3",
  hash: "xxh64",
  client: { host: "127.0.0.1", port: 8080 },
  registration: { host: "127.0.0.1", port: 9090 },
  status: { host: "0.0.0.0", port: 8081 },
  ringSize: 1,
  ringComplete: true,
  slaves: [{ id: "1", name: "s1", state: "up" }],
};

async function connect(t: Test, server: FakeServer, options: ClientOptions = {}): Promise<RingkvClient> {
  const client = await RingkvClient.connect({ port: server.port, ...options });
  t.teardown(() => client.close());
  return client;
}

t.test("requests and answers", (t) => {
  t.test("get, put and del carry the version", async (t) => {
    const client = await connect(t, await FakeServer.start(t, echo));
    t.strictSame(await client.get("city"), { value: "city", opId: "1.1" });
    t.strictSame(await client.put("city", "Paris"), { opId: "1.2" });
    t.strictSame(await client.del("city"), { opId: "1.2" });
  });

  t.test("a key that does not exist is undefined for get and an error for del", async (t) => {
    const server = await FakeServer.start(t, ({ id }, connection) =>
      connection.send({ type: "resp", id, code: "KEY_NOT_FOUND", message: "Key does not exist", retriable: false }),
    );
    const client = await connect(t, server);
    t.equal(await client.get("k"), undefined);
    await t.rejects(client.del("k"), { name: "RingkvError", code: "KEY_NOT_FOUND", message: "Key does not exist" });
  });

  t.test("an empty value is a value", async (t) => {
    const server = await FakeServer.start(t, ({ id }, connection) =>
      connection.send({ type: "resp", id, value: "", opId: "1.1" }),
    );
    t.match(await (await connect(t, server)).get("k"), { value: "" });
  });

  t.test("an error has the answer's code and message, and says whether to try again", async (t) => {
    const server = await FakeServer.start(t, ({ id }, connection) =>
      connection.send({ type: "resp", id, code: "REPLICA_DOWN", message: "@s1 := down" }),
    );
    const client = await connect(t, server);
    await t.rejects(client.put("k", "v"), { code: "REPLICA_DOWN", message: "@s1 := down", retriable: true });
  });

  t.test("answers may come in any order", async (t) => {
    const held: (() => void)[] = [];
    const server = await FakeServer.start(t, (request, connection) => {
      held.unshift(() => echo(request, connection));
      if (held.length === 3) for (const answer of held) answer();
    });
    const client = await connect(t, server);
    const order: string[] = [];
    const keys = ["a", "b", "c"];
    const values = await Promise.all(
      keys.map(async (key) => {
        const answer = await client.get(key);
        order.push(key);
        return answer?.value;
      }),
    );
    t.strictSame(values, keys);
    t.strictSame(order, ["c", "b", "a"]);
  });

  t.test("all requests of one turn leave in one write", async (t) => {
    const server = await FakeServer.start(t, echo);
    const client = await connect(t, server);
    const sockets = net.Socket.prototype as unknown as Record<string, (...args: unknown[]) => unknown>;
    const writes = t.capture(sockets, "write", sockets["write"]);
    const all = Promise.all(Array.from({ length: 100 }, (_, n) => client.get(`k${n}`)));
    await server.requestsReach(100);
    const requests = writes().filter(({ args }) => String(args[0]).includes("getreq"));
    t.equal(requests.length, 1);
    await all;
  });

  t.test("more requests than the master takes at once wait here and are all answered in turn", async (t) => {
    let most = 0;
    let open = 0;
    const server = await FakeServer.start(t, (request, connection) => {
      most = Math.max(most, ++open);
      setImmediate(() => {
        open--;
        echo(request, connection);
      });
    });
    const client = await connect(t, server);
    const answers = await Promise.all(Array.from({ length: 5_000 }, (_, n) => client.get(`k${n}`)));
    t.equal(answers.at(-1)?.value, "k4999");
    t.ok(most <= 1_024, `at most 1,024 at once, was ${most}`);
  });

  t.test("keys come page by page, and only as the loop asks for them", async (t) => {
    const pages: Record<string, { keys: string[]; more: boolean }> = {
      "": { keys: ["a1", "a2"], more: true },
      a2: { keys: ["a3"], more: false },
    };
    const server = await FakeServer.start(t, ({ id, after = "" }, connection) =>
      connection.send({ type: "resp", id, ...pages[after] }),
    );
    const client = await connect(t, server);
    const keys: string[] = [];
    for await (const key of client.keys({ prefix: "a" })) {
      keys.push(key);
      if (key === "a1") t.equal(server.requests.length, 1);
    }
    t.strictSame(keys, ["a1", "a2", "a3"]);
    t.match(server.requests, [
      { type: "keysreq", prefix: "a", after: "" },
      { type: "keysreq", prefix: "a", after: "a2" },
    ]);
  });

  t.test("a failing page ends the loop with its error", async (t) => {
    const server = await FakeServer.start(t, ({ id }, connection) =>
      connection.send({ type: "resp", id, code: "RING_INCOMPLETE" }),
    );
    const client = await connect(t, server);
    await t.rejects(client.keys().next(), { code: "RING_INCOMPLETE" });
  });

  t.test("ping, info and where", async (t) => {
    const server = await FakeServer.start(t, ({ id, type }, connection) => {
      if (type === "inforeq") connection.send({ type: "resp", id, info: clusterInfo });
      else if (type === "wherereq") connection.send({ type: "resp", id, hash: "7", replicas: ["1", "2"], set: 3 });
      else connection.send({ type: "resp", id, message: "pong" });
    });
    const client = await connect(t, server);
    await client.ping();
    t.strictSame(await client.info(), clusterInfo);
    t.strictSame(await client.where("k"), { hash: "7", replicas: ["1", "2"], set: 3 });
    t.strictSame(
      await findStatusAddress({ port: server.port }),
      { host: "127.0.0.1", port: 8081 },
      "an address for listening everywhere becomes one to connect to",
    );
  });

  t.test("bad input is refused here, with the master's codes, and nothing is sent", async (t) => {
    const server = await FakeServer.start(t, echo);
    const client = await connect(t, server);
    const notText = 7 as unknown as string;
    await t.rejects(client.get(""), { code: "KEY_EMPTY" });
    await t.rejects(client.get("é".repeat(129)), { code: "KEY_TOO_LONG" });
    await t.rejects(client.del(notText), { code: "BAD_REQUEST" });
    await t.rejects(client.put("\uD800", "v"), { code: "BAD_REQUEST" });
    await t.rejects(client.put("k", notText), { code: "BAD_REQUEST" });
    await t.rejects(client.put("k", "v".repeat(262_145)), { code: "VALUE_TOO_LONG" });
    await t.rejects(client.keys({ prefix: "p".repeat(257) }).next(), { code: "KEY_TOO_LONG" });
    await client.put("é".repeat(128), "v".repeat(262_144));
    t.equal(server.requests.length, 1);
  });
  t.end();
});

t.test("loss and reconnection", (t) => {
  t.test("a first connection that is refused is UNAVAILABLE at once", async (t) => {
    const server = await FakeServer.start(t, echo);
    await server.stop();
    await t.rejects(RingkvClient.connect({ port: server.port }), {
      code: "UNAVAILABLE",
      cause: { code: "ECONNREFUSED" },
    });
  });

  t.test("in flight at a loss, a read is asked again and an update is not", async (t) => {
    const server = await FakeServer.start(t, silent);
    const client = await connect(t, server);
    const outcomes = Promise.allSettled([client.get("r"), client.put("p", "v"), client.del("d")]);
    await server.requestsReach(3);
    server.answer = echo;
    server.drop();
    const [read, put, del] = await outcomes;
    t.match(read, { status: "fulfilled", value: { value: "r" } });
    t.match(put, { status: "rejected", reason: { code: "OUTCOME_UNKNOWN", retriable: false } });
    t.match(del, { status: "rejected", reason: { code: "OUTCOME_UNKNOWN" } });
    t.strictSame(
      server.requests.map(({ type }) => type),
      ["getreq", "putreq", "delreq", "getreq"],
    );
    t.equal(server.connections.length, 2);
  });

  t.test(
    "what is asked while disconnected waits for the connection, updates too, in the order of the calls",
    async (t) => {
      const transport = new MemoryTransport();
      const server = await FakeServer.start(t, echo, transport);
      const log = new StateLog();
      const client = await connect(t, server, { transport, onConnection: log.onConnection });
      await server.stop();
      await log.reaches(2);
      const outcomes = Promise.all([client.put("a", "1"), client.get("b"), client.del("c")]);
      await server.listen();
      t.match(await outcomes, [{ opId: "1.2" }, { value: "b" }, { opId: "1.2" }]);
      t.strictSame(
        server.requests.map(({ key }) => key),
        ["a", "b", "c"],
      );
      t.strictSame(log.states, ["connected", "disconnected", "connected"]);
    },
  );

  t.test("what waited for a connection in vain is UNAVAILABLE, updates too, and its cause is the loss", async (t) => {
    const server = await FakeServer.start(t, echo);
    const log = new StateLog();
    const client = await connect(t, server, { requestTimeoutMs: 60, onConnection: log.onConnection });
    await server.stop();
    await log.reaches(2);
    const expected = { code: "UNAVAILABLE", retriable: true, cause: { code: "UNAVAILABLE" } };
    await Promise.all([t.rejects(client.get("a"), expected), t.rejects(client.put("b", "1"), expected)]);
  });

  t.test("it connects again after many failures", async (t) => {
    const transport = new MemoryTransport();
    const server = await FakeServer.start(t, echo, transport);
    const client = await connect(t, server, { transport });
    await server.stop();
    // A listener that drops whoever comes.
    const unfriendly = await transport.listen({ host: "x", port: server.port, frameBytesMax: 100 }, (connection) => {
      server.connections.push(connection);
      connection.destroy();
      return { onFrames: () => undefined, onClose: () => undefined };
    });
    const answer = client.get("k");
    while (server.connections.length < 5) await new Promise((resolve) => setImmediate(resolve));
    await unfriendly.close();
    await server.listen();
    t.match(await answer, { value: "k" });
  });

  t.test("a request to a half-dead server ends: a read with TIMEOUT, an update with OUTCOME_UNKNOWN", async (t) => {
    const server = await FakeServer.start(t, silent);
    const client = await connect(t, server, { requestTimeoutMs: 60 });
    await Promise.all([
      t.rejects(client.get("k"), { code: "TIMEOUT" }),
      t.rejects(client.put("k", "v"), { code: "OUTCOME_UNKNOWN" }),
    ]);
  });

  t.test("a server that says nothing until a timeout is left, and the next connection serves", async (t) => {
    const server = await FakeServer.start(t, silent);
    const client = await connect(t, server, { requestTimeoutMs: 60 });
    await t.rejects(client.get("k"), { code: "TIMEOUT" });
    server.answer = echo;
    t.match(await client.get("k"), { value: "k" });
    t.equal(server.connections.length, 2);
  });

  t.test("a server that is slow with one request and answers others is kept", async (t) => {
    const server = await FakeServer.start(t, (request, connection) => {
      if (request.key !== "slow") echo(request, connection);
    });
    const client = await connect(t, server, { requestTimeoutMs: 60 });
    const slow = client.get("slow");
    t.match(await client.get("fast"), { value: "fast" });
    await t.rejects(slow, { code: "TIMEOUT" });
    t.match(await client.get("fast"), { value: "fast" });
    t.equal(server.connections.length, 1);
  });

  t.test("each request has its own deadline", async (t) => {
    const server = await FakeServer.start(t, silent);
    const client = await connect(t, server, { requestTimeoutMs: 80 });
    const ended: string[] = [];
    const call = (key: string) => client.get(key).catch(() => ended.push(key));
    const first = call("a");
    await new Promise((resolve) => setTimeout(resolve, 40));
    const start = performance.now();
    await Promise.all([first, call("b")]);
    t.strictSame(ended, ["a", "b"]);
    t.ok(performance.now() - start >= 79, "the first one's timeout does not end the second");
  });

  t.test("an answer that comes too late, or twice, is ignored", async (t) => {
    const server = await FakeServer.start(t, (request, connection) => {
      if (request.key === "late") return;
      connection.send({ type: "resp", id: 1, value: "too late", opId: "1.1" });
      echo(request, connection);
      echo(request, connection);
    });
    const client = await connect(t, server);
    const controller = new AbortController();
    const late = client.get("late", { signal: controller.signal });
    controller.abort();
    await t.rejects(late, { name: "AbortError" });
    t.match(await client.get("k"), { value: "k" });
    t.match(await client.get("l"), { value: "l" });
    t.equal(server.connections.length, 1);
  });
  t.end();
});

t.test("malformed answers cost the connection, never the process", (t) => {
  const garbage: Record<string, (id: number) => string> = {
    "no JSON": () => "garbage\n",
    "no object": () => "[1]\n",
    "another type": (id) => `{"type":"surprise","id":${id}}\n`,
    "a field of another type": (id) => `{"type":"resp","id":${id},"value":7}\n`,
    "a code that does not exist": (id) => `{"type":"resp","id":${id},"code":"MADE_UP"}\n`,
    "no id": () => '{"type":"resp","code":"BAD_FRAME","message":"What?"}\n',
    "an id that is no number": () => '{"type":"resp","id":"one"}\n',
    "success without the fields of success": (id) => `{"type":"resp","id":${id}}\n`,
    "a line without end": () => "x".repeat(1_100_000),
  };
  for (const [what, line] of Object.entries(garbage)) {
    t.test(`an answer with ${what}`, async (t) => {
      const server = await FakeServer.start(t, ({ id, key }, connection) => {
        if (key === "bad") connection.sendLine(line(id));
      });
      const client = await connect(t, server);
      const calls = Promise.allSettled([client.get("waits"), client.put("waits", "v"), client.get("bad")]);
      const [waits, update, bad] = await calls;
      t.match(waits, { reason: { code: "UNAVAILABLE", message: /malformed/ } });
      t.match(update, { reason: { code: "OUTCOME_UNKNOWN" } });
      t.match(bad, { reason: { code: "UNAVAILABLE", message: /malformed/ } });
      server.answer = echo;
      t.match(await client.get("k"), { value: "k" });
      t.equal(server.connections.length, 2);
    });
  }

  t.test("a page that promises more and has no keys does not loop", async (t) => {
    const server = await FakeServer.start(t, ({ id }, connection) =>
      connection.send({ type: "resp", id, keys: [], more: true }),
    );
    const client = await connect(t, server);
    await t.rejects(client.keys().next(), { code: "UNAVAILABLE" });
  });
  t.end();
});

t.test("AbortSignal", (t) => {
  t.test("an aborted request rejects with the signal's reason, in flight or not sent at all", async (t) => {
    const server = await FakeServer.start(t, silent);
    const client = await connect(t, server);
    const reason = new Error("enough");
    await t.rejects(client.get("k", { signal: AbortSignal.abort(reason) }), reason);
    const controller = new AbortController();
    const put = client.put("k", "v", { signal: controller.signal });
    await server.requestsReach(1);
    controller.abort(reason);
    await t.rejects(put, reason);
    t.strictSame(
      server.requests.map(({ type }) => type),
      ["putreq"],
    );
  });

  t.test("a request aborted while it waits for a connection is never sent", async (t) => {
    const transport = new MemoryTransport();
    const server = await FakeServer.start(t, echo, transport);
    const log = new StateLog();
    const client = await connect(t, server, { transport, onConnection: log.onConnection });
    await server.stop();
    await log.reaches(2);
    const controller = new AbortController();
    const put = client.put("aborted", "v", { signal: controller.signal });
    const get = client.get("wanted");
    controller.abort();
    await t.rejects(put, { name: "AbortError" });
    await server.listen();
    await get;
    t.strictSame(
      server.requests.map(({ key }) => key),
      ["wanted"],
    );
  });

  t.test("one signal may serve many requests and keeps nothing of those that ended", async (t) => {
    const warnings: string[] = [];
    const onWarning = (warning: Error) => warnings.push(warning.message);
    process.on("warning", onWarning);
    t.teardown(() => process.off("warning", onWarning));
    const client = await connect(t, await FakeServer.start(t, echo));
    const { signal } = new AbortController();
    const remove = t.capture(signal, "removeEventListener");
    await Promise.all(Array.from({ length: 100 }, (_, n) => client.get(`k${n}`, { signal })));
    t.equal(remove().length, 100);
    t.strictSame(warnings, []);
  });
  t.end();
});

t.test("close", (t) => {
  t.test("what waits rejects, later requests too, and it may be called again", async (t) => {
    const server = await FakeServer.start(t, silent);
    const client = await connect(t, server);
    const calls = Promise.allSettled([client.get("r"), client.put("u", "v")]);
    await server.requestsReach(2);
    await Promise.all([client.close(), client.close()]);
    const [read, update] = await calls;
    t.match(read, { reason: { code: "UNAVAILABLE" } });
    t.match(update, { reason: { code: "OUTCOME_UNKNOWN" } });
    await t.rejects(client.get("k"), { code: "UNAVAILABLE", message: /closed/ });
    await client.close();
    await server.until(() => server.closed === 1);
  });

  t.test("while disconnected it ends the attempts to connect", async (t) => {
    const server = await FakeServer.start(t, echo);
    const log = new StateLog();
    const client = await connect(t, server, { onConnection: log.onConnection });
    await server.stop();
    await log.reaches(2);
    const waiting = client.put("k", "v");
    const refused = t.rejects(waiting, { code: "UNAVAILABLE" });
    await client.close();
    await refused;
    await server.listen();
    t.strictSame(log.states, ["connected", "disconnected"]);
    t.equal(server.connections.length, 1);
  });

  t.test("await using closes", async (t) => {
    const server = await FakeServer.start(t, echo);
    {
      await using client = await RingkvClient.connect({ port: server.port });
      await client.ping();
    }
    await server.until(() => server.closed === 1);
    t.equal(server.closed, 1);
  });

  t.test("a process that closes its client ends, whatever the server does", async (t) => {
    const server = await FakeServer.start(t, silent);
    const program = `
      import { RingkvClient } from ${JSON.stringify(new URL("../../src/client/client.ts", import.meta.url).href)};
      const client = await RingkvClient.connect({ port: ${server.port} });
      const read = client.get("k").catch((error) => error.code);
      setTimeout(async () => { await client.close(); console.log(await read); }, 20);
    `;
    const args = [...process.execArgv, "--input-type=module", "--eval", program];
    const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: 20_000 });
    t.equal(stdout, "UNAVAILABLE\n");
  });
  t.end();
});

/** The connection's changes, as the hook tells them. */
class StateLog {
  readonly states: string[] = [];
  #onChange: (() => void) | undefined;
  readonly onConnection = (state: string): void => {
    this.states.push(state);
    this.#onChange?.();
  };

  async reaches(count: number): Promise<void> {
    while (this.states.length < count) {
      await new Promise<void>((resolve) => {
        this.#onChange = resolve;
      });
    }
  }
}
