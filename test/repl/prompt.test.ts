import { join } from "node:path";
import { PassThrough } from "node:stream";
import t, { type Test } from "tap";
import { History } from "../../src/repl/history.js";
import { PLAIN_PAINT } from "../../src/repl/paint.js";
import { Prompt } from "../../src/repl/prompt.js";
import { FakeCluster } from "./fake-cluster.js";

const CTRL_C = "\x03";
const CTRL_D = "\x04";
const UP = "\x1b[A";

/** A prompt with keys to press and a screen to look at. */
async function open(t: Test, historyFile?: string) {
  const input = new PassThrough();
  const output = Object.assign(new PassThrough().setEncoding("utf8"), { columns: 80 });
  const cluster = new FakeCluster();
  const history = historyFile === undefined ? undefined : await History.load(historyFile);
  const prompt = new Prompt({ cluster, input, output, paint: PLAIN_PAINT, ...(history && { history }) });
  let screen = "";
  let seen = 0;
  let wake: () => void = () => undefined;
  output.on("data", (text: string) => {
    screen += text;
    wake();
  });
  const left = prompt.run();
  t.teardown(() => prompt.close());
  return {
    cluster,
    prompt,
    left,
    press: (keys: string) => input.write(keys),
    /** Resolves with the new part of the screen when it matches. */
    shows: async (pattern: RegExp): Promise<string> => {
      while (!pattern.test(screen.slice(seen))) await new Promise<void>((resolve) => (wake = resolve));
      const fresh = screen.slice(seen);
      seen = screen.length;
      return fresh;
    },
  };
}

t.test("a line is answered with its time, and the prompt comes back", async (t) => {
  const { press, shows } = await open(t);
  await shows(/ringkv> /);
  press("put city Paris\r");
  await shows(/OK {2}\([\d.]+ ms\)\n[^]*ringkv> /);
  press("get city\r");
  await shows(/Paris {2}\([\d.]+ ms\)/);
  press("get nope\r");
  await shows(/KEY_NOT_FOUND: Key does not exist {2}\([\d.]+ ms\)/);
});

t.test("Ctrl-D leaves", async (t) => {
  const { press, left } = await open(t);
  press(CTRL_D);
  await left;
});

t.test("quit leaves, and lines pasted behind it are not run", async (t) => {
  const { press, left, cluster } = await open(t);
  press("put a 1\rquit\rput b 2\r");
  await left;
  t.same([...cluster.data.keys()], ["a"]);
});

t.test("lines pasted together are run in order", async (t) => {
  const { press, shows, cluster } = await open(t);
  press("put a 1\rput a 2\rget a\r");
  await shows(/^2 {2}\(/m);
  t.equal(cluster.data.get("a"), "2");
});

t.test("Ctrl-C clears the line, and what is typed next starts anew", async (t) => {
  const { press, shows, cluster } = await open(t);
  press("put secret 1");
  await shows(/secret 1/);
  press(CTRL_C);
  await shows(/\^C[^]*ringkv> /);
  press("put other 2\r");
  await shows(/OK/);
  t.same([...cluster.data.keys()], ["other"]);
});

t.test("a second Ctrl-C on the empty line leaves, a first one only says so", async (t) => {
  const { press, shows, left } = await open(t);
  press(CTRL_C);
  await shows(/\^C \(again, or Ctrl-D, leaves\)/);
  press(CTRL_C);
  await left;
});

t.test("a line in between makes the next Ctrl-C a first one again", async (t) => {
  const { press, shows } = await open(t);
  press(CTRL_C);
  await shows(/again/);
  press("put a 1\r");
  await shows(/OK[^]*ringkv> /);
  press(CTRL_C);
  await shows(/again/);
});

t.test("Ctrl-C ends the wait for a command, and for the lines behind it", async (t) => {
  const { press, shows, cluster } = await open(t);
  cluster.frozen = true;
  press("get city\rput a 1\r");
  await shows(/get city/);
  press(CTRL_C);
  await shows(/INTERRUPTED: .*\n[^]*ringkv> /);
  press("put b 2\r");
  await shows(/OK/);
  t.same([...cluster.data.keys()], ["b"]);
});

t.test("the tab key completes commands and the slaves of the cluster", async (t) => {
  const { press, shows, cluster } = await open(t);
  // readline completes at single key presses only: a tab inside pasted text is text.
  for (const key of ["ki", "\t"]) press(key);
  await shows(/kill /);
  press("s2\r");
  await shows(/did kill/);
  t.same(cluster.asked, ["kill s2"]);
  for (const key of ["kill s", "\t", "\t"]) press(key);
  await shows(/s1 +s2 +s3/);
});

t.test("history outlives the session", async (t) => {
  const file = join(t.testdir(), "history");
  const first = await open(t, file);
  first.press("put city Paris\rget city\rquit\r");
  await first.left;
  const second = await open(t, file);
  second.press(UP + UP + UP);
  await second.shows(/quit[^]*get city[^]*put city Paris/);
});

t.test("news appear above the prompt, which keeps what is typed", async (t) => {
  const { press, shows, prompt } = await open(t);
  press("put half");
  await shows(/put half/);
  prompt.notify("s2 died (SIGKILL)");
  await shows(/s2 died \(SIGKILL\)\n[^]*ringkv> put half/);
});
