import fc from "fast-check";
import t from "tap";
import { Ring } from "../../src/core/ring.js";
import type { SlaveId } from "../../src/protocol/ids.js";

const MAX = 2n ** 64n - 1n;
const id = (value: bigint) => value.toString() as SlaveId;
const ringOf = (...places: bigint[]) => new Ring(places.map(id));

/** The rule read aloud: walk clockwise from the hash until a member stands there. */
function linearScan(places: readonly bigint[], hash: bigint): [SlaveId, SlaveId] {
  const sorted = [...places].sort((a, b) => (a < b ? -1 : 1));
  const index = sorted.findIndex((place) => place >= hash);
  const primary = index === -1 ? 0 : index;
  const successor = (primary + 1) % sorted.length;
  return [id(sorted[primary] ?? -1n), id(sorted[successor] ?? -1n)];
}

t.test("the design's vectors: IDs 2^16, 2^23, 2^35, 2^55", (t) => {
  const ring = ringOf(2n ** 55n, 2n ** 16n, 2n ** 35n, 2n ** 23n);
  t.strictSame(ring.replicasOf(2n ** 7n), [id(2n ** 16n), id(2n ** 23n)]);
  t.strictSame(ring.replicasOf(2n ** 33n), [id(2n ** 35n), id(2n ** 55n)]);
  t.strictSame(ring.replicasOf(2n ** 55n + 1n), [id(2n ** 16n), id(2n ** 23n)], "wraps past the last ID");
  t.end();
});

t.test("a hash equal to an ID belongs to that ID", (t) => {
  const ring = ringOf(2n ** 16n, 2n ** 23n, 2n ** 35n, 2n ** 55n);
  t.strictSame(ring.replicasOf(2n ** 23n), [id(2n ** 23n), id(2n ** 35n)]);
  t.strictSame(ring.replicasOf(2n ** 23n + 1n), [id(2n ** 35n), id(2n ** 55n)]);
  t.end();
});

t.test("IDs 0 and 2^64-1 are places like others, in unsigned order", (t) => {
  const ring = ringOf(MAX, 0n, 2n ** 63n);
  t.strictSame(ring.members, [id(0n), id(2n ** 63n), id(MAX)]);
  t.strictSame(ring.replicasOf(0n), [id(0n), id(2n ** 63n)]);
  t.strictSame(ring.replicasOf(1n), [id(2n ** 63n), id(MAX)]);
  t.strictSame(ring.replicasOf(MAX), [id(MAX), id(0n)]);
  t.end();
});

t.test("one slave holds both copies, two slaves hold one each", (t) => {
  t.strictSame(ringOf(5n).replicasOf(6n), [id(5n), id(5n)]);
  t.strictSame(ringOf(5n, 9n).replicasOf(6n), [id(9n), id(5n)]);
  t.strictSame(ringOf(5n, 9n).replicasOf(10n), [id(5n), id(9n)]);
  t.end();
});

t.test("placement equals a linear scan for any ring and any hash, at every ID and beside it", (t) => {
  const place = fc.bigInt({ min: 0n, max: MAX });
  fc.assert(
    fc.property(fc.uniqueArray(place, { minLength: 1, maxLength: 20 }), fc.array(place), (places, hashes) => {
      const ring = ringOf(...places);
      const atAndBeside = places.flatMap((p) => [p, BigInt.asUintN(64, p + 1n), BigInt.asUintN(64, p - 1n)]);
      for (const hash of [...hashes, ...atAndBeside, 0n, MAX]) {
        t.strictSame(ring.replicasOf(hash), linearScan(places, hash));
      }
    }),
    { numRuns: 60 },
  );
  t.end();
});

t.test("the shares of all members add up to the whole ring", (t) => {
  const ring = ringOf(3n, 2n ** 62n, 2n ** 63n, MAX);
  const total = ring.members.reduce((sum, member) => sum + ring.shareOf(member), 0);
  t.ok(Math.abs(total - 1) < 1e-12, `${total}`);
  t.equal(ringOf(7n).shareOf(id(7n)), 1);
  t.end();
});

t.test("members are named in ring order", (t) => {
  const ring = ringOf(30n, 10n, 20n);
  t.strictSame(
    ring.members.map((member) => ring.nameOf(member)),
    ["s1", "s2", "s3"],
  );
  t.equal(ring.successorOf(id(30n)), id(10n));
  t.end();
});
