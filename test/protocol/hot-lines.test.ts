import fc from "fast-check";
import t from "tap";
import { idOfUpdate, scanClientRequest, scanFromSlave, scanToSlave } from "../../src/protocol/hot-lines.js";
import { ownCopy } from "../../src/protocol/text.js";
import { clientRequest, decodeMessage, fromSlave, toSlave } from "../../src/protocol/messages.js";

/** A scan gives nothing, or what the full parser gives. */
const PAIRS = [
  [scanClientRequest, (line: string) => decodeMessage(clientRequest, line)],
  [scanToSlave, (line: string) => decodeMessage(toSlave, line)],
  [scanFromSlave, (line: string) => decodeMessage(fromSlave, line)],
] as const;

function disagreement(line: string): string | undefined {
  for (const [scan, decode] of PAIRS) {
    const scanned = scan(line);
    if (scanned === undefined) continue;
    let decoded: unknown;
    try {
      decoded = decode(line);
    } catch (error) {
      return `${scan.name} takes what is refused: ${line} (${String(error)})`;
    }
    if (canonical(scanned) !== canonical(decoded)) return `${scan.name}: ${line}`;
  }
  return undefined;
}

function canonical(value: unknown): string {
  return JSON.stringify(value, Object.keys(value as object).sort());
}

const text = fc.oneof(
  fc.string({ maxLength: 20 }),
  fc.string({ unit: "binary", maxLength: 20 }),
  fc.constantFrom(
    "",
    "k",
    "a".repeat(256),
    "a".repeat(257),
    "é".repeat(128),
    "é".repeat(129),
    "\ud800",
    "😀",
    'a"b',
    "a\\",
    "\u2028",
  ),
);
const opId = fc.constantFrom(
  "1.1",
  "0.0",
  "12.345678",
  "01.1",
  "1.",
  "1.01",
  "18446744073709551616.1",
  "1.9007199254740992",
  "1.1 ",
);
const slaveId = fc.constantFrom(
  "0",
  "10",
  "6148914691236517204",
  "18446744073709551615",
  "18446744073709551616",
  "-1",
  "007",
  "x",
);
const id = fc.oneof(fc.nat(), fc.constantFrom(-1, 1.5, 1e21, 2 ** 53, "a", "", null));

const message = fc.oneof(
  fc.record({ type: fc.constantFrom("getreq", "delreq", "ping"), key: text }),
  fc.record({ type: fc.constantFrom("getreq", "delreq"), key: text, id }),
  fc.record({ type: fc.constantFrom("getreq", "delreq"), id, key: text }),
  fc.record({ type: fc.constant("putreq"), key: text, value: text, id }),
  fc.record({ type: fc.constant("putreq"), id, key: text, value: text }),
  fc.record({ type: fc.constant("putreq"), value: text, key: text }),
  fc.record({ type: fc.constantFrom("putreq"), opId, key: text, value: text, replicas: fc.tuple(slaveId, slaveId) }),
  fc.record({ type: fc.constantFrom("delreq"), opId, key: text, replicas: fc.tuple(slaveId, slaveId) }),
  fc.record({ type: fc.constantFrom("commit", "forget", "ready", "ack", "abort"), opId }),
  fc.record({ type: fc.constantFrom("commit", "ready"), opId, more: fc.boolean() }),
  fc.record({ type: fc.constant("resp"), id, value: text, opId }),
  fc.record({ type: fc.constant("resp"), id, value: text, opId, more: fc.boolean() }),
);

/** The line of a message, sometimes with a part cut out, doubled or replaced. */
const line = fc
  .tuple(message, fc.option(fc.tuple(fc.nat(), fc.nat({ max: 6 }), fc.string({ maxLength: 3 })), { freq: 2 }))
  .map(([value, edit]) => {
    const whole = JSON.stringify(value);
    if (edit === null) return whole;
    const [place, length, replacement] = edit;
    const start = place % whole.length;
    return whole.slice(0, start) + replacement + whole.slice(start + length);
  });

