import fc from "fast-check";
import t from "tap";
import type { Operation } from "../../src/testing/history.js";
import { layOut } from "../../src/testing/timeline-layout.js";
import { drawTimeline } from "../../src/testing/timeline.js";
import { at } from "./hand-made.js";
import { repeatingHistories } from "./history-arbitraries.js";

function by(client: string, operation: Operation): Operation {
  return { ...operation, client };
}

const WRITE = by("c1", at(0, 1).put("a", 1));
const LATE = by("c1", at(2, 3).putUnknown("late"));
const REFUSED = by("c2", at(2, 3).putFailed("b"));
const STALE = by("c2", at(5, 6).notFound());
const HISTORY = [WRITE, LATE, REFUSED, STALE, { ...at(0, 1).put("other", 9), key: "another key" }];
const FINDING = { title: "By values", reason: 'not found, though the key held "a"', operations: [STALE] };

/** The drawing of one operation. */
function barOf(page: string, title: string): string {
  return page.split("\n").find((line) => line.startsWith("<g ") && line.includes(title)) ?? "";
}

t.test("is a page that stands alone: nothing is loaded, and nothing runs", (t) => {
  const page = drawTimeline(HISTORY, { key: "k", verdict: "violation", findings: [FINDING] });
  t.match(page, /^<!doctype html>/);
  t.match(page, /default-src 'none'/);
  t.notMatch(page, /<script|<link|<img|src=|url\(|@import|https?:/);
  t.match(page, /prefers-color-scheme: dark/);
  t.end();
});

t.test("draws one row for each client and one bar for each operation of the key", (t) => {
  const page = drawTimeline(HISTORY, { key: "k", verdict: "linearizable", findings: [] });
  t.strictSame(
    [...page.matchAll(/<div class="(?:odd|even)"[^>]*>([^<]*)</g)].map((match) => match[1]),
    ["c1", "c2"],
  );
  t.equal(page.split("\n").filter((line) => line.startsWith("<g ")).length, 4);
  t.notMatch(page, /other/);
  t.end();
});

t.test("tells kind, value, answer and version of an operation in its label and in the table", (t) => {
  const page = drawTimeline(HISTORY, { key: "k", verdict: "linearizable", findings: [] });
  t.match(page, /<text [^>]*>put &quot;a&quot; → done \(1\.1\)<\/text>/);
  t.match(page, /<td>put &quot;a&quot;<\/td><td>done \(1\.1\)<\/td>/);
  t.end();
});

t.test("marks an offending operation with a glyph and a word, not by colour alone, and explains it above", (t) => {
  const page = drawTimeline(HISTORY, { key: "k", verdict: "violation", findings: [FINDING] });
  t.match(barOf(page, "get k"), /class="get not-found marked" id="contradiction"/);
  t.match(barOf(page, "get k"), />✗ contradiction: get → not found</);
  t.notMatch(barOf(page, "=&quot;a&quot;"), /marked/);
  t.match(page, /✗ not linearizable[^]*By values[^]*not found, though the key held &quot;a&quot;[^]*<svg/);
  t.end();
});

t.test("an unknown outcome has an open end, others have none", (t) => {
  const page = drawTimeline(HISTORY, { key: "k", verdict: "linearizable", findings: [] });
  t.match(barOf(page, "late"), /class="put unknown"[^]*class="open"/);
  t.notMatch(barOf(page, "late"), /Z"/);
  t.match(barOf(page, "=&quot;a&quot;"), /Z"/);
  t.notMatch(barOf(page, "=&quot;a&quot;"), /class="open"/);
  t.match(barOf(page, "ABORTED"), /class="put failed"/);
  t.end();
});

t.test("escapes keys, clients and values, and writes out what would hide or reverse text", (t) => {
  const evil = `</style><script>alert("1")</script>&'\u202E\u0000`;
  const operation = { ...by(evil, at(0, 1).put(evil, 1)), key: evil };
  const page = drawTimeline([operation], {
    key: evil,
    verdict: "violation",
    findings: [{ title: evil, reason: evil, operations: [operation] }],
  });
  t.notMatch(page, /<script|alert\("|&'|\u202E|\u0000/);
  t.match(page, "&lt;script&gt;");
  t.match(page, "\\u{202e}");
  t.end();
});

t.test("of a long history it draws what is around the contradiction, and says so", (t) => {
  const history = Array.from({ length: 1_000 }, (_, n) => at(2 * n, 2 * n + 1).put(`v${n.toString()}`, n));
  const marked = history.slice(700, 701);
  const page = drawTimeline(history, {
    key: "k",
    verdict: "violation",
    findings: [{ title: "x", reason: "y", operations: marked }],
    operationsMax: 40,
  });
  t.match(page, /40 of 1000 operations/);
  t.equal(page.split("\n").filter((line) => line.startsWith("<g ")).length, 40);
  t.match(page, /✗ contradiction: put &quot;v700&quot;/);
  t.match(page, /&quot;v695&quot;[^]*&quot;v705&quot;/);
  t.end();
});

t.test("bars follow the order of time, and no label covers another, in any history", (t) => {
  fc.assert(
    fc.property(repeatingHistories(), fc.integer({ min: 1, max: 300 }), (operations, labelWidth) => {
      const history = operations.map((operation, index) => by(index % 2 === 0 ? "c1" : "c2", operation));
      const { bars, rows, width, height } = layOut(history, () => labelWidth);
      t.equal(bars.length, history.length);
      for (const bar of bars) {
        const row = rows.find(({ client }) => client === bar.operation.client);
        t.ok(row !== undefined && bar.top >= row.top && bar.top + bar.height <= row.top + row.height);
        t.ok(bar.left >= 0 && bar.right > bar.left && bar.left + labelWidth <= width && bar.top + bar.height <= height);
        for (const other of bars) {
          if (bar.operation.calledMs < other.operation.calledMs) t.ok(bar.left < other.left);
          const isBeside = bar.top === other.top && bar !== other;
          if (isBeside && bar.left <= other.left) t.ok(Math.max(bar.right, bar.left + labelWidth) < other.left);
        }
      }
    }),
    { numRuns: 100 },
  );
  t.end();
});
