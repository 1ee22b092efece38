import assert from "node:assert/strict";
import fc from "fast-check";
import t from "tap";
import { RingkvError } from "../../src/protocol/errors.js";
import { LineDecoder, encodeFrame } from "../../src/protocol/framing.js";

const MAX = 16;

/** What a decoder makes of the chunks, with errors as their codes. */
function decode(chunks: readonly Uint8Array[], frameBytesMax = MAX): string[] {
  const decoder = new LineDecoder(frameBytesMax);
  const frames = [...chunks.flatMap((chunk) => decoder.push(chunk)), ...decoder.end()];
  return frames.map((frame) => (frame instanceof RingkvError ? `!${frame.code}` : `=${frame}`));
}

function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** The bytes cut at the given places (taken modulo the length). */
function cut(whole: Uint8Array, places: readonly number[]): Uint8Array[] {
  const borders = [...new Set(places.map((place) => place % (whole.length + 1)))].sort((a, b) => a - b);
  return [0, ...borders].map((start, index) => whole.subarray(start, borders[index] ?? whole.length));
}

/** Streams with what matters to the framing made likely: line ends, characters of all lengths, bytes that are no UTF-8. */
const stream = fc
  .array(
    fc.oneof(
      fc
        .constantFrom("\n", "\r\n", "\r", "a", "{}", "é", "€", "😀", "\uFEFF", "x".repeat(MAX - 1), "y".repeat(MAX))
        .map(bytes),
      fc.uint8Array({ maxLength: 6 }),
      fc.constantFrom([0xff], [0xc3], [0xed, 0xa0, 0x80], [0xf0, 0x9f]).map((odd) => Uint8Array.from(odd)),
    ),
    { maxLength: 40 },
  )
  .map((parts) => Uint8Array.from(parts.flatMap((part) => [...part])));
const places = fc.array(fc.nat({ max: 1_000 }), { maxLength: 30 });

/** The same, written for plainness alone: all bytes at hand, one line after the other. */
function reference(whole: Uint8Array, frameBytesMax: number): string[] {
  const lines: number[][] = [[]];
  for (const byte of whole) {
    if (byte === 0x0a) lines.push([]);
    else lines.at(-1)?.push(byte);
  }
  return lines.flatMap((line) => {
    const content = line.at(-1) === 0x0d ? line.slice(0, -1) : line;
    if (content.length > frameBytesMax) return ["!FRAME_TOO_LARGE"];
    if (content.length === 0) return [];
    const text = Buffer.from(content).toString("utf8");
    return [Buffer.from(text).equals(Buffer.from(content)) ? `=${text}` : "!BAD_FRAME"];
  });
}

t.test("any stream, cut anywhere, gives what a plain reading of all its bytes gives", (t) => {
  const limits = fc.constantFrom(0, 1, MAX, 1_000);
  fc.assert(
    fc.property(stream, places, limits, (whole, at, limit) => {
      assert.deepEqual(decode(cut(whole, at), limit), reference(whole, limit));
    }),
    { numRuns: 3_000 },
  );
  t.end();
});

t.test("any stream byte by byte gives what it gives in one chunk", (t) => {
  fc.assert(
    fc.property(stream, (whole) => {
      const single = [...whole].map((byte) => Uint8Array.of(byte));
      assert.deepEqual(decode(single), decode([whole]));
    }),
    { numRuns: 1_000 },
  );
  t.end();
});

t.test("messages come back as they were encoded, whatever their text", (t) => {
  const messages = fc.array(fc.record({ key: fc.string({ unit: "grapheme" }), value: fc.string({ unit: "binary" }) }));
  fc.assert(
    fc.property(messages, places, (sent, at) => {
      const decoded = decode(cut(bytes(sent.map(encodeFrame).join("")), at), 100_000);
      assert.deepEqual(
        decoded.map((frame): unknown => JSON.parse(frame.slice(1))),
        sent.map((message) => ({ ...message })),
      );
    }),
  );
  t.end();
});

t.test("a line ends in a newline, with or without a carriage return before it", (t) => {
  t.strictSame(decode([bytes("a\nb\r\nc\n")]), ["=a", "=b", "=c"]);
  t.end();
});

t.test("a carriage return and its newline may come apart", (t) => {
  t.strictSame(decode([bytes("a\r"), bytes("\nb\n")]), ["=a", "=b"]);
  t.end();
});

t.test("only the last carriage return belongs to the line end", (t) => {
  t.strictSame(decode([bytes("a\rb\r\r\n")]), ["=a\rb\r"]);
  t.end();
});

t.test("empty lines are no frames", (t) => {
  t.strictSame(decode([bytes("\n\r\n\na\n\n")]), ["=a"]);
  t.strictSame(decode([]), []);
  t.strictSame(decode([new Uint8Array(0)]), []);
  t.end();
});

