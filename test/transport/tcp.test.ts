import { once } from "node:events";
import net from "node:net";
import t, { type Test } from "tap";
import { tcpTransport } from "../../src/transport/tcp.js";
import type { Address, Connection } from "../../src/transport/transport.js";
import { connectPair, testTransport } from "./conformance.js";
import { Recorder } from "./recorder.js";

const tcp = () => ({
  transport: tcpTransport,
  resettable: async (address: Address) => {
    const socket = await rawConnect(address);
    return () => void socket.resetAndDestroy();
  },
});

t.test("the TCP transport is a Transport", (t) => {
  testTransport(t, tcp);
  t.end();
});

t.test("all that is sent in one turn leaves in one write, promise continuations included", async (t) => {
  const { near, farLog } = await connectPair(t, tcp());
  const writes = spyOn(t, net.Socket.prototype, "write");
  for (let n = 0; n < 50; n++) near.send({ n });
  await Promise.resolve();
  for (let n = 0; n < 50; n++) near.send({ n });
  await farLog.framesReach(100);
  t.equal(writes().length, 1);
});

t.test("a client that half-closes, as `nc -N` does, gets its answers", async (t) => {
  const listener = await tcpTransport.listen({ host: "127.0.0.1", port: 0, frameBytesMax: 100 }, (connection) => ({
    onFrames: (frames) =>
      setImmediate(() => frames.forEach((frame) => connection.sendLine(`answer ${String(frame)}\n`))),
    onEnd: () => setImmediate(() => setImmediate(() => connection.end())),
    onClose: () => undefined,
  }));
  t.teardown(() => listener.close());
  const socket = await rawConnect(listener.address);
  socket.end("one\r\ntwo");
  socket.setEncoding("utf8");
  let answers = "";
  for await (const text of socket) answers += text as string;
  t.equal(answers, "answer one\nanswer two\n");
});

t.test("invalid UTF-8 arrives as BAD_FRAME and the next line still works", async (t) => {
  const { listener, log, accepted } = await listening();
  t.teardown(() => listener.close());
  const socket = await rawConnect(listener.address);
  socket.write(Buffer.from([0x7b, 0xff, 0x7d, 0x0a, 0x7b, 0x7d, 0x0a]));
  await log.framesReach(2);
  t.match(log.frames[0], { code: "BAD_FRAME" });
  t.equal(log.frames[1], "{}");
  accepted[0]?.destroy();
  await log.closed();
});

t.test("both sides switch Nagle's delay off and keep-alive on", async (t) => {
  const listens = spyOn(t, net.Server.prototype, "listen");
  // The options of `connect` are not enough: on a socket that exists already net ignores them.
  const noDelays = spyOn(t, net.Socket.prototype, "setNoDelay");
  const keepAlives = spyOn(t, net.Socket.prototype, "setKeepAlive");
  await connectPair(t, tcp());
  t.match(listens()[0]?.receiver, { noDelay: true, keepAlive: true });
  t.match(noDelays()[0]?.args, [true]);
  t.match(keepAlives()[0]?.args, [true]);
});

t.test("the accepted side knows its peer", async (t) => {
  const { near, far } = await connectPair(t, tcp());
  t.equal(far.peer.host, "127.0.0.1");
  t.ok(far.peer.port > 0);
  t.equal(near.peer.host, "127.0.0.1");
});

t.test("an IPv4 peer of a dual-stack listener is named without its IPv6 prefix", async (t) => {
  const { listener, log, accepted } = await listening("::").catch((error: unknown) => {
    t.match(error, { code: "EAFNOSUPPORT" }, "this machine has no IPv6");
    return listening();
  });
  t.teardown(() => listener.close());
  const socket = await rawConnect({ host: "127.0.0.1", port: listener.address.port });
  socket.write("{}\n");
  await log.framesReach(1);
  t.equal(accepted[0]?.peer.host, "127.0.0.1");
  socket.destroy();
  await log.closed();
});

t.test("a listener that nobody accepts from is given up after timeoutMs", async (t) => {
  // 192.0.2.0/24 is set aside for documentation (RFC 5737): nobody answers, or the network says so at once.
  const options = { host: "192.0.2.1", port: 9, frameBytesMax: 100, timeoutMs: 50 };
  await t.rejects(tcpTransport.connect(options, new Recorder().handlers), { code: "UNAVAILABLE" });
});

t.test("a port that no system has is the caller's mistake and rejects as such", async (t) => {
  const options = { host: "127.0.0.1", port: 70_000, frameBytesMax: 100 };
  await t.rejects(tcpTransport.connect(options, new Recorder().handlers), { code: "ERR_SOCKET_BAD_PORT" });
});

t.test("a connection that cannot be accepted is told and the listener goes on", async (t) => {
  const errors: Error[] = [];
  const listens = spyOn(t, net.Server.prototype, "listen");
  const log = new Recorder();
  const listener = await tcpTransport.listen(
    { host: "127.0.0.1", port: 0, frameBytesMax: 100, onAcceptError: (error) => errors.push(error) },
    () => log.handlers,
  );
  t.teardown(() => listener.close());
  const error = Object.assign(new Error("accept EMFILE"), { code: "EMFILE" });
  (listens()[0]?.receiver as net.Server).emit("error", error);
  t.strictSame(errors, [error]);
  const socket = await rawConnect(listener.address);
  socket.end("{}\n");
  await log.closed();
  t.strictSame(log.frames, ["{}"]);
});

/** Watches the calls of a method that all sockets or servers share; a call's receiver is the socket or server. */
function spyOn(t: Test, shared: object, method: string) {
  const methods = shared as Record<string, (...args: unknown[]) => unknown>;
  return t.capture(methods, method, methods[method]);
}

async function listening(host = "127.0.0.1") {
  const log = new Recorder();
  const accepted: Connection[] = [];
  const listener = await tcpTransport.listen({ host, port: 0, frameBytesMax: 100 }, (connection) => {
    accepted.push(connection);
    return log.handlers;
  });
  return { listener, log, accepted };
}

async function rawConnect({ host, port }: Address): Promise<net.Socket> {
  const socket = net.connect({ host, port });
  socket.on("error", () => undefined);
  await once(socket, "connect");
  return socket;
}
