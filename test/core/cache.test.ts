import fc from "fast-check";
import t from "tap";
import { SetAssociativeCache } from "../../src/core/cache.js";

const picture = (cache: SetAssociativeCache<string>, set = 0) =>
  cache
    .entries(set)
    .map(({ key, referenced }) => key + (referenced ? "*" : ""))
    .join(" ");

t.test("a new entry enters at the back with its reference bit off", (t) => {
  const cache = new SetAssociativeCache<string>(1, 3);
  cache.put(0, "a", "1");
  cache.put(0, "b", "2");
  t.equal(picture(cache), "a b");
  t.end();
});

t.test("a hit sets the reference bit, a miss changes nothing", (t) => {
  const cache = new SetAssociativeCache<string>(1, 3);
  cache.put(0, "a", "1");
  t.equal(cache.get("a"), "1");
  t.equal(cache.get("x"), undefined);
  t.equal(picture(cache), "a*");
  t.end();
});

t.test("an overwrite stays in place and sets the reference bit", (t) => {
  const cache = new SetAssociativeCache<string>(1, 2);
  cache.put(0, "a", "1");
  cache.put(0, "b", "2");
  t.equal(cache.put(0, "a", "3"), undefined);
  t.equal(picture(cache), "a* b");
  t.equal(cache.get("a"), "3");
  t.end();
});

t.test(
  "a full set evicts the first entry from the front whose bit is off; bits on the way go off and to the back",
  (t) => {
    const cache = new SetAssociativeCache<string>(1, 3);
    for (const key of ["a", "b", "c"]) cache.put(0, key, key);
    cache.get("a");
    t.equal(cache.put(0, "d", "d"), "b");
    t.equal(picture(cache), "c a d");
    t.end();
  },
);

t.test("when every bit is on, all get a second chance and the front one leaves", (t) => {
  const cache = new SetAssociativeCache<string>(1, 3);
  for (const key of ["a", "b", "c"]) cache.put(0, key, key);
  for (const key of ["a", "b", "c"]) cache.get(key);
  t.equal(cache.put(0, "d", "d"), "a");
  t.equal(picture(cache), "b c d");
  t.end();
});

t.test("sets are separate and keep their size", (t) => {
  const cache = new SetAssociativeCache<string>(2, 1);
  cache.put(0, "a", "1");
  cache.put(1, "b", "2");
  t.equal(cache.put(0, "c", "3"), "a");
  t.equal(picture(cache, 0), "c");
  t.equal(picture(cache, 1), "b");
  t.end();
});

t.test("a deleted key is gone and frees its way", (t) => {
  const cache = new SetAssociativeCache<string>(1, 2);
  cache.put(0, "a", "1");
  cache.put(0, "b", "2");
  cache.delete("a");
  cache.delete("never there");
  t.equal(cache.put(0, "c", "3"), undefined);
  t.equal(picture(cache), "b c");
  t.end();
});

t.test("a key's set is its hash modulo the number of sets", (t) => {
  const cache = new SetAssociativeCache<string>(64, 4);
  t.equal(cache.setOf(0n), 0);
  t.equal(cache.setOf(65n), 1);
  t.equal(cache.setOf(2n ** 64n - 1n), 63);
  t.end();
});

t.test("keys named like object properties are keys like others", (t) => {
  const cache = new SetAssociativeCache<string>(1, 4);
  for (const key of ["__proto__", "constructor", "toString"]) {
    t.equal(cache.get(key), undefined);
    cache.put(0, key, key);
    t.equal(cache.get(key), key);
  }
  t.end();
});

t.test("any sequence of operations gives what a map and a written-out queue give", (t) => {
  const operation = fc.tuple(
    fc.constantFrom("get", "put", "delete"),
    fc.constantFrom("a", "b", "c", "d", "e", "f"),
    fc.nat(99),
  );
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 4 }), fc.array(operation, { maxLength: 60 }), (ways, operations) => {
      const cache = new SetAssociativeCache<string>(1, ways);
      let model: { key: string; value: string; bit: boolean }[] = [];
      for (const [name, key, n] of operations) {
        const entry = model.find((candidate) => candidate.key === key);
        if (name === "get") {
          t.equal(cache.get(key), entry?.value);
          if (entry) entry.bit = true;
        } else if (name === "delete") {
          cache.delete(key);
          model = model.filter((candidate) => candidate !== entry);
        } else {
          cache.put(0, key, `${n}`);
          if (entry) Object.assign(entry, { value: `${n}`, bit: true });
          else {
            if (model.length === ways) {
              const victim = model.find(({ bit }) => !bit) ?? model[0];
              const passed = model.slice(0, model.indexOf(victim as (typeof model)[number]));
              const all = model.every(({ bit }) => bit);
              const rest = model.filter((candidate) => candidate !== victim && !passed.includes(candidate));
              const spared = (all ? rest : passed).map((candidate) => ({ ...candidate, bit: false }));
              model = all ? spared : [...rest, ...spared];
            }
            model.push({ key, value: `${n}`, bit: false });
          }
        }
        t.strictSame(
          cache.entries(0).map(({ key, value, referenced }) => ({ key, value, bit: referenced })),
          model,
        );
      }
    }),
    { numRuns: 100 },
  );
  t.end();
});

t.test("its figures count entries, hits, misses and evictions; what is overwritten or deleted is no eviction", (t) => {
  const cache = new SetAssociativeCache<string>(2, 1);
  t.strictSame(cache.figures, { used: 0, hits: 0, misses: 0, evictions: 0 });
  cache.put(0, "a", "1");
  cache.put(0, "a", "2");
  cache.put(1, "b", "1");
  cache.get("a");
  cache.get("x");
  cache.put(0, "c", "1");
  cache.delete("b");
  cache.delete("b");
  t.strictSame(cache.figures, { used: 1, hits: 1, misses: 1, evictions: 1 });
  t.end();
});
