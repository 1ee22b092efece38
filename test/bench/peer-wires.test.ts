import fc from "fast-check";
import t from "tap";
import * as etcdWire from "../../bench/peers/etcd-wire.js";
import { FLAG, FRAME, FrameReader, PREFACE, frame, uint32 } from "../../bench/peers/http2-frames.js";
import * as redisWaitWire from "../../bench/peers/redis-wait-wire.js";
import * as redisWire from "../../bench/peers/redis-wire.js";
import type { Wire } from "../../src/bench/generator/wire.js";

function talk(wire: Wire) {
  const answers: (readonly unknown[])[] = [];
  let sent = "";
  const session = wire.openSession({ write: (text) => (sent += text) }, (...answer) => answers.push(answer));
  return {
    session,
    answers,
    sent: () => {
      const text = sent;
      sent = "";
      return text;
    },
  };
}

function inChunks(text: string, size: number, take: (chunk: Buffer) => void): void {
  for (let at = 0; at < text.length; at += size) take(Buffer.from(text.slice(at, at + size), "latin1"));
}

t.test(
  "Redis: a put is a SET, a get a GET; answers are told with their failure and size, however they are cut",
  (t) => {
    for (let size = 1; size <= 40; size++) {
      const { session, answers, sent } = talk(redisWire);
      session.put("k", "vv");
      for (let n = 0; n < 3; n++) session.get("k");
      session.flush();
      t.equal(sent(), "*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$2\r\nvv\r\n" + "*2\r\n$3\r\nGET\r\n$1\r\nk\r\n".repeat(3));
      inChunks("+OK\r\n$2\r\nv\n\r\n$-1\r\n-LOADING it is\r\n", size, (chunk) => session.take(chunk));
      t.strictSame(answers, [
        [undefined, 0],
        [undefined, 2],
        ["KEY_NOT_FOUND", 0],
        ["LOADING", 0],
      ]);
    }
    t.end();
  },
);

t.test("Redis with WAIT: a put is done when the replica has it, too", (t) => {
  const { session, answers, sent } = talk(redisWaitWire);
  session.put("k", "v");
  session.flush();
  t.match(sent(), /SET[^]*WAIT\r\n\$1\r\n1\r\n/);
  session.take(Buffer.from("+OK\r\n"));
  t.strictSame(answers, []);
  session.take(Buffer.from(":1\r\n"));
  session.put("k", "v");
  session.take(Buffer.from("+OK\r\n:0\r\n"));
  t.strictSame(answers, [
    [undefined, 0],
    ["NOT_REPLICATED", 0],
  ]);
  t.end();
});

/** What a client has sent, as frames. */
function framesOf(text: string) {
  const frames: { readonly type: number; readonly stream: number; readonly flags: number; readonly payload: string }[] =
    [];
  const reader = new FrameReader((type, flags, stream, payload) =>
    frames.push({ type, flags, stream, payload: payload.toString("latin1") }),
  );
  reader.push(Buffer.from(text, "latin1"));
  return frames;
}

const answer = (stream: number, message: string) =>
  frame(FRAME.headers, FLAG.endHeaders, stream, "h") +
  frame(FRAME.data, 0, stream, message) +
  frame(FRAME.headers, FLAG.endHeaders | FLAG.endStream, stream, "t");

t.test("etcd: a put is a gRPC call with a protobuf of key and value", (t) => {
  const { session, sent } = talk(etcdWire);
  session.put("key", "v".repeat(200));
  session.flush();
  const text = sent();
  t.ok(text.startsWith(PREFACE));
  const [settings, window, headers, data, ...more] = framesOf(text.slice(PREFACE.length));
  t.strictSame([settings?.type, window?.type, more], [FRAME.settings, FRAME.windowUpdate, []]);
  t.match(headers, { type: FRAME.headers, stream: 1, payload: /\/etcdserverpb\.KV\/Put/ });
  const message = `\x0a\x03key\x12\xc8\x01${"v".repeat(200)}`;
  t.strictSame(data, {
    type: FRAME.data,
    flags: FLAG.endStream,
    stream: 1,
    payload: `\0${uint32(message.length)}${message}`,
  });
  t.end();
});

t.test("etcd: answers name their requests, and a call that brought no message has failed", (t) => {
  const { session, answers } = talk(etcdWire);
  for (let n = 0; n < 3; n++) session.get("k");
  session.flush();
  const refused = frame(FRAME.headers, FLAG.endHeaders | FLAG.endStream, 3, "t");
  inChunks(answer(5, "12345678") + refused + frame(FRAME.resetStream, 0, 1, uint32(8)), 7, (chunk) =>
    session.take(chunk),
  );
  t.strictSame(answers, [
    [undefined, 8, 2],
    ["REFUSED", 0, 1],
    ["RESET", 0, 0],
  ]);
  t.end();
});

t.test("etcd: settings and pings are acknowledged", (t) => {
  const { session, sent } = talk(etcdWire);
  session.flush();
  sent();
  session.take(Buffer.from(frame(FRAME.settings, 0, 0, "") + frame(FRAME.ping, 0, 0, "12345678"), "latin1"));
  t.strictSame(framesOf(sent()), [
    { type: FRAME.settings, flags: FLAG.ack, stream: 0, payload: "" },
    { type: FRAME.ping, flags: FLAG.ack, stream: 0, payload: "12345678" },
  ]);
  t.end();
});

t.test("etcd: a large value waits for the windows that etcd opens, and arrives whole", (t) => {
  const { session, sent } = talk(etcdWire);
  const value = "v".repeat(100_000);
  session.put("k", value);
  session.flush();
  const parts = framesOf(sent().slice(PREFACE.length)).filter(({ type }) => type === FRAME.data);
  t.ok(parts.every(({ payload }) => payload.length <= 16_384));
  let body = parts.map(({ payload }) => payload).join("");
  t.equal(body.length, 65_535);
  session.take(Buffer.from(frame(FRAME.windowUpdate, 0, 0, uint32(100_000)), "latin1"));
  t.strictSame(framesOf(sent()), [], "the stream's own window is still shut");
  session.take(Buffer.from(frame(FRAME.windowUpdate, 0, 1, uint32(100_000)), "latin1"));
  const rest = framesOf(sent());
  body += rest.map(({ payload }) => payload).join("");
  t.ok(body.endsWith(value));
  t.equal(rest.at(-1)?.flags, FLAG.endStream);
  t.end();
});

t.test("frames are read whole from any chunks", (t) => {
  const some = fc.record(
    { type: fc.nat(9), flags: fc.nat(255), stream: fc.nat(1_000), payload: fc.string({ unit: "binary-ascii" }) },
    { noNullPrototype: true },
  );
  fc.assert(
    fc.property(fc.array(some), fc.integer({ min: 1, max: 50 }), (frames, size) => {
      const read: unknown[] = [];
      const reader = new FrameReader((type, flags, stream, payload) =>
        read.push({ type, flags, stream, payload: payload.toString("latin1") }),
      );
      const text = frames.map(({ type, flags, stream, payload }) => frame(type, flags, stream, payload)).join("");
      inChunks(text, size, (chunk) => reader.push(chunk));
      t.strictSame(read, frames);
    }),
    { numRuns: 50 },
  );
  t.end();
});
