import { PassThrough } from "node:stream";
import t from "tap";
import { COMMANDS } from "../../src/repl/command-table.js";
import { ConnectedCluster } from "../../src/repl/connected-cluster.js";
import { Interpreter } from "../../src/repl/interpreter.js";
import { PlainOutput } from "../../src/repl/output.js";
import { PLAIN_PAINT } from "../../src/repl/paint.js";
import { startCluster } from "./cluster.js";

/** What `help` prints can be typed as it stands. */

/** Of a slave in the wrong state the supervisor says so; that is what running these is like. */
const OF_STATE = /^BAD_REQUEST: s1 is (?:already up|not paused)\n$/;

t.test("every example of every command runs against a real cluster", async (t) => {
  const processes = await startCluster(t, { slaves: 3 });
  const cluster = await ConnectedCluster.connect(processes.ready.client);
  t.teardown(() => cluster.close());
  for (const { name, examples } of COMMANDS) {
    for (const example of examples) {
      const errors = new PassThrough().setEncoding("utf8");
      const answers = new PassThrough().resume();
      const interpreter = new Interpreter(cluster, new PlainOutput({ answers, errors, paint: PLAIN_PAINT }));
      await interpreter.run("put city Paris");
      await interpreter.run('put "a key with blanks" x');
      const result = await interpreter.run(example);
      const error = (errors.read() as string | null) ?? "";
      t.ok(result !== "failed" || OF_STATE.test(error), `${name}: ${example} ${error}`);
      // What the next example needs.
      if (name === "kill" || name === "pause") await interpreter.run("restart 1");
    }
  }
});
