import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import t from "tap";
import { runCli } from "../cli/run-cli.js";
import { consumeTap } from "./consume-tap.js";

/** What `ringkv run` says of scenarios. */

const SCENARIOS = fileURLToPath(new URL("../../scenarios", import.meta.url));

t.test("every scenario passes with all daemons in one process, too", async (t) => {
  const { code, out, err } = await runCli(["run", SCENARIOS, "--in-process", "--reporter", "tap"]);
  t.same(
    out.split("\n").filter((line) => line.includes("not ok")),
    [],
    err,
  );
  t.equal(code, 0);
});

t.test("a wrong expectation fails with its line, what was expected and what was found", async (t) => {
  const file = join(t.testdir(), "wrong.kv");
  await writeFile(file, "cluster slaves=2\n\nput city Paris\nexpect get city is Rome\nexpect get city is Paris\n");
  const { code, out } = await runCli(["run", file]);
  t.equal(code, 1);
  t.match(out, "not ok 1 - line 4: expect get city is Rome");
  t.match(out, 'expected: "\\"Rome\\""\n      found: "\\"Paris\\""\n');
  t.match(out, `at: ${JSON.stringify(`${file}:4`)}`);
  t.match(out, "    ok 2 - line 5: expect get city is Paris");
  t.match(await consumeTap(out), { ok: false, failed: 1 });
});

t.test("a statement that fails, and a client's failure that nobody expects, are failures", async (t) => {
  const file = join(t.testdir(), "wrong.kv");
  await writeFile(file, "cluster slaves=2\na: get nope\nwait for a\nget nope\nflie\n");
  const { code, out } = await runCli(["run", file]);
  t.equal(code, 1);
  t.match(out, "not ok 1 - line 4: get nope");
  t.match(out, "not ok 2 - line 5: flie");
  t.match(out, "not ok 3 - line 2: a: get nope");
});

t.test("the same seed draws the same numbers, and is told", async (t) => {
  const file = join(t.testdir(), "random.kv");
  await writeFile(file, "cluster slaves=2\nrepeat 5 put k {1..1000000}\nget k\nexpect history is linearizable\n");
  const drawn = async () => {
    const { out } = await runCli(["run", file, "--seed", "42"]);
    t.match(out, "# seed 42\n");
    return /\n    # ([0-9]+)\n/.exec(out)?.[1];
  };
  const first = await drawn();
  t.match(first, /^[0-9]+$/);
  t.equal(await drawn(), first);
});

t.test("a file that takes too long has failed, and one that is not there is wrong usage", async (t) => {
  const file = join(t.testdir(), "slow.kv");
  await writeFile(file, "cluster slaves=2\nsleep 1m\n");
  const { code, out } = await runCli(["run", file, "--timeout-seconds", "1"]);
  t.equal(code, 1);
  t.match(out, "not done after 1 s");
  t.equal((await runCli(["run", `${file}.not`])).code, 2);
  t.equal((await runCli(["run", file, "--connect", "127.0.0.1:1"])).code, 3);
});
