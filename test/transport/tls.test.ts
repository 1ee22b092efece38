import { once } from "node:events";
import net from "node:net";
import tls from "node:tls";
import t, { type Test } from "tap";
import { tcpTransport } from "../../src/transport/tcp.js";
import type { PeerIdentity } from "../../src/transport/peer-identity.js";
import { TlsTransport } from "../../src/transport/tls.js";
import type { Address, Connection, Transport } from "../../src/transport/transport.js";
import { TestCertificates } from "../certificates.js";
import { connectPair, testTransport } from "./conformance.js";
import { Recorder } from "./recorder.js";

const certificates = await TestCertificates.make(t);
const master = certificates.of("master");
const other = await TestCertificates.make(t);

const tlsPair = () => ({
  transport: new TlsTransport(master),
  resettable: async ({ host, port }: Address) => {
    const raw = net.connect({ host, port });
    const socket = tls.connect({ socket: raw, ...certificates.of("client"), host });
    socket.on("error", () => undefined).resume();
    // The last that a server sends by itself; a reset before it may fail that write instead of the read.
    await once(socket, "session");
    return () => void raw.resetAndDestroy();
  },
});

t.test("the TLS transport is a Transport", (t) => {
  testTransport(t, tlsPair);
  t.end();
});

t.test("both sides know whom the other's certificate names", async (t) => {
  const { far, near } = await connectPair(t, tlsPair());
  t.strictSame(far.identity, { kind: "certificate", name: "master", uris: ["urn:ringkv:master"] });
  t.strictSame(near.identity, far.identity);
  t.match(far.peer, { host: "127.0.0.1", port: Number });
});

t.test("a connection speaks TLS 1.3, and an older version is refused", async (t) => {
  const { address, errors } = await listening(t);
  const socket = tls.connect({ ...address, ca: master.ca });
  await once(socket, "secureConnect");
  t.equal(socket.getProtocol(), "TLSv1.3");
  socket.destroy();
  const old = tls.connect({ ...address, ca: master.ca, maxVersion: "TLSv1.2" });
  const [error] = (await once(
    old.on("secureConnect", () => t.fail("it was taken")),
    "close",
  ).then(
    () => [undefined],
    (error: unknown) => [error],
  )) as [unknown];
  t.match(error, { code: "ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION" });
  t.match(errors, [{ code: "ERR_SSL_UNSUPPORTED_PROTOCOL" }]);
});

t.test("a server whose certificate another CA has signed is refused", async (t) => {
  const { address } = await listening(t);
  await t.rejects(connect(new TlsTransport({ ca: other.of("client").ca }), address), {
    code: "UNAUTHORIZED",
    message: new RegExp(`of 127.0.0.1:${address.port} does not hold: another CA signed it`),
  });
});

t.test("a server whose certificate has expired is refused", async (t) => {
  const expired = await certificates.issue({ name: "expired", hosts: ["127.0.0.1"], days: -1 });
  const { address } = await listening(t, new TlsTransport(expired));
  await t.rejects(connect(new TlsTransport({ ca: master.ca }), address), {
    code: "UNAUTHORIZED",
    message: /does not hold: it has expired\./,
  });
});

t.test("a server whose certificate is for another name is refused, and taken under that name", async (t) => {
  const elsewhere = await certificates.issue({ name: "elsewhere", hosts: ["ring.example"] });
  const { address } = await listening(t, new TlsTransport(elsewhere));
  await t.rejects(connect(new TlsTransport({ ca: master.ca }), address), {
    code: "UNAUTHORIZED",
    message: /is for another: .*127\.0\.0\.1/,
  });
  await connect(new TlsTransport({ ca: master.ca, serverName: "ring.example" }), address);
});

t.test("with peerUri the certificate must carry that URI, whatever the host is", async (t) => {
  const slave = await certificates.issue({ name: "slave-7", uri: "urn:ringkv:slave:7" });
  const { address } = await listening(t, new TlsTransport(slave));
  const transport = new TlsTransport(master);
  await connect(transport, { ...address, peerUri: "urn:ringkv:slave:7" });
  await t.rejects(connect(transport, { ...address, peerUri: "urn:ringkv:slave:8" }), {
    code: "UNAUTHORIZED",
    message: /is for another: it is for urn:ringkv:slave:7, not for urn:ringkv:slave:8\./,
  });
});

t.test("a certificate that may only connect is no server's", async (t) => {
  const client = await certificates.issue({ name: "a-client", hosts: ["127.0.0.1"], connectsOnly: true });
  const { address } = await listening(t, new TlsTransport(client));
  await t.rejects(connect(new TlsTransport({ ca: master.ca }), address), {
    code: "UNAUTHORIZED",
    message: /it was made for another purpose/,
  });
});

t.test("a listener takes every peer and tells what its certificate is worth", async (t) => {
  const { address, identities } = await listening(t);
  const expired = await certificates.issue({ name: "old-client", connectsOnly: true, days: -1 });
  const foreign = { ...other.of("client"), ca: master.ca };
  for (const [n, own] of [{ ca: master.ca }, certificates.of("admin"), expired, foreign].entries()) {
    await connect(new TlsTransport(own), address);
    await identities.reach(n + 1);
  }
  t.match(identities.all, [
    { kind: "none" },
    { kind: "certificate", name: "admin", uris: ["urn:ringkv:admin"] },
    { kind: "invalid", reason: "it has expired" },
    { kind: "invalid", reason: /another CA signed it/ },
  ]);
});

