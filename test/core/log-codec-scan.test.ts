import fc from "fast-check";
import t from "tap";
import {
  type LogEntry,
  SEGMENT_HEADER_BYTES,
  encodeFrameInto,
  encodeSegmentHeader,
  frameBytes,
} from "../../src/core/log-codec.js";
import { type ScannedFrame, scanSegment } from "../../src/core/log-scan.js";
import { type Epoch, OP_NONE, type OpId, type SlaveId } from "../../src/protocol/ids.js";

const SEGMENT = 3;
const FILL_BYTES = 256;

const prepared = (seq: number, value: string): LogEntry => ({
  type: "prepared",
  opId: `1.${seq}` as OpId,
  kind: "put",
  key: `key ${seq}`,
  value,
  replicas: ["5" as SlaveId, "9" as SlaveId],
});
const committed = (seq: number): LogEntry => ({ type: "committed", opId: `1.${seq}` as OpId });

const GROUPS: readonly (readonly LogEntry[])[] = [
  [
    { type: "start", previousSegment: 0, previousEnd: 0, carriedOver: 0 },
    { type: "epoch", epoch: "1" as Epoch, masterId: "m1", newest: OP_NONE },
  ],
  [prepared(1, "one"), prepared(2, "\0\0\0\0\0\0\0\0")],
  [committed(1)],
  [committed(2), prepared(3, "three, in the last group"), committed(3)],
];

/** A segment whose groups were forced one after the other, with the offsets where each frame and the last group begin. */
function build(groups: readonly (readonly LogEntry[])[]) {
  const total = groups.flat().reduce((sum, entry) => sum + frameBytes(entry), SEGMENT_HEADER_BYTES);
  const bytes = new Uint8Array(total + FILL_BYTES);
  bytes.set(encodeSegmentHeader(SEGMENT));
  const frames: ScannedFrame[] = [];
  let offset = SEGMENT_HEADER_BYTES;
  let groupStart = offset;
  for (const group of groups) {
    groupStart = offset;
    for (const entry of group) {
      frames.push({ offset, entry, carried: false });
      offset = encodeFrameInto(bytes, offset, entry, { segment: SEGMENT, offset, groupStart, carried: false });
    }
  }
  return { bytes, frames, end: offset, lastGroupStart: groupStart };
}

const SAMPLE = build(GROUPS);

/** The offset of the frame that holds this byte. */
function frameAt(offset: number): number {
  return SAMPLE.frames.findLast((frame) => frame.offset <= offset)?.offset ?? 0;
}

t.test("a whole segment ends clean where its zeros begin", (t) => {
  const { frames, end } = scanSegment(SAMPLE.bytes, SEGMENT);
  t.same(frames, SAMPLE.frames);
  t.same(end, { kind: "clean", offset: SAMPLE.end });
  t.end();
});

t.test("a segment under another segment's name is damage", (t) => {
  t.match(scanSegment(SAMPLE.bytes, SEGMENT + 1).end, { kind: "damage", offset: 0, reason: /segment 3/ });
  t.end();
});

t.test(
  "a segment cut at any byte gives the whole frames before the cut, and is never damage behind the header",
  (t) => {
    for (let cut = 0; cut <= SAMPLE.bytes.length; cut++) {
      const { frames, end } = scanSegment(SAMPLE.bytes.slice(0, cut), SEGMENT);
      const whole = SAMPLE.frames.filter(({ offset, entry }) => offset + frameBytes(entry) <= cut);
      t.same(frames, whole, `cut at ${cut}`);
      t.equal(end.kind === "damage", cut < SEGMENT_HEADER_BYTES, `cut at ${cut}: ${end.kind}`);
    }
    t.end();
  },
);

t.test("a segment NUL-filled from any byte on gives only frames that were written", (t) => {
  for (let from = SEGMENT_HEADER_BYTES; from <= SAMPLE.end; from++) {
    const bytes = SAMPLE.bytes.slice().fill(0, from);
    const { frames, end } = scanSegment(bytes, SEGMENT);
    t.same(frames, SAMPLE.frames.slice(0, frames.length), `zeros from ${from}`);
    t.not(end.kind, "damage", `zeros from ${from}`);
  }
  t.end();
});

