import fc from "fast-check";
import t from "tap";
import { parseEpoch, parseOpId, parseSlaveId } from "../../src/protocol/ids.js";

/** What is a number elsewhere, and no decimal of 64 bits here. */
const NO_DECIMALS = [
  "",
  " 1",
  "1 ",
  "1\n",
  "\t1",
  "+1",
  "--1",
  "-",
  "0x10",
  "0b1",
  "0o7",
  "1e3",
  "1.0",
  "1_000",
  "1,000",
  "1n",
  "١",
  "１",
  "NaN",
  "Infinity",
  "18446744073709551616",
  "99999999999999999999",
  "-9223372036854775809",
  "1".repeat(21),
  "0".repeat(21),
  "../1",
  "1/../2",
  "1\u0000",
];

t.test("what is no decimal of 64 bits is no slave ID, no epoch and no part of an op ID", (t) => {
  for (const text of NO_DECIMALS) {
    t.equal(parseSlaveId(text), undefined, JSON.stringify(text));
    t.equal(parseEpoch(text), undefined, JSON.stringify(text));
    t.equal(parseOpId(`${text}.1`), undefined, JSON.stringify(text));
    t.equal(parseOpId(`1.${text}`), undefined, JSON.stringify(text));
  }
  for (const text of ["1", "1.", ".1", "1.1.1", "1.01", "01.1", "-1.1", "1.-1", "1.9007199254740992"]) {
    t.equal(parseOpId(text), undefined, text);
  }
  t.equal(parseOpId("18446744073709551615.9007199254740991"), "18446744073709551615.9007199254740991");
  t.end();
});

t.test("every number of 64 bits is a slave ID and an epoch under its one name", (t) => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), (number) => {
      const text = number.toString();
      return parseSlaveId(text) === text && parseEpoch(text) === text;
    }),
  );
  t.end();
});

t.test(
  "a slave ID with a sign or leading zeros is taken, and has its one name from then on; an epoch is refused",
  (t) => {
    for (const [written, name] of [
      ["007", "7"],
      ["-1", "18446744073709551615"],
      ["-9223372036854775808", "9223372036854775808"],
      ["-0", "0"],
      ["00000000000000000001", "1"],
    ] as const) {
      t.equal(parseSlaveId(written), name);
      t.equal(parseEpoch(written), undefined);
    }
    t.end();
  },
);
