import t, { type Test } from "tap";
import type { RequestOptions } from "../../src/client/client.js";
import { PLAIN_PAINT } from "../../src/repl/paint.js";
import { CommandRunner } from "../../src/tui/command-runner.js";
import { FakeCluster } from "../repl/fake-cluster.js";

/** A cluster whose `get` waits, while `frozen`, until nobody waits for it any more. */
class SlowCluster extends FakeCluster {
  override get(key: string, options: RequestOptions = {}) {
    return options.signal?.aborted === true ? Promise.reject(options.signal.reason as Error) : super.get(key, options);
  }
}

/** A runner over a cluster in memory whose `get` can wait for ever, and all that it printed. */
function runnerOf(t: Test) {
  const cluster = new SlowCluster();
  const printed: string[] = [];
  const running: boolean[] = [];
  let onPrint: () => void = () => undefined;
  const runner = new CommandRunner({
    cluster,
    paint: PLAIN_PAINT,
    history: undefined,
    print(lines) {
      printed.push(...lines);
      onPrint();
    },
    onRunning: (isRunning) => running.push(isRunning),
    onQuit: () => printed.push("quit"),
  });
  t.teardown(() => runner.close());
  /** Resolves when a line has been printed that begins so. */
  const saw = (start: string) =>
    new Promise<void>((resolve) => {
      onPrint = () => {
        if (printed.some((line) => line.startsWith(start))) resolve();
      };
      onPrint();
    });
  /** Without the times, which differ. */
  const answers = () => printed.filter((line) => !/^ {2}\(/.test(line));
  return { runner, cluster, answers, running, saw };
}

t.test("what comes while a command runs waits for its turn", async (t) => {
  const { runner, answers, running } = runnerOf(t);
  await Promise.all([runner.run("put a 1"), runner.run("get a")]);
  t.strictSame(answers(), ["> put a 1", "OK", "> get a", "1"]);
  t.strictSame(running, [true, false, true, false]);
});

t.test("step runs beside a command that waits, which goes on waiting", async (t) => {
  const { runner, cluster, answers, running, saw } = runnerOf(t);
  cluster.frozen = true;
  void runner.run("get a");
  await saw("> get a");
  await runner.run("step next");
  t.strictSame(cluster.asked, ["step next"]);
  t.strictSame(answers(), ["> get a", "> step next", "step next"]);
  t.strictSame(running, [true], "the get still runs");
});

t.test("a step that stands behind another command waits with it", async (t) => {
  const { runner, cluster, answers, saw } = runnerOf(t);
  cluster.frozen = true;
  const runs = [runner.run("get a"), runner.run("put b 1"), runner.run("step next")];
  await saw("> get a");
  t.strictSame(answers(), ["> get a"]);
  runner.interrupt();
  await Promise.all(runs);
  t.strictSame(cluster.asked, [], "what waited was dropped");
});

t.test("a statement of several lines shows as it was typed", async (t) => {
  const { runner, answers } = runnerOf(t);
  await runner.run("put poem <<END\nfirst\nlast\nEND");
  t.strictSame(answers().slice(0, 4), ["> put poem <<END", "first", "last", "END"]);
});

t.test("what becomes of a background client's command is told, made safe", async (t) => {
  const { runner, cluster, answers, saw } = runnerOf(t);
  await runner.run("a: put city Oslo");
  await saw("a: put city Oslo");
  t.match(answers(), ["> a: put city Oslo", "a: put city Oslo: OK"]);
  cluster.data.set("k", "\u001b[2J\nrest");
  await runner.run("b: get k");
  await saw("b: get k");
  t.equal(answers().at(-1), "b: get k: \\x1b[2J\\x0arest");
  await runner.run("b: get gone");
  await saw("b: get gone");
  t.match(answers().at(-1), /^b: get gone: KEY_NOT_FOUND/);
});

t.test("at the end the session's clients end, and nothing is printed any more", async (t) => {
  const { runner, cluster, answers, saw } = runnerOf(t);
  cluster.frozen = true;
  await runner.run("a: get k");
  void runner.run("get k");
  await saw("> get k");
  await runner.close();
  t.equal(cluster.forks, 1);
  t.notMatch(answers().join("\n"), /a: get k: /);
  await runner.run("put late 1");
  t.notMatch(answers().join("\n"), /put late/);
});
