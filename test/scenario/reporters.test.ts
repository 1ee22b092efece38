import { Parser } from "tap-parser";
import t from "tap";
import { PLAIN_PAINT } from "../../src/repl/paint.js";
import type { Reporter, ScenarioEvent } from "../../src/scenario/events.js";
import { JsonReporter } from "../../src/scenario/json-reporter.js";
import { SpecReporter } from "../../src/scenario/spec-reporter.js";
import { TapReporter } from "../../src/scenario/tap-reporter.js";

const FAILURE = {
  file: "b # 2.kv",
  line: 4,
  statement: "expect get city is Rome",
  message: 'EXPECTED: expected "Rome", found "Paris"',
  expected: '"Rome"',
  found: '"Paris"\x1b[2J',
};

const EVENTS: readonly ScenarioEvent[] = [
  { type: "file", file: "a.kv", seed: 7 },
  { type: "test", ok: true, name: "line 1: expect get a is # 1", elapsedMs: 1.5, failure: undefined },
  { type: "note", text: "a: OK\nnot ok 9 - a note is no test" },
  { type: "section", title: "a \\ section" },
  { type: "test", ok: true, name: "line 3: expect get b", elapsedMs: 2, failure: undefined },
  { type: "section", title: "another" },
  { type: "test", ok: true, name: "line 5: expect get c", elapsedMs: 2, failure: undefined },
  { type: "file-end", file: "a.kv", elapsedMs: 10, problem: undefined },
  { type: "file", file: "b # 2.kv", seed: 7 },
  { type: "section", title: "fails" },
  { type: "test", ok: false, name: "line 4: expect get city is Rome", elapsedMs: 2, failure: FAILURE },
  { type: "file-end", file: "b # 2.kv", elapsedMs: 10, problem: undefined },
  { type: "file", file: "c.kv", seed: 7 },
  { type: "file-end", file: "c.kv", elapsedMs: 10, problem: "not done after 120 s" },
];

function textOf(reporter: Reporter): string {
  return (
    reporter.begin() + EVENTS.map((event) => reporter.report(event)).join("") + reporter.end({ passed: 3, failed: 2 })
  );
}

t.test("TAP: a consumer finds every file, section and test, and the failures", (t) => {
  const tap = textOf(new TapReporter());
  const names: string[] = [];
  const failures: object[] = [];
  const problems: unknown[] = [];
  const follow = (parser: Parser) => {
    parser.on("child", follow);
    parser.on("assert", (result: { ok: boolean; name: string; diag: object | null }) => {
      names.push(result.name);
      if (!result.ok && result.diag !== null) failures.push(result.diag);
    });
    parser.on("extra", (extra: unknown) => problems.push(extra));
  };
  const parser = new Parser({ strict: true }, ({ ok, count, fail, failures: found }) => {
    t.notOk(ok);
    t.equal(count, 3, "files");
    t.equal(fail, 2);
    t.same(
      found.flatMap((failure) => ("tapError" in failure && failure.tapError !== null ? [failure] : [])),
      [],
      "the TAP itself is right",
    );
  });
  follow(parser);
  parser.end(tap);
  t.same(problems, []);
  for (const name of [
    "line 1: expect get a is # 1",
    "a \\ section",
    "another",
    "line 4: expect get city is Rome",
    "b # 2.kv",
  ]) {
    t.ok(names.includes(name), name);
  }
  t.match(failures, [
    { expected: '"Rome"', found: '"Paris"\x1b[2J', at: "b # 2.kv:4" },
    { message: "not done after 120 s" },
  ]);
  t.equal(tap.match(/^ok 1 - a\.kv|^not ok 2 - b \\# 2\.kv|^not ok 3 - c\.kv/gm)?.length, 3);
  t.match(tap, /\n# 3 passed, 2 failed\n$/);
  t.end();
});

t.test(
  "spec: a failure shows its place, what was expected and what was found, and nothing that steers a terminal",
  (t) => {
    const text = textOf(new SpecReporter(PLAIN_PAINT));
    t.match(text, "    ✓ line 3: expect get b (2 ms)\n");
    t.match(
      text,
      '    ✗ line 4: expect get city is Rome (2 ms)\n        expected  "Rome"\n        found     "Paris"\\x1b[2J\n        at b # 2.kv:4\n',
    );
    t.match(text, "✗ not done after 120 s\n\n3 passed, 2 failed\n");
    t.notOk(text.includes("\x1b"));
    t.end();
  },
);

t.test("json: each event is a line", (t) => {
  const lines = textOf(new JsonReporter()).trimEnd().split("\n");
  t.same(
    lines.slice(0, -1).map((line) => JSON.parse(line) as object),
    JSON.parse(JSON.stringify(EVENTS)),
  );
  t.same(JSON.parse(lines.at(-1) ?? ""), { type: "totals", passed: 3, failed: 2 });
  t.end();
});
