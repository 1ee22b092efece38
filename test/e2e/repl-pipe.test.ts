import t from "tap";
import { runCli } from "../cli/run-cli.js";
import { startCluster } from "./cluster.js";

/** The REPL without a terminal: pipes, `--eval`, `--json`, exit codes. */

async function repl(t: Parameters<typeof startCluster>[0], input: string, ...args: readonly string[]) {
  const { ready } = await startCluster(t, { slaves: 2 });
  const at = `${ready.client.host}:${ready.client.port}`;
  return runCli(["repl", "--connect", at, ...args], input);
}

t.test("a failing line is told on stderr, and nothing on stdout, with exit code 1", async (t) => {
  t.same(await repl(t, "get nope\n"), { code: 1, out: "", err: "KEY_NOT_FOUND: Key does not exist\n" });
});

t.test("a piped session speaks the whole language, and ends with 0 when all went well", async (t) => {
  const lines = [
    "put city Paris ; get city",
    'put user {"name": "Ada", "age": 36}',
    "get user",
    "put poem <<END",
    "roses \u{1f339}",
    "",
    '  "red"\tand \\n',
    "END",
    "get poem",
    "a: repeat 5 put city {i}",
    "wait for a",
    "expect client a",
    "expect get city is 5",
    "kill s1",
    "expect s1 is down",
    "start s1",
    "wait until ring is up",
    "diff s1 s2",
  ];
  const { code, out, err } = await repl(t, `${lines.join("\n")}\n`);
  t.equal(err, "");
  t.same(out.split("\n"), [
    "OK",
    "Paris",
    "OK",
    '{"name": "Ada", "age": 36}',
    "OK",
    ...lines.slice(4, 7),
    "s1 killed",
    "s1 is up",
    "equal: 3 keys on both",
    "",
  ]);
  t.equal(code, 0);
});

t.test("--eval runs its statements and not standard input, --json gives one object a line", async (t) => {
  const { code, out, err } = await repl(t, "put never read\n", "--eval", "put a 1 ; get a\nget nope\nkeys", "--json");
  const answers = out
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as object);
  t.match(answers, [
    { ok: true, key: "a" },
    { ok: true, value: "1" },
    { ok: false, code: "KEY_NOT_FOUND" },
    { ok: true, keys: ["a"] },
  ]);
  t.equal(answers.length, 4);
  t.equal(err, "");
  t.equal(code, 1);
});

t.test("without a master it ends with 3, with a wrong flag with 2", async (t) => {
  t.equal((await runCli(["repl", "--connect", "127.0.0.1:1"], "get a\n")).code, 3);
  t.equal((await runCli(["repl", "--conect", "127.0.0.1:1"], "get a\n")).code, 2);
});
