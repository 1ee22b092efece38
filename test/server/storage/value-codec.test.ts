import t from "tap";
import type { OpId } from "../../../src/protocol/ids.js";
import { decodeValue, encodeValue } from "../../../src/server/storage/value-codec.js";

const KEY = "key é";
const VERSIONED = { value: "a value of 😀", opId: "18446744073709551615.9007199254740991" as OpId };

t.test("a value comes back with its version", (t) => {
  t.strictSame(decodeValue(KEY, encodeValue(KEY, VERSIONED)), VERSIONED);
  const empty = { value: "", opId: "1.1" as OpId };
  t.strictSame(decodeValue(KEY, encodeValue(KEY, empty)), empty);
  t.end();
});

t.test("a value with any bit turned, or cut at any byte, is none", (t) => {
  const bytes = encodeValue(KEY, VERSIONED);
  for (let bit = 0; bit < bytes.length * 8; bit++) {
    const turned = bytes.slice();
    turned[bit >> 3] = (turned[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    if (decodeValue(KEY, turned) !== undefined) t.fail(`bit ${bit}`);
  }
  for (let end = 0; end < bytes.length; end++) {
    if (decodeValue(KEY, bytes.slice(0, end)) !== undefined) t.fail(`cut at ${end}`);
  }
  t.pass("all are found");
  t.end();
});

t.test("a value under another key is none", (t) => {
  t.equal(decodeValue("another", encodeValue(KEY, VERSIONED)), undefined);
  t.end();
});
