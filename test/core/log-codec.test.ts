import fc from "fast-check";
import t from "tap";
import {
  type LogEntry,
  FRAME_ALIGNMENT,
  OUTCOME_RECORD_BYTES,
  PAYLOAD_BYTES_MAX,
  SEGMENT_HEADER_BYTES,
  START_FRAME_BYTES,
  decodeFrame,
  decodeSegmentHeader,
  encodeFrameInto,
  encodeSegmentHeader,
  frameBytes,
} from "../../src/core/log-codec.js";
import { type Epoch, OP_NONE, type OpId, type SlaveId } from "../../src/protocol/ids.js";
import { LIMITS } from "../../src/protocol/limits.js";

const uint32 = fc.nat(2 ** 32 - 1);
const uint64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
const slaveId = uint64.map((id) => id.toString() as SlaveId);
const opId = fc.tuple(uint64, fc.maxSafeNat()).map(([epoch, seq]) => `${epoch.toString()}.${seq.toString()}` as OpId);
const text = fc.string({ unit: "binary", maxLength: 60 }).filter((candidate) => candidate.isWellFormed());

const anyEntry: fc.Arbitrary<LogEntry> = fc.oneof(
  fc.record({
    type: fc.constant("start" as const),
    previousSegment: uint32,
    previousEnd: uint32,
    carriedOver: uint32,
  }),
  fc.record({
    type: fc.constant("epoch" as const),
    epoch: uint64.map((epoch) => epoch.toString() as Epoch),
    masterId: text,
    newest: opId,
  }),
  fc.record({
    type: fc.constant("prepared" as const),
    opId,
    kind: fc.constantFrom("put" as const, "del" as const),
    key: text,
    value: text,
    replicas: fc.tuple(slaveId, slaveId),
  }),
  fc.record({
    type: fc.constant("outcome" as const),
    state: fc.constantFrom("committed" as const, "aborted" as const),
    opId,
    kind: fc.constantFrom("put" as const, "del" as const),
    key: text,
    replicas: fc.tuple(slaveId, slaveId),
  }),
  fc.record({ type: fc.constantFrom("committed" as const, "aborted" as const, "forgotten" as const), opId }),
);

function encode(entry: LogEntry, segment = 1, groupStart = 0, carried = false): Uint8Array {
  const bytes = new Uint8Array(frameBytes(entry));
  encodeFrameInto(bytes, 0, entry, { segment, offset: 0, groupStart, carried });
  return bytes;
}

t.test("every entry comes back as it was written, with its place", (t) => {
  fc.assert(
    fc.property(anyEntry, uint32, fc.boolean(), fc.nat(5), (entry, segment, carried, slots) => {
      const offset = slots * FRAME_ALIGNMENT;
      const bytes = new Uint8Array(offset + frameBytes(entry)).fill(0xff);
      const end = encodeFrameInto(bytes, offset, entry, { segment, offset, groupStart: offset, carried });
      t.same(decodeFrame(bytes, offset, segment), { entry, carried, groupStart: offset, end });
      return end === bytes.length && end % FRAME_ALIGNMENT === 0;
    }),
  );
  t.end();
});

t.test("the largest key and value fit the largest payload", (t) => {
  const entry: LogEntry = {
    type: "prepared",
    opId: "18446744073709551615.9007199254740991" as OpId,
    kind: "put",
    key: "k".repeat(LIMITS.keyBytesMax),
    value: "v".repeat(LIMITS.valueBytesMax),
    replicas: ["0" as SlaveId, "18446744073709551615" as SlaveId],
  };
  t.ok(frameBytes(entry) >= PAYLOAD_BYTES_MAX);
  t.same(decodeFrame(encode(entry), 0, 1)?.entry, entry);
  t.end();
});

t.test("outcome records and start frames take what the reserve counts for them", (t) => {
  t.equal(frameBytes({ type: "committed", opId: "18446744073709551615.1" as OpId }), OUTCOME_RECORD_BYTES);
  t.equal(frameBytes({ type: "start", previousSegment: 1, previousEnd: 2, carriedOver: 3 }), START_FRAME_BYTES);
  t.end();
});

t.test("a frame of another segment is not valid", (t) => {
  const bytes = encode({ type: "epoch", epoch: "7" as Epoch, masterId: "m7", newest: OP_NONE }, 1);
  t.ok(decodeFrame(bytes, 0, 1));
  t.equal(decodeFrame(bytes, 0, 2), undefined);
  t.end();
});

t.test("a frame with any one bit flipped, padding included, is not valid", (t) => {
  const entry: LogEntry = {
    type: "prepared",
    opId: "3.17" as OpId,
    kind: "put",
    key: "city",
    value: "Paris",
    replicas: ["1" as SlaveId, "2" as SlaveId],
  };
  const bytes = encode(entry);
  let valid = 0;
  for (let bit = 0; bit < bytes.length * 8; bit++) {
    const flipped = bytes.slice();
    flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    if (decodeFrame(flipped, 0, 1) !== undefined) valid += 1;
  }
  t.equal(valid, 0);
  t.end();
});

t.test("no bytes make the decoder throw", (t) => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(220), (bytes, offset) => {
      decodeFrame(bytes, offset, 1);
      return !decodeSegmentHeader(bytes).ok;
    }),
  );
  t.end();
});

t.test("a segment's header comes back, and any flipped byte or cut of it is refused with a reason", (t) => {
  const header = encodeSegmentHeader(4_000_000_000);
  t.same(decodeSegmentHeader(header), { ok: true, segment: 4_000_000_000 });
  for (let index = 0; index < SEGMENT_HEADER_BYTES; index++) {
    const flipped = header.slice();
    flipped[index] = (flipped[index] ?? 0) ^ 0xff;
    const result = decodeSegmentHeader(flipped);
    t.match(result, { ok: false, reason: /./ }, `byte ${index}`);
    t.equal(decodeSegmentHeader(header.subarray(0, index)).ok, false);
  }
  t.end();
});
