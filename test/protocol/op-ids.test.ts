import fc from "fast-check";
import t from "tap";
import { type OpId, compareOpIds } from "../../src/protocol/ids.js";

const epoch = fc.oneof(fc.bigInt(0n, 2n ** 64n - 1n), fc.bigInt(0n, 200n));
const seq = fc.oneof(fc.nat({ max: Number.MAX_SAFE_INTEGER }), fc.nat({ max: 200 }));

t.test("op IDs are ordered by epoch, then by seq, as numbers", (t) => {
  fc.assert(
    fc.property(epoch, seq, epoch, seq, (leftEpoch, leftSeq, rightEpoch, rightSeq) => {
      const order = compareOpIds(`${leftEpoch}.${leftSeq}` as OpId, `${rightEpoch}.${rightSeq}` as OpId);
      const expected = Number(leftEpoch - rightEpoch) || leftSeq - rightSeq;
      return Math.sign(order) === Math.sign(expected);
    }),
    { numRuns: 5_000 },
  );
  t.equal(compareOpIds("9.10" as OpId, "10.9" as OpId) < 0, true, "as long as each other, and other halves");
  t.equal(compareOpIds("1.9" as OpId, "1.10" as OpId) < 0, true);
  t.equal(compareOpIds("7.7" as OpId, "7.7" as OpId), 0);
  t.end();
});