t.test("any bit flipped before the last group is damage, with the offset of its frame", (t) => {
  for (let bit = 0; bit < SAMPLE.lastGroupStart * 8; bit++) {
    const index = bit >> 3;
    const bytes = SAMPLE.bytes.slice();
    bytes[index] = (bytes[index] ?? 0) ^ (1 << (bit & 7));
    const { frames, end } = scanSegment(bytes, SEGMENT);
    const expected = index < SEGMENT_HEADER_BYTES ? 0 : frameAt(index);
    if (end.kind !== "damage" || end.offset !== expected) t.fail(`bit ${bit}: ${JSON.stringify(end)}`);
    if (frames.some(({ offset }) => offset >= expected)) t.fail(`bit ${bit}: a frame after the damage`);
  }
  t.pass("all flips found");
  t.end();
});

t.test("any byte flipped in the last group is a torn tail that begins at its frame", (t) => {
  for (let index = SAMPLE.lastGroupStart; index < SAMPLE.end; index++) {
    const bytes = SAMPLE.bytes.slice();
    bytes[index] = (bytes[index] ?? 0) ^ 0xff;
    const { frames, end } = scanSegment(bytes, SEGMENT);
    t.match(end, { kind: "torn", offset: frameAt(index) }, `byte ${index}`);
    t.same(frames, SAMPLE.frames.slice(0, frames.length));
  }
  t.end();
});

t.test("garbage after the last frame is a torn tail that costs no frame", (t) => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: FILL_BYTES }), fc.nat(7), (garbage, at) => {
      fc.pre(garbage.some((byte) => byte !== 0));
      const bytes = SAMPLE.bytes.slice();
      bytes.set(garbage.subarray(0, FILL_BYTES - at), SAMPLE.end + at);
      const { frames, end } = scanSegment(bytes, SEGMENT);
      return frames.length === SAMPLE.frames.length && end.kind !== "damage" && end.offset === SAMPLE.end;
    }),
  );
  t.end();
});

t.test(
  "sectors of the last write missing in any selection are a torn tail, since one write may come in any order",
  (t) => {
    const last = Array.from({ length: 30 }, (_, index) => prepared(index, "x".repeat(40 + index)));
    const segment = build([...GROUPS, last]);
    fc.assert(
      fc.property(fc.array(fc.boolean(), { minLength: 8, maxLength: 8 }), (kept) => {
        const bytes = segment.bytes.slice();
        const sector = Math.ceil((segment.end - segment.lastGroupStart) / kept.length);
        for (const [index, isKept] of kept.entries()) {
          const from = segment.lastGroupStart + index * sector;
          if (!isKept) bytes.fill(0, from, Math.min(from + sector, segment.end));
        }
        const { frames, end } = scanSegment(bytes, SEGMENT);
        return end.kind !== "damage" && frames.length >= GROUPS.flat().length;
      }),
    );
    t.end();
  },
);

t.test("any bytes after a valid header are scanned without a throw and give no entry that was not written", (t) => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), (body) => {
      const bytes = new Uint8Array(SEGMENT_HEADER_BYTES + body.length);
      bytes.set(encodeSegmentHeader(SEGMENT));
      bytes.set(body, SEGMENT_HEADER_BYTES);
      return scanSegment(bytes, SEGMENT).frames.length === 0;
    }),
  );
  t.end();
});

t.test("a record with a right checksum and unknown content is damage, even at the tail", (t) => {
  const bytes = SAMPLE.bytes.slice();
  const stranger = { type: "committed", opId: "1.9" } as LogEntry;
  encodeFrameInto(bytes, SAMPLE.end, stranger, {
    segment: SEGMENT,
    offset: SAMPLE.end,
    groupStart: SAMPLE.end,
    carried: false,
  });
  const known = scanSegment(bytes, SEGMENT);
  t.equal(known.frames.length, SAMPLE.frames.length + 1);
  // The same frame with a type that no format has, and the checksum that belongs to it.
  const unknown = unknownFrame(SAMPLE.end);
  bytes.set(unknown, SAMPLE.end);
  t.match(scanSegment(bytes, SEGMENT).end, { kind: "damage", offset: SAMPLE.end, reason: /no known kind/ });
  t.end();
});

/** A PREPARED of an impossible kind: only its content is wrong, so the checksum is right. */
function unknownFrame(groupStart: number): Uint8Array {
  const entry = { ...prepared(1, ""), kind: "merge" } as unknown as LogEntry;
  const bytes = new Uint8Array(frameBytes(entry));
  encodeFrameInto(bytes, 0, entry, { segment: SEGMENT, offset: groupStart, groupStart, carried: false });
  return bytes;
}
