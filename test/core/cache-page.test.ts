import fc from "fast-check";
import t from "tap";
import { SetAssociativeCache } from "../../src/core/cache.js";
import { readCachePage } from "../../src/core/cache-page.js";

const ROOMY = 1_000_000;

t.test("a page has the first sets that are not empty from a set on, front to back, without the values", (t) => {
  const cache = new SetAssociativeCache<string>(10_000, 2);
  for (const [set, key] of [
    [3, "a"],
    [3, "b"],
    [5_000, "c"],
    [9_999, "d"],
  ] as const) {
    cache.put(set, key, "secret");
  }
  cache.get("a");
  t.strictSame(readCachePage(cache, { from: 0, count: 2 }, ROOMY), {
    sets: 10_000,
    ways: 2,
    used: 4,
    hits: 1,
    misses: 0,
    evictions: 0,
    contents: [
      {
        set: 3,
        entries: [
          { key: "a", referenced: true },
          { key: "b", referenced: false },
        ],
      },
      { set: 5_000, entries: [{ key: "c", referenced: false }] },
    ],
    more: true,
  });
  const last = readCachePage(cache, { from: 5_001, count: 64 }, ROOMY);
  t.strictSame([last.contents.map(({ set }) => set), last.more], [[9_999], false]);
  t.strictSame(readCachePage(cache, { from: 10_000, count: 1 }, ROOMY).contents, []);
  t.end();
});

t.test("page after page has every entry once", (t) => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.tuple(fc.nat(4_999), fc.string({ minLength: 1 })), {
        maxLength: 60,
        selector: ([, key]) => key,
      }),
      fc.integer({ min: 1, max: 64 }),
      fc.integer({ min: 200, max: 2_000 }),
      (puts, count, bytesMax) => {
        const cache = new SetAssociativeCache<string>(5_000, 3);
        for (const [set, key] of puts) cache.put(set, key, "");
        const seen: string[] = [];
        let from = 0;
        for (let page; page?.more !== false; from = (page.contents.at(-1)?.set ?? 0) + 1) {
          page = readCachePage(cache, { from, count }, bytesMax);
          seen.push(...page.contents.flatMap(({ set, entries }) => entries.map(({ key }) => `${set} ${key}`)));
        }
        const all = Array.from({ length: 5_000 }, (_, set) => cache.entries(set).map(({ key }) => `${set} ${key}`));
        t.strictSame(seen, all.flat());
      },
    ),
    { numRuns: 50 },
  );
  t.end();
});

t.test(
  "a page of long keys stops before a set that does not fit, and of a single one tells what it leaves out",
  (t) => {
    const cache = new SetAssociativeCache<string>(2, 4);
    for (const set of [0, 1]) for (const n of [1, 2, 3]) cache.put(set, `${set}${n}${"k".repeat(98)}`, "");
    const sizes = (bytesMax: number, from = 0) =>
      readCachePage(cache, { from, count: 2 }, bytesMax).contents.map(({ entries, omitted }) => [
        entries.length,
        omitted,
      ]);
    t.strictSame(sizes(800), [
      [3, undefined],
      [3, undefined],
    ]);
    t.strictSame(sizes(700), [[3, undefined]]);
    t.strictSame(sizes(300), [[2, 1]]);
    const page = readCachePage(cache, { from: 0, count: 2 }, 700);
    t.ok(JSON.stringify(page.contents).length <= 700);
    t.equal(page.more, true);
    t.end();
  },
);
