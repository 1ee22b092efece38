import { mock } from "node:test";
import t, { type Test } from "tap";
import { RingkvError } from "../../../src/protocol/errors.js";
import { LIMITS } from "../../../src/protocol/limits.js";
import { MasterGuards, type MasterTokens } from "../../../src/server/access/master-guards.js";
import type { SlaveId } from "../../../src/protocol/ids.js";
import type { PeerIdentity } from "../../../src/transport/peer-identity.js";
import { FakeConnection } from "../fake-connection.js";

const CLIENT = "client-token-0123456789";
const ADMIN = "admin-token-0123456789";
const BOTH = { client: CLIENT, admin: ADMIN };

/** A connection at a guarded port; the port behind it writes down what reaches it. */
function visit(t: Test, port: "client" | "status", tokens: MasterTokens, identity?: PeerIdentity) {
  const log: string[] = [];
  const reached: unknown[] = [];
  const calls: string[] = [];
  const connection = Object.assign(new FakeConnection(), { identity });
  const guards = new MasterGuards(tokens, (_, text) => log.push(text));
  const handlers = guards[port].admit(connection, () => {
    calls.push("serve");
    return {
      onFrames: (frames) => reached.push(...frames),
      onDrain: () => calls.push("drain"),
      onEnd: () => calls.push("end"),
      onClose: () => calls.push("close"),
    };
  });
  t.teardown(() => handlers.onClose());
  const send = (...messages: (object | string)[]) =>
    handlers.onFrames(messages.map((message) => (typeof message === "string" ? message : JSON.stringify(message))));
  return { connection, handlers, send, reached, calls, log };
}

const certificate = (...uris: string[]): PeerIdentity => ({ kind: "certificate", name: "somebody", uris });
const PING = { type: "ping", id: 7 };
const auth = (token?: string) => ({ type: "auth", id: 1, token });
const WELCOME = { type: "resp", id: 1, message: "Welcome" };

t.test("without tokens and certificates everybody is served at once", (t) => {
  const { send, reached, calls, connection } = visit(t, "client", {});
  t.strictSame(calls, ["serve"]);
  send(PING, PING);
  t.strictSame(reached, [JSON.stringify(PING), JSON.stringify(PING)]);
  t.strictSame(connection.sent, []);
  t.end();
});

t.test("an auth that nobody asked for is welcome as the first message, and goes through as a later one", (t) => {
  const { send, reached, connection } = visit(t, "client", {});
  send(auth("whatever"), PING);
  t.strictSame(connection.sent, [WELCOME]);
  send(auth());
  t.strictSame(reached, [JSON.stringify(PING), JSON.stringify(auth())]);
  t.end();
});

t.test("until the token is shown everything is refused, a ping and what is no message too", (t) => {
  const { send, handlers, reached, calls, connection } = visit(t, "client", BOTH);
  send(PING, { type: "putreq", key: "k", value: "v" }, "no json", { type: "auth", id: 2, token: 5 });
  handlers.onFrames([new RingkvError("FRAME_TOO_LARGE")]);
  t.match(connection.sent, [
    {
      id: 7,
      code: "UNAUTHORIZED",
      retriable: false,
      message: "The client port takes a token, as the first message (`auth`).",
    },
    { code: "UNAUTHORIZED" },
    { code: "UNAUTHORIZED" },
    { id: 2, code: "UNAUTHORIZED" },
    { code: "UNAUTHORIZED" },
  ]);
  t.strictSame([reached, calls, connection.isEnded], [[], [], false]);
  t.end();
});

t.test("with the token the port gets what follows, and all that becomes of the connection", (t) => {
  const { send, handlers, reached, calls, connection } = visit(t, "client", BOTH);
  send(auth(CLIENT), PING);
  t.strictSame(connection.sent, [WELCOME]);
  t.strictSame(reached, [JSON.stringify(PING)]);
  handlers.onDrain?.();
  handlers.onEnd?.();
  handlers.onClose();
  t.strictSame(calls, ["serve", "drain", "end", "close"]);
  t.end();
});

t.test("a wrong token ends the connection, and nothing after it is heard", (t) => {
  const { send, reached, connection, log } = visit(t, "client", BOTH);
  send(auth(`${CLIENT}x`), auth(CLIENT), PING);
  send(auth(CLIENT));
  t.match(connection.sent, [{ id: 1, code: "UNAUTHORIZED", message: "This token does not open the client port." }]);
  t.equal(connection.sent.length, 1);
  t.equal(connection.isEnded, true);
  t.strictSame(reached, []);
  t.strictSame(log, ["127.0.0.1:40000 was refused at the client port: wrong token"]);
  t.end();
});

t.test("the admin's token opens both ports, the client's only its own", (t) => {
  for (const [port, token, isIn] of [
    ["client", ADMIN, true],
    ["status", ADMIN, true],
    ["status", CLIENT, false],
  ] as const) {
    const { send, calls } = visit(t, port, BOTH);
    send(auth(token));
    t.equal(calls.includes("serve"), isIn, `${port} with ${token}`);
  }
  t.end();
});

