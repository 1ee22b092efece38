import t from "tap";
import { readCopies } from "../../src/core/copies-page.js";
import { HASHES } from "../../src/core/hash.js";
import type { Versioned } from "../../src/core/store.js";
import type { OpId } from "../../src/protocol/ids.js";
import { LIMITS } from "../../src/protocol/limits.js";

/** A store that holds these values. */
function storeOf(values: Readonly<Record<string, string>>) {
  return {
    get: (key: string): Versioned | undefined => {
      const value = values[key];
      return value === undefined ? undefined : { value, opId: `1.${value.length}` as OpId };
    },
  };
}

t.test("a copy is told by its key, version and digest; what was deleted since the listing is left out", (t) => {
  const page = readCopies(storeOf({ a: "Paris", c: "" }), { keys: ["a", "b", "c"], more: true });
  t.strictSame(page, {
    copies: [
      { key: "a", opId: "1.5", digest: HASHES.xxh64("Paris").toString(16).padStart(16, "0") },
      // xxHash64 of nothing, seed 0, as its specification has it.
      { key: "c", opId: "1.0", digest: "ef46db3751d8e999" },
    ],
    more: true,
  });
  t.end();
});

t.test("a digest has 16 digits, also one that begins with zeros", (t) => {
  const values = Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`k${index}`, `v${index}`]));
  const { copies } = readCopies(storeOf(values), { keys: Object.keys(values), more: false });
  t.ok(copies.every(({ digest }) => /^[0-9a-f]{16}$/.test(digest)));
  t.ok(copies.some(({ digest }) => digest.startsWith("0")));
  t.end();
});

t.test("of long keys a page has as many as a frame takes, and tells that more follow", (t) => {
  const keys = Array.from({ length: 1_000 }, (_, index) => `${"\u0001".repeat(250)}${index}`);
  const values = Object.fromEntries(keys.map((key) => [key, "x"]));
  const page = readCopies(storeOf(values), { keys, more: false });
  t.ok(page.more);
  t.ok(page.copies.length > 250, `${page.copies.length} copies`);
  t.ok(Buffer.byteLength(JSON.stringify(page)) < LIMITS.linkFrameBytesMax);
  t.end();
});

t.test("no more than 4 MiB of values are read for a page, but one value at least", (t) => {
  const values = Object.fromEntries(Array.from({ length: 40 }, (_, index) => [`k${index}`, "x".repeat(262_144)]));
  const page = readCopies(storeOf(values), { keys: Object.keys(values), more: false });
  t.strictSame([page.copies.length, page.more], [16, true]);
  t.end();
});
