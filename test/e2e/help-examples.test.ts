import { rm, writeFile } from "node:fs/promises";
import { PassThrough } from "node:stream";
import t from "tap";
import { COMMANDS } from "../../src/repl/command-table.js";
import { ConnectedCluster } from "../../src/repl/connected-cluster.js";
import { Interpreter } from "../../src/repl/interpreter.js";
import { PlainOutput } from "../../src/repl/output.js";
import { PLAIN_PAINT } from "../../src/repl/paint.js";
import { startCluster } from "./cluster.js";

/** What `help` prints can be typed as it stands. */

/** What a slave in the wrong state answers; that is what running these is like. */
const OF_STATE = /^BAD_REQUEST: s[12] is (?:already up|not paused)\n$/;

/** What is for scenarios alone says so. */
const OF_SCENARIOS = /^USAGE: .*`ringkv run`/;

/** Everything is as before: what was set is taken back, who is down is started. */
const AFTER = ["heal all", "step off", "try resume s1", "try start s1", "try start s2", "wait until ring is up"];

t.test("every example of every command runs against a real cluster", async (t) => {
  // The examples name files without a folder.
  const cwd = process.cwd();
  process.chdir(t.testdir());
  t.teardown(() => process.chdir(cwd));
  const processes = await startCluster(t, { slaves: 3 });
  const cluster = await ConnectedCluster.connect(processes.ready.client);
  t.teardown(() => cluster.close());
  for (const { name, examples } of COMMANDS) {
    for (const example of examples) {
      const errors = new PassThrough().setEncoding("utf8");
      const answers = new PassThrough().resume();
      const interpreter = new Interpreter(cluster, new PlainOutput({ answers, errors, paint: PLAIN_PAINT }));
      await interpreter.run("put city Paris ; put 'a key with blanks' x");
      if (name === "record") await rm("session.kv", { force: true });
      else await writeFile("session.kv", "# at 0.010 s\nput a 1\n# at 0.020 s\nget a\n");
      const result = await interpreter.run(example);
      const error = (errors.read() as string | null) ?? "";
      const isFine = result !== "failed" || OF_STATE.test(error) || OF_SCENARIOS.test(error);
      t.ok(isFine, `${name}: ${example} ${error}`);
      for (const command of DISRUPTIVE.has(name) ? AFTER : []) {
        t.not(await interpreter.run(command), "failed", `after ${example}: ${command} ${String(errors.read())}`);
      }
      await interpreter.close();
    }
  }
});

const DISRUPTIVE: ReadonlySet<string> = new Set([
  "kill",
  "restart",
  "start",
  "pause",
  "resume",
  "delay",
  "drop",
  "partition",
  "step",
  "tutorial",
]);
