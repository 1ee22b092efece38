import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { formatHistory } from "../../src/testing/history-file.js";
import type { Operation } from "../../src/testing/history.js";
import { at } from "../testing/hand-made.js";
import { runCli } from "./run-cli.js";

const GOOD = [at(0, 1).put("a", 1), at(2, 3).get("a", 1), { ...at(2, 3).delUnknown(), client: "d", key: "other" }];
const STALE = [at(0, 1).put("a", 1), at(2, 3).put("b", 2), at(4, 5).get("a", 1)].map((operation) => {
  return { ...operation, key: "../my key" };
});

/** Writes a history into a directory and gives its path. */
function write(directory: string, history: readonly Operation[]): string {
  const file = join(directory, "run.jsonl");
  writeFileSync(file, formatHistory(history));
  return file;
}

t.test("a linearizable history exits with 0 and one line of what was checked", async (t) => {
  const directory = t.testdir();
  const file = write(directory, GOOD);
  t.match(await runCli(["check", file]), {
    code: 0,
    out: "linearizable: 3 operations, 2 keys, 2 clients, 1 unknown outcome\n",
    err: "",
  });
  t.notOk(existsSync(join(directory, "run.k.html")));
});

t.test("a violation exits with 1, tells the key, what contradicts and where the timeline is", async (t) => {
  const directory = t.testdir();
  const file = write(directory, [...GOOD, ...STALE]);
  const { code, out } = await runCli(["check", file]);
  const page = join(directory, "run._my_key.html");
  t.equal(code, 1);
  t.match(out, /^NOT LINEARIZABLE: 6 operations, 3 keys/);
  t.match(
    out,
    'key "../my key"\n  By values alone: a read gives "a", but until it returned the key can only have held "b"',
  );
  t.match(out, '  ✗ c get ../my key → "a" (1.1) [4.000, 5.000]');
  t.match(out, "  By the store's versions: a later read gives an older version");
  t.match(out, `timeline: ${page}\n`);
  t.match(readFileSync(page, "utf8"), /✗ contradiction: get → &quot;a&quot;/);
});

t.test("versions alone that contradict are a violation too", async (t) => {
  const file = write(t.testdir(), [at(0, 1).put("a", 2), at(2, 3).put("b", 1)]);
  const { code, out } = await runCli(["check", file]);
  t.equal(code, 1);
  t.match(out, "By the store's versions: a later write has an older version");
  t.notMatch(out, "By values alone");
});

t.test("--timeline says where the timeline goes, and asks for one where nothing is wrong", async (t) => {
  const directory = t.testdir();
  const file = write(directory, GOOD);
  const page = join(directory, "page.html");
  t.match(await runCli(["check", file, "--timeline", page]), { code: 0, out: `timeline: ${page}\n` });
  t.match(readFileSync(page, "utf8"), "✓ linearizable");
});

t.test("a timeline that cannot be written is told, and the verdict is there all the same", async (t) => {
  const directory = t.testdir();
  const file = write(directory, STALE);
  const { code, out, err } = await runCli(["check", file, "--timeline", join(directory, "no", "page.html")]);
  t.equal(code, 1);
  t.match(out, /^NOT LINEARIZABLE/);
  t.match(err, /^The timeline was not written: ENOENT/);
});

t.test("--key checks one key alone", async (t) => {
  const file = write(t.testdir(), [...GOOD, ...STALE]);
  t.match(await runCli(["check", file, "--key", "k"]), { code: 0, out: /^linearizable: 2 operations, 1 key,/ });
  t.match(await runCli(["check", file, "--key", "nowhere"]), { code: 2, err: /no operation of this --key/ });
});

t.test("- reads standard input, and --json tells all of it to programs", async (t) => {
  const page = join(t.testdir(), "page.html");
  const { code, out } = await runCli(["check", "-", "--json", "--timeline", page], formatHistory([...GOOD, ...STALE]));
  t.equal(code, 1);
  t.match(JSON.parse(out), {
    verdict: "violation",
    operations: 6,
    keys: 3,
    clients: 2,
    unknown: 1,
    wrong: [
      {
        key: "../my key",
        verdict: "violation",
        findings: [
          { check: "referee", operations: STALE.slice(2), context: STALE },
          { check: "versions", reason: "a later read gives an older version" },
        ],
      },
    ],
    timeline: page,
  });
});

t.test("what cannot be read as a history exits with 2 and says why, with the line", async (t) => {
  const directory = t.testdir({
    "cut.jsonl": `${formatHistory(GOOD)}{"kind":"get","cl`,
    "latin.jsonl": Buffer.from([0x22, 0xe9]),
  });
  for (const [file, message] of [
    [join(directory, "none.jsonl"), /none\.jsonl: ENOENT/],
    [directory, /EISDIR/],
    [join(directory, "cut.jsonl"), /cut\.jsonl: BAD_FRAME: line 4: not JSON/],
    [join(directory, "latin.jsonl"), /latin\.jsonl: /],
  ] as const) {
    const { code, out, err } = await runCli(["check", file]);
    t.equal(code, 2);
    t.equal(out, "");
    t.match(err, message);
  }
  t.match(await runCli(["check"]), { code: 2, err: /check <history>/ });
});

t.test("keys and values of a history cannot steer the terminal", async (t) => {
  const evil = [{ ...at(0, 1).get("\u001b[2J", 1), client: "\u001b]0;x\u0007" }];
  const { code, out } = await runCli(["check", "-", "--timeline", join(t.testdir(), "x.html")], formatHistory(evil));
  t.equal(code, 1);
  t.notMatch(out, /\u001b|\u0007/);
});
