import assert from "node:assert/strict";
import fc from "fast-check";
import t from "tap";
import { checkKey, checkPrefix, checkValue } from "../../src/client/input.js";
import { RingkvError } from "../../src/protocol/errors.js";
import { decodeMessage, getRequest, keysRequest, putRequest } from "../../src/protocol/messages.js";

/** The code with which the function refuses; undefined when it does not. */
function codeOf(act: () => void): string | undefined {
  try {
    act();
    return undefined;
  } catch (error) {
    if (error instanceof RingkvError) return error.code;
    throw error;
  }
}

/** Texts around the limits, of all character widths, lone surrogates included, and what is no text. */
function input(lengths: readonly number[]) {
  return fc.oneof(
    fc.string({ unit: "binary", maxLength: 5 }),
    fc.tuple(fc.constantFrom("x", "é", "€", "😀", "\uD800"), fc.constantFrom(...lengths)).map(([c, n]) => c.repeat(n)),
    fc.constantFrom<unknown>(undefined, null, 7, {}, []),
  );
}

t.test("keys, prefixes and values are judged here as the protocol's schema judges them", (t) => {
  fc.assert(
    fc.property(input([0, 1, 64, 85, 86, 128, 129, 256, 257]), (key) => {
      const get = JSON.stringify({ type: "getreq", key });
      assert.equal(
        codeOf(() => checkKey(key)),
        codeOf(() => decodeMessage(getRequest, get)),
      );
      if (key === undefined) return;
      const keys = JSON.stringify({ type: "keysreq", prefix: key });
      assert.equal(
        codeOf(() => checkPrefix(key)),
        codeOf(() => decodeMessage(keysRequest, keys)),
      );
    }),
    { numRuns: 500 },
  );
  fc.assert(
    fc.property(input([0, 1, 65_536, 65_537, 87_381, 87_382, 131_072, 131_073, 262_144, 262_145]), (value) => {
      const put = JSON.stringify({ type: "putreq", key: "k", value });
      assert.equal(
        codeOf(() => checkValue(value)),
        codeOf(() => decodeMessage(putRequest, put)),
      );
    }),
    { numRuns: 100 },
  );
  t.end();
});
