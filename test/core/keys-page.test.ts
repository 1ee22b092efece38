import fc from "fast-check";
import t from "tap";
import { cutToFrame } from "../../src/core/keys-page.js";
import { LIMITS } from "../../src/protocol/limits.js";

t.test("a page that fits stays as it is", (t) => {
  t.strictSame(cutToFrame({ keys: ["a", "b"], more: false }), { keys: ["a", "b"], more: false });
  t.strictSame(cutToFrame({ keys: [], more: true }), { keys: [], more: true });
  t.end();
});

t.test("a page that does not fit is cut and tells that more follow", (t) => {
  const keys = Array.from({ length: 1_000 }, () => "\u0001".repeat(256));
  const page = cutToFrame({ keys, more: false });
  t.ok(page.more);
  t.ok(page.keys.length > 300 && page.keys.length < 350, `${page.keys.length} keys`);
  t.end();
});

t.test("whatever the keys, a page is a beginning of them that fits, and never empty without need", (t) => {
  const key = fc.oneof(fc.string({ maxLength: 256 }), fc.constantFrom("\u0001".repeat(256), '"'.repeat(256)));
  const result = fc.check(
    fc.property(fc.array(key, { minLength: 1, maxLength: 1_000 }), (keys) => {
      const page = cutToFrame({ keys, more: false });
      const isBeginning = page.keys.every((kept, index) => kept === keys[index]);
      const bytes = Buffer.byteLength(JSON.stringify(page.keys));
      return (
        isBeginning &&
        page.keys.length > 0 &&
        bytes <= LIMITS.keysPageBytesMax + 2 &&
        page.more === page.keys.length < keys.length
      );
    }),
    { numRuns: 50 },
  );
  t.notOk(result.failed, JSON.stringify(result.counterexample).slice(0, 500));
  t.end();
});