t.test("a scan and the full parser agree on every line", (t) => {
  fc.assert(
    fc.property(line, (value) => {
      const found = disagreement(value);
      if (found !== undefined) throw new Error(found);
    }),
    { numRuns: 20_000 },
  );
  t.end();
});

t.test("the id of an update is found without reading it, and is the one that the full parser finds", (t) => {
  fc.assert(
    fc.property(line, (value) => {
      const found = idOfUpdate(value);
      if (found === undefined) return;
      let decoded: ReturnType<typeof decodeMessage<typeof clientRequest>>;
      try {
        decoded = decodeMessage(clientRequest, value);
      } catch {
        return;
      }
      if (decoded.id !== found) throw new Error(value);
    }),
    { numRuns: 20_000 },
  );
  t.equal(idOfUpdate('{"type":"putreq","id":7,"key":"k","value":"v"}'), 7);
  t.equal(idOfUpdate('{"type":"putreq","key":"k","value":"v","id":7}'), 7);
  t.equal(idOfUpdate('{"type":"delreq","key":"k","id":7}'), 7);
  for (const other of [
    '{"type":"getreq","id":7,"key":"k"}',
    '{"type":"putreq","key":"k","value":"v"}',
    '{"type":"putreq","key":"k","value":",\\"id\\":7}"}',
    '{"type":"putreq","id":"7","key":"k","value":"v"}',
    '{"type":"putreq","key":"k","id":7,"value":"v"}',
  ]) {
    t.equal(idOfUpdate(other), undefined, other);
  }
  t.end();
});

t.test("lines as ringkv writes them are scanned, not parsed", (t) => {
  const replicas = ["6148914691236517204", "12297829382473034409"];
  for (const [scan, value] of [
    [scanClientRequest, { type: "getreq", key: "user:1", id: 7 }],
    [scanClientRequest, { type: "getreq", id: 7, key: "user:1" }],
    [scanClientRequest, { type: "getreq", key: "user:1" }],
    [scanClientRequest, { type: "putreq", key: "é", value: "x".repeat(100), id: 1 }],
    [scanClientRequest, { type: "putreq", key: "k", value: "" }],
    [scanClientRequest, { type: "delreq", key: "k", id: 0 }],
    [scanToSlave, { type: "putreq", opId: "1.2", key: "k", value: "v", replicas }],
    [scanToSlave, { type: "delreq", opId: "1.2", key: "k", replicas }],
    [scanToSlave, { type: "commit", opId: "1.2" }],
    [scanToSlave, { type: "forget", opId: "1.2" }],
    [scanToSlave, { type: "getreq", id: 3, key: "k" }],
    [scanFromSlave, { type: "ready", opId: "1.2" }],
    [scanFromSlave, { type: "ack", opId: "1.2" }],
    [scanFromSlave, { type: "resp", id: 3, value: "v", opId: "1.2" }],
  ] as const) {
    t.same(scan(JSON.stringify(value)), value, JSON.stringify(value));
  }
  t.end();
});

t.test("what is doubled, out of order or over a limit is left to the full parser", (t) => {
  for (const value of [
    '{"type":"getreq","id":1,"key":"a","id":2}',
    '{"type":"getreq","key":"a","key":"b"}',
    '{"type":"getreq", "key":"a"}',
    '{"key":"a","type":"getreq"}',
    `{"type":"getreq","key":"${"a".repeat(257)}"}`,
    '{"type":"getreq","key":""}',
    '{"type":"getreq","key":"a\\u0062"}',
    '{"type":"getreq","key":"a\tb"}',
    '{"type":"putreq","key":"a"}',
    '{"type":"putreq","key":"a","value":"b"',
    '{"type":"putreq","key":"a","value":"b"}}',
    '{"type":"getreq","key":"a","id":01}',
    '{"type":"getreq","key":"a","id":1e3}',
    '{"type":"getreq","key":"a","id":9007199254740993}',
  ]) {
    t.equal(scanClientRequest(value), undefined, value);
  }
  t.end();
});

t.test("a copy of its own is the same text, whatever is in it", (t) => {
  fc.assert(fc.property(text, (value) => ownCopy(value) === value));
  t.end();
});