t.test("a character cut in two by a chunk border is whole again", (t) => {
  const line = bytes("é€😀\n");
  for (let at = 0; at <= line.length; at++) {
    t.strictSame(decode([line.subarray(0, at), line.subarray(at)]), ["=é€😀"], `cut at ${at}`);
  }
  t.end();
});

t.test("invalid UTF-8 is refused, never replaced, and its neighbours in the same chunk are not", (t) => {
  const chunk = Uint8Array.from([...bytes("a\n"), 0x62, 0xff, 0x0a, ...bytes("c\n")]);
  t.strictSame(decode([chunk]), ["=a", "!BAD_FRAME", "=c"]);
  t.end();
});

t.test("a byte order mark is text, so that nothing is taken away in silence", (t) => {
  t.strictSame(decode([bytes("\uFEFFa\n\uFEFFb\n")]), ["=\uFEFFa", "=\uFEFFb"]);
  t.end();
});

t.test("a line of exactly the limit is taken, one byte more is refused", (t) => {
  const [fits, over] = ["x".repeat(MAX), "x".repeat(MAX + 1)];
  t.strictSame(decode([bytes(`${fits}\n${fits}\r\n${over}\n${over}\r\n${fits}\n`)]), [
    `=${fits}`,
    `=${fits}`,
    "!FRAME_TOO_LARGE",
    "!FRAME_TOO_LARGE",
    `=${fits}`,
  ]);
  t.end();
});

t.test("the limit counts bytes, not characters", (t) => {
  t.strictSame(decode([bytes(`${"é".repeat(MAX / 2)}\n${"é".repeat(MAX / 2)}x\n`)]), [
    `=${"é".repeat(MAX / 2)}`,
    "!FRAME_TOO_LARGE",
  ]);
  t.end();
});

t.test("an endless line is refused once, early, and skipped in constant memory", (t) => {
  const decoder = new LineDecoder(MAX);
  const chunk = new Uint8Array(1_000).fill(0x78);
  let refusals = 0;
  for (let n = 0; n < 1_000; n++) {
    refusals += decoder.push(chunk).length;
    t.equal(decoder.pendingBytes, 0);
    if (n === 0) t.equal(refusals, 1, "refused as soon as the limit is passed");
  }
  t.equal(refusals, 1);
  t.strictSame(decoder.push(bytes("x\ngood\n")), ["good"]);
  t.end();
});

t.test("what is held back never passes the limit by more than a line end", (t) => {
  const decoder = new LineDecoder(MAX);
  for (let n = 0; n < 3 * MAX; n++) {
    decoder.push(bytes("x"));
    t.ok(decoder.pendingBytes <= MAX + 1);
  }
  t.end();
});

t.test("a long line in small chunks takes time in proportion to its length", (t) => {
  const decoder = new LineDecoder(2 ** 22);
  const chunk = new Uint8Array(64).fill(0x78);
  // 65,536 chunks: copying all that is pending each time would move 128 GiB and pass the test's time limit.
  for (let n = 0; n < 2 ** 16; n++) decoder.push(chunk);
  const [line] = decoder.push(bytes("\n"));
  t.equal(typeof line === "string" && line.length, 2 ** 22);
  t.equal(decoder.pendingBytes, 0);
  t.end();
});

t.test("the end of the stream ends a last line that has no newline", (t) => {
  t.strictSame(decode([bytes("a\nlast")]), ["=a", "=last"]);
  t.strictSame(decode([bytes("last\r")]), ["=last"]);
  t.strictSame(decode([Uint8Array.from([0x61, 0xc3])]), ["!BAD_FRAME"], "a character that never ended");
  t.strictSame(decode([bytes("x".repeat(MAX + 1))]), ["!FRAME_TOO_LARGE"]);
  t.end();
});

t.test("the end tells nothing twice", (t) => {
  const decoder = new LineDecoder(MAX);
  decoder.push(bytes("last"));
  t.strictSame(decoder.end(), ["last"]);
  t.strictSame(decoder.end(), []);
  t.end();
});

t.test("the text does not change when the caller's chunk does", (t) => {
  const decoder = new LineDecoder(MAX);
  const chunk = bytes("abc");
  decoder.push(chunk);
  chunk.fill(0x7a);
  t.strictSame(decoder.push(bytes("\n")), ["abc"]);
  t.end();
});

t.test("a frame is one line, however many newlines its values have", (t) => {
  t.equal(encodeFrame({ value: "a\nb\r\n" }), '{"value":"a\\nb\\r\\n"}\n');
  t.end();
});

t.test("for texts that are no messages, empty lines are lines, however the bytes are cut", (t) => {
  const bytes = Buffer.from("a\n\n\r\nb\n\n");
  for (let cut = 0; cut <= bytes.length; cut += 1) {
    const decoder = new LineDecoder(100, { keepsEmptyLines: true });
    const lines = [...decoder.push(bytes.subarray(0, cut)), ...decoder.push(bytes.subarray(cut)), ...decoder.end()];
    t.same(lines, ["a", "", "", "b", ""], `cut at ${cut}`);
  }
  t.end();
});