t.test("a port whose own token is not set asks for none", (t) => {
  t.strictSame(visit(t, "status", { client: CLIENT }).calls, ["serve"]);
  t.strictSame(visit(t, "client", { admin: ADMIN }).calls, ["serve"]);
  t.end();
});

t.test("a certificate for the port's role lets in without a token, an admin's at the client port, too", (t) => {
  t.strictSame(visit(t, "client", BOTH, certificate("urn:ringkv:client")).calls, ["serve"]);
  t.strictSame(visit(t, "client", {}, certificate("urn:ringkv:admin")).calls, ["serve"]);
  t.strictSame(visit(t, "status", {}, certificate("urn:ringkv:admin")).calls, ["serve"]);
  t.end();
});

t.test("without tokens a certificate for something else is turned away at once, in words", (t) => {
  for (const [identity, shown] of [
    [certificate("urn:ringkv:slave:7"), 'certificate "somebody" (urn:ringkv:slave:7)'],
    [certificate("urn:ringkv:master"), 'certificate "somebody" (urn:ringkv:master)'],
    [certificate("urn:ringkv:client"), 'certificate "somebody" (urn:ringkv:client)'],
    [{ kind: "none" }, "no certificate"],
    [{ kind: "invalid", reason: "it has expired" }, "a certificate that does not hold (it has expired)"],
  ] as const) {
    const { send, connection, calls, reached } = visit(t, "status", {}, identity);
    t.match(connection.sent, [
      {
        code: "UNAUTHORIZED",
        message: `The status port takes a certificate for urn:ringkv:admin. You have shown ${shown}.`,
      },
    ]);
    t.equal(connection.isEnded, true);
    send(auth(ADMIN), PING);
    t.strictSame([calls, reached, connection.sent.length], [[], [], 1]);
  }
  t.end();
});

t.test("over TLS a token lets in who has no good certificate", (t) => {
  const { send, calls } = visit(t, "status", BOTH, { kind: "none" });
  send(auth(ADMIN));
  t.strictSame(calls, ["serve"]);
  const atClientPort = visit(t, "client", { admin: ADMIN }, { kind: "none" });
  t.strictSame(atClientPort.calls, []);
  atClientPort.send(auth(ADMIN));
  t.strictSame(atClientPort.calls, ["serve"], "an admin's at the client port, too, where clients have none");
  t.end();
});

t.test("an auth without a token tells whether one is in, and ends the connection of who is not", (t) => {
  const known = visit(t, "status", BOTH, certificate("urn:ringkv:admin"));
  known.send(auth());
  t.strictSame(known.connection.sent, [WELCOME]);
  const stranger = visit(t, "status", BOTH, certificate("urn:ringkv:client"));
  stranger.send(auth());
  t.match(stranger.connection.sent, [{ id: 1, code: "UNAUTHORIZED", message: /urn:ringkv:admin, or a token/ }]);
  t.equal(stranger.connection.isEnded, true);
  t.end();
});

t.test("who says nothing is turned away in time, and who does not go is dropped", (t) => {
  mock.timers.enable({ apis: ["setTimeout"] });
  t.teardown(() => mock.timers.reset());
  const { connection } = visit(t, "client", BOTH);
  mock.timers.tick(LIMITS.introductionWithinMs);
  t.match(connection.sent, [{ code: "UNAUTHORIZED" }]);
  t.strictSame([connection.isEnded, connection.isDestroyed], [true, false]);
  mock.timers.tick(LIMITS.leaveWithinMs);
  t.equal(connection.isDestroyed, true);
  t.end();
});

t.test("who asks on and on without a token and does not read is dropped", (t) => {
  const { send, connection } = visit(t, "client", BOTH);
  connection.queuedBytes = LIMITS.subscriberQueueBytesMax + 1;
  send(PING);
  t.equal(connection.isDestroyed, true);
  t.end();
});

t.test("no token is ever in the log", (t) => {
  const { send, log } = visit(t, "client", BOTH);
  send({ type: "getreq", key: "a-secret-key" }, auth("a-guessed-token-0123"));
  t.equal(log.length, 1);
  t.notMatch(log.join("\n"), /secret|guessed|token-0123/);
  t.end();
});

t.test("a slave is who its certificate names; without certificates it is believed", (t) => {
  const guards = new MasterGuards({}, () => undefined);
  const expect = (identity: PeerIdentity | undefined) => () =>
    guards.expectSlave(Object.assign(new FakeConnection(), { identity }), "7" as SlaveId);
  t.doesNotThrow(expect(undefined));
  t.doesNotThrow(expect(certificate("urn:ringkv:slave:7")));
  for (const other of [
    certificate("urn:ringkv:slave:70"),
    certificate("urn:ringkv:admin"),
    { kind: "none" } as const,
  ]) {
    t.throws(expect(other), {
      code: "UNAUTHORIZED",
      message: /^Slave 7 must show a certificate for urn:ringkv:slave:7\. /,
    });
  }
  t.end();
});
