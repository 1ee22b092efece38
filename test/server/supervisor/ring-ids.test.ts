import t from "tap";
import type { SlaveId } from "../../../src/protocol/ids.js";
import { evenlySpreadIds, inRingOrder } from "../../../src/server/supervisor/ring-ids.js";

t.test("four slaves cut the ring into quarters, the last ID being 2^64 - 1", (t) => {
  t.same(evenlySpreadIds(4), [
    "4611686018427387903",
    "9223372036854775807",
    "13835058055282163711",
    "18446744073709551615",
  ]);
  t.end();
});

t.test("arcs differ by one at most, for any count", (t) => {
  for (const count of [1, 2, 3, 7, 256]) {
    const ids = evenlySpreadIds(count).map(BigInt);
    const arcs = ids.map((id, index) => id - (ids[index - 1] ?? -1n));
    const spread = arcs.toSorted((a, b) => Number(a - b));
    t.equal(ids.length, count);
    t.ok((spread.at(-1) ?? 0n) - (spread[0] ?? 0n) <= 1n, count.toString());
    t.equal(ids.at(-1), 2n ** 64n - 1n);
  }
  t.end();
});

t.test("named IDs come in unsigned ring order", (t) => {
  const ids = ["18446744073709551615", "9", "10", "0"] as SlaveId[];
  t.same(inRingOrder(ids), ["0", "9", "10", "18446744073709551615"]);
  t.end();
});

t.test("an ID named twice is refused", (t) => {
  t.throws(() => inRingOrder(["1", "2", "1"] as SlaveId[]), { code: "DUPLICATE_ID" });
  t.end();
});