t.test("plain text to a TLS port is answered in plain text, and the connection ends", async (t) => {
  const { address } = await listening(t);
  const socket = net.connect(address);
  socket.setEncoding("utf8").write('{"type":"ping"}\n');
  let answer = "";
  for await (const text of socket) answer += text as string;
  t.equal(answer, '{"type":"resp","code":"UNAUTHORIZED","message":"This port speaks TLS only.","retriable":false}\n');
});

t.test("TLS to a plain port is told at once that it is none", async (t) => {
  const log = new Recorder();
  const listener = await tcpTransport.listen({ host: "127.0.0.1", port: 0, frameBytesMax: 1_000 }, (connection) => ({
    ...log.handlers,
    onFrames: (frames) => {
      log.handlers.onFrames(frames);
      connection.send({ type: "resp", code: "BAD_FRAME" });
    },
  }));
  t.teardown(() => listener.close());
  await t.rejects(connect(new TlsTransport({ ca: master.ca }), listener.address), {
    code: "UNAVAILABLE",
    message: /\(it does not speak TLS\)/,
  });
  await log.closed();
  t.match(log.frames, [{ code: "BAD_FRAME", message: "The peer speaks TLS, and this connection does not." }]);
});

t.test("a plain connection to a server that answers with a TLS alert is told what that is", async (t) => {
  const server = net
    .createServer((socket) => socket.end(Buffer.from([0x15, 3, 1, 0, 2, 2, 70])))
    .listen(0, "127.0.0.1");
  await once(server, "listening");
  t.teardown(() => server.close());
  const { port } = server.address() as net.AddressInfo;
  const log = new Recorder();
  await tcpTransport.connect({ host: "127.0.0.1", port, frameBytesMax: 100 }, log.handlers);
  await log.closed();
  t.match(log.frames, [{ code: "BAD_FRAME", message: "The peer speaks TLS, and this connection does not." }]);
});

t.test("a server that ends the connection during the handshake is UNAVAILABLE", async (t) => {
  const server = net.createServer((socket) => socket.destroy()).listen(0, "127.0.0.1");
  await once(server, "listening");
  t.teardown(() => server.close());
  const { port } = server.address() as net.AddressInfo;
  await t.rejects(connect(new TlsTransport({ ca: master.ca }), { host: "127.0.0.1", port }), {
    code: "UNAVAILABLE",
    message: /it closed the connection during the TLS handshake/,
  });
});

t.test("a peer that leaves before its handshake costs nothing and breaks nothing", async (t) => {
  const { address } = await listening(t);
  for (const bytes of [[], [0x16], [0x16, 3, 1, 0, 200, 1, 2, 3]]) {
    const socket = net.connect(address);
    await once(socket, "connect");
    if (bytes.length > 0) socket.write(Buffer.from(bytes));
    socket.resetAndDestroy();
    await once(socket, "close");
  }
  const silent = net.connect(address).resume();
  silent.end();
  await once(silent, "close");
  await connect(new TlsTransport({ ca: master.ca }), address);
});

t.test("renewed credentials count for new connections, and open ones go on", async (t) => {
  const transport = new TlsTransport(master);
  const { address, log } = await listening(t, transport);
  const before = await connect(new TlsTransport({ ca: master.ca }), address);
  const renewed = other.of("master");
  transport.renew(renewed);
  await t.rejects(connect(new TlsTransport({ ca: master.ca }), address), { code: "UNAUTHORIZED" });
  await connect(new TlsTransport({ ca: renewed.ca }), address);
  before.send({ still: "here" });
  await log.framesReach(1);
  t.strictSame(log.frames, ['{"still":"here"}']);
});

t.test("credentials that do not fit together are refused, and the old ones stay", async (t) => {
  const transport = new TlsTransport(master);
  const { address } = await listening(t, transport);
  const wrong = { ...master, key: certificates.of("client").key };
  t.throws(() => transport.renew(wrong), { code: "BAD_REQUEST", message: /cannot be used/ });
  t.throws(() => new TlsTransport({ ...master, cert: "no certificate" }), { code: "BAD_REQUEST" });
  await connect(new TlsTransport({ ca: master.ca }), address);
});

function connect(transport: Transport, target: Address & { readonly peerUri?: string }): Promise<Connection> {
  return transport.connect({ ...target, frameBytesMax: 1_000 }, new Recorder().handlers).then((connection) => {
    t.teardown(() => connection.destroy());
    return connection;
  });
}

async function listening(t: Test, transport: Transport = new TlsTransport(master)) {
  const log = new Recorder();
  const errors: Error[] = [];
  const identities = new Arrivals<PeerIdentity | undefined>();
  const listener = await transport.listen(
    { host: "127.0.0.1", port: 0, frameBytesMax: 1_000, onAcceptError: (error) => errors.push(error) },
    (connection) => {
      identities.add(connection.identity);
      t.teardown(() => connection.destroy());
      return log.handlers;
    },
  );
  t.teardown(() => listener.close());
  return { address: listener.address, log, errors, identities };
}

/** Things that come, and someone who waits for them. */
class Arrivals<Thing> {
  readonly all: Thing[] = [];
  readonly #waiting = new Set<() => void>();

  add(thing: Thing): void {
    this.all.push(thing);
    for (const resolve of this.#waiting) resolve();
  }

  async reach(count: number): Promise<void> {
    while (this.all.length < count) await new Promise<void>((resolve) => this.#waiting.add(resolve));
  }
}
