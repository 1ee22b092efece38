import t from "tap";
import { RingkvClient } from "../../src/client/client.js";
import { introducing } from "../../src/client/introducing-transport.js";
import { MemoryTransport } from "../../src/transport/memory.js";
import { Recorder } from "../transport/recorder.js";
import { FakeServer } from "./fake-server.js";

const WELCOME = { type: "resp", id: 0, message: "Welcome" };

t.test("a connection is there when the server has taken the token, and not before", async (t) => {
  const server = await FakeServer.start(t, ({ type, id }, connection) => {
    connection.send(type === "auth" ? WELCOME : { type: "resp", id, message: "pong" });
  });
  const client = await RingkvClient.connect({ port: server.port, token: "a-token-of-the-client" });
  await client.ping();
  await client.close();
  t.match(server.requests, [{ type: "auth", token: "a-token-of-the-client" }, { type: "ping" }]);
});

t.test("the server's refusal is the reason for which there is no connection", async (t) => {
  const server = await FakeServer.start(t, (_, connection) =>
    connection.send({ type: "resp", code: "UNAUTHORIZED", message: "This token does not open the client port." }),
  );
  await t.rejects(RingkvClient.connect({ port: server.port, token: "another-token" }), {
    code: "UNAUTHORIZED",
    message: "This token does not open the client port.",
  });
  await server.until(() => server.closed === 1);
});

t.test("a server that closes, or makes no sense, is UNAVAILABLE; one that speaks out of turn is refused", async (t) => {
  for (const [answer, code] of [
    [undefined, "UNAVAILABLE"],
    ["no json\n", "UNAVAILABLE"],
    [`${JSON.stringify(WELCOME)}\n${JSON.stringify(WELCOME)}\n`, "BAD_REQUEST"],
  ] as const) {
    const server = await FakeServer.start(t, (_, connection) => {
      if (answer === undefined) connection.destroy();
      else connection.sendLine(answer);
    });
    await t.rejects(RingkvClient.connect({ port: server.port, token: "t" }), { code });
  }
});

t.test("a server that never answers is given up in time, or when the caller says so", async (t) => {
  const server = await FakeServer.start(t, () => undefined);
  const transport = introducing(new MemoryTransport(), "t");
  const target = { host: "127.0.0.1", port: server.port, frameBytesMax: 1_000 };
  await t.rejects(RingkvClient.connect({ port: server.port, token: "t", connectTimeoutMs: 20 }), {
    code: "UNAVAILABLE",
    message: /no answer in 20 ms/,
  });
  const silent = await transport.listen({ ...target, port: 0 }, () => new Recorder().handlers);
  const reason = new Error("changed my mind");
  const ending = new AbortController();
  const connecting = transport.connect(
    { ...target, ...silent.address, signal: ending.signal },
    new Recorder().handlers,
  );
  setImmediate(() => setImmediate(() => ending.abort(reason)));
  await t.rejects(connecting, reason);
  await silent.close();
});

t.test("a client that the server turns away without being asked knows why, and that nothing took effect", async (t) => {
  const server = await FakeServer.start(t, (_, connection) => {
    connection.send({ type: "resp", code: "UNAUTHORIZED", message: "This port speaks TLS only." });
    connection.end();
  });
  const client = await RingkvClient.connect({ port: server.port });
  t.teardown(() => client.close());
  const refusal = { code: "UNAUTHORIZED", message: "This port speaks TLS only." };
  await Promise.all([t.rejects(client.get("k"), refusal), t.rejects(client.put("k", "v"), refusal)]);
});
