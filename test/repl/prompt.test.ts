import { join } from "node:path";
import t, { type Test } from "tap";
import type { WatchItem } from "../../src/client/watch-status.js";
import { RingkvError } from "../../src/protocol/errors.js";
import { History } from "../../src/repl/history.js";
import { PLAIN_PAINT, type Paint, paintOfLevel } from "../../src/repl/paint.js";
import { Prompt } from "../../src/repl/prompt.js";
import { FakeCluster } from "./fake-cluster.js";
import { TerminalScreen } from "./terminal-screen.js";
import { slaveEvent, snapshotOf } from "./watch-items.js";

const CTRL_C = "\u0003";
const CTRL_D = "\u0004";
const CTRL_R = "\u0012";
const UP = "\u001b[A";

interface Options {
  readonly historyFile?: string;
  readonly paint?: Paint;
  readonly columns?: number;
  readonly isDumb?: boolean;
  readonly watch?: (signal: AbortSignal) => AsyncIterable<WatchItem>;
}

/** A prompt with keys to press and a screen to look at. */
async function open(t: Test, { historyFile, paint = PLAIN_PAINT, columns = 80, isDumb = false, watch }: Options = {}) {
  const screen = new TerminalScreen({ columns });
  const { input, output } = screen;
  const cluster = new FakeCluster();
  const history = historyFile === undefined ? undefined : await History.load(historyFile);
  const prompt = new Prompt({
    ...{ cluster, input, output, paint, isDumb },
    ...(history !== undefined && { history }),
    ...(watch !== undefined && { watch }),
  });
  const left = prompt.run();
  t.teardown(() => prompt.close());
  await screen.shows(/ringkv/);
  return { cluster, prompt, left, screen, press: (keys: string) => screen.press(keys) };
}

/** Items for a prompt's watch, told one by one. */
class Feed {
  readonly #items: WatchItem[] = [];
  #wake: () => void = () => undefined;

  push(...items: readonly WatchItem[]): void {
    this.#items.push(...items);
    this.#wake();
  }

  readonly watch = async function* (this: Feed, signal: AbortSignal) {
    signal.addEventListener("abort", () => this.#wake());
    while (!signal.aborted) {
      yield* this.#items.splice(0);
      if (this.#items.length > 0) continue;
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }.bind(this);
}

t.test("a line is answered with its time, and the prompt comes back", async (t) => {
  const { press, screen } = await open(t);
  press("put city Paris\r");
  await screen.shows(/^ringkv> put city Paris\nOK {2}\([\d.]+ ms\)\nringkv>$/);
  press("get city\r");
  await screen.shows(/\nringkv> get city\nParis {2}\([\d.]+ ms\)\nringkv>$/);
  press("get nope\r");
  await screen.shows(/KEY_NOT_FOUND: Key does not exist {2}\([\d.]+ ms\)\nringkv>$/);
});

t.test("Ctrl-D leaves", async (t) => {
  const { press, left } = await open(t);
  press(CTRL_D);
  await left;
});

t.test("Ctrl-D behind statements that run leaves after them", async (t) => {
  const { press, left, cluster } = await open(t);
  press(`put a 1\rput b 2\r${CTRL_D}`);
  await left;
  t.same([...cluster.data.keys()], ["a", "b"]);
});

t.test("quit leaves, and lines typed behind it are not run", async (t) => {
  const { press, left, cluster } = await open(t);
  press("put a 1\rquit\rput b 2\r");
  await left;
  t.same([...cluster.data.keys()], ["a"]);
});

t.test("lines pasted together are run in order, each behind a prompt of its own", async (t) => {
  const { press, screen } = await open(t);
  press("\u001b[200~put a 1\rput a 2\rget a\rget b\u001b[201~");
  const lines = await screen.shows(/\n2 {2}\([^\n]*\nringkv> get b$/);
  t.same(
    lines.filter((line) => line.startsWith("ringkv> ")),
    ["ringkv> put a 1", "ringkv> put a 2", "ringkv> get a", "ringkv> get b"],
  );
});

t.test("a tab in a paste is text", async (t) => {
  const { press, screen, cluster } = await open(t);
  press("\u001b[200~put\tk 'a\tb'\r\u001b[201~");
  await screen.shows(/OK/);
  t.equal(cluster.data.get("k"), "a\tb");
});

t.test("so is one in a paste that is not marked: more came with it", async (t) => {
  const { press, screen, cluster } = await open(t);
  press("put\tk\t1\r");
  await screen.shows(/OK/);
  t.equal(cluster.data.get("k"), "1");
});

t.test("Ctrl-C clears the line, which stays to be seen, and what is typed next starts anew", async (t) => {
  const { press, screen, cluster } = await open(t);
  press("put secret 1");
  await screen.shows("ringkv> put secret 1");
  press(CTRL_C);
  await screen.shows(/^ringkv> put secret 1\^C\nringkv>$/);
  press("put other 2\r");
  await screen.shows(/OK/);
  t.same([...cluster.data.keys()], ["other"]);
});

t.test("a second Ctrl-C on the empty line leaves, a first one only says so", async (t) => {
  const { press, screen, left } = await open(t);
  press(CTRL_C);
  await screen.shows(/\^C \(again, or Ctrl-D, leaves\)\nringkv>$/);
  press(CTRL_C);
  await left;
});

t.test("a line in between makes the next Ctrl-C a first one again", async (t) => {
  const { press, screen } = await open(t);
  press(CTRL_C);
  await screen.shows(/again/);
  press("put a 1\r");
  await screen.shows(/OK.*\nringkv>$/);
  press(CTRL_C);
  await screen.shows(/again[^]*again[^]*\nringkv>$/);
});

t.test("Ctrl-C ends the wait for a command, and for the lines behind it", async (t) => {
  const { press, screen, cluster } = await open(t);
  cluster.frozen = true;
  press("get city\rput a 1\r");
  await screen.shows(/waits: put a 1/);
  press(CTRL_C);
  await screen.shows(/^ringkv> get city\nINTERRUPTED: [^]*\nringkv>$/);
  press("put b 2\r");
  await screen.shows(/OK/);
  t.same([...cluster.data.keys()], ["b"]);
});

t.test("what is typed while a command runs shows, and is there when it is over", async (t) => {
  const { press, screen, cluster } = await open(t);
  cluster.frozen = true;
  press("get city\r");
  press("put a 1");
  await screen.shows(/^ringkv> get city\nringkv> put a 1$/);
  press(CTRL_C);
  await screen.shows(/^ringkv> get city\nINTERRUPTED: [^]*\nringkv> put a 1$/);
});

t.test("a command for the moment in which another waits runs beside it", async (t) => {
  const { press, screen, cluster } = await open(t);
  cluster.frozen = true;
  press("get city\r");
  press("step next\r");
  const lines = await screen.shows(/step next\n.*\(/);
  t.equal(lines[0], "ringkv> get city");
  t.equal(lines[1], "ringkv> step next");
  press(CTRL_C);
  await screen.shows(/INTERRUPTED/);
});

t.test(
  "a heredoc goes on behind a prompt of its own, runs when it is whole, and is one entry of the history",
  async (t) => {
    const file = join(t.testdir(), "history");
    const { press, screen, cluster } = await open(t, { historyFile: file });
    press("put k <<END\r{\r");
    await screen.shows(/^ringkv> put k <<END\n {3}\.\.\.> \{\n {3}\.\.\.>$/);
    press("}\rEND\r");
    await screen.shows(/\.\.\.> END\nOK/);
    t.equal(cluster.data.get("k"), "{\n}");
    t.same((await History.load(file)).entries, ["put k <<END\n{\n}\nEND"]);
    press(UP);
    await screen.shows(/OK[^\n]*\nringkv> put k <<END\n {3}\.\.\.> \{\n {3}\.\.\.> \}\n {3}\.\.\.> END$/);
    press(CTRL_C);
    await screen.shows(/END\^C\nringkv>$/);
  },
);

t.test(
  "the tab key completes commands and the slaves of the cluster, and lists what can follow at the second",
  async (t) => {
    const { press, screen, cluster } = await open(t);
    press("ki\t");
    await screen.shows("ringkv> kill");
    press("s2\r");
    await screen.shows(/did kill/);
    t.same(cluster.asked, ["kill s2"]);
    press("kill \t");
    press("\t");
    await screen.shows(/\nmaster +s1 +s2 +s3\nringkv> kill$/);
  },
);

t.test("a key that needs quotes is completed with them", async (t) => {
  const { press, screen, cluster } = await open(t);
  await cluster.put("a key", "1");
  press("get a\t");
  await screen.shows('ringkv> get "a key"');
  press("\r");
  await screen.shows(/\n1 {2}\(/);
});

t.test("what completion finds too late, when the line is another one, is dropped", async (t) => {
  const { press, screen, cluster } = await open(t);
  let find: () => void = () => undefined;
  const found = new Promise<void>((resolve) => (find = resolve));
  cluster.keys = async function* () {
    await found;
    yield "city";
  };
  press("get c\t");
  press("x");
  await screen.shows("ringkv> get cx");
  find();
  press("\r");
  await screen.shows(/KEY_NOT_FOUND/);
});

t.test("history outlives the session, and Ctrl-R searches it", async (t) => {
  const historyFile = join(t.testdir(), "history");
  const first = await open(t, { historyFile });
  first.press("put city Paris\rget city\rquit\r");
  await first.left;
  const { press, screen } = await open(t, { historyFile });
  press(UP);
  await screen.shows("ringkv> quit");
  press(UP + UP);
  await screen.shows("ringkv> put city Paris");
  press(`${CTRL_C}${CTRL_R}ge`);
  await screen.shows("(search: ge) get city");
  press(CTRL_R);
  await screen.shows("(not found: ge) get city");
  press("\r");
  await screen.shows(/\nringkv> get city\nKEY_NOT_FOUND/);
});

t.test("what the history goes on with is dim behind the line, and taken over whole or by the word", async (t) => {
  const historyFile = join(t.testdir(), "history");
  const { press, screen, cluster } = await open(t, { historyFile, paint: paintOfLevel(1) });
  press("put city New-York\r");
  await screen.shows(/OK/);
  press("put c");
  await screen.shows("ringkv> put city New-York");
  t.same(screen.styled(2).slice(1), [
    ["put", "36"],
    [" c", ""],
    ["ity New-York", "2"],
    [" ".repeat(80 - 25), ""],
  ]);
  t.equal(screen.emulator.cursor?.x, 13);
  press("\u001bf");
  press("\r");
  await screen.shows(/USAGE: put K V/);
  press("put city N\u001b[C2\r");
  await screen.shows(/New-York2\nOK/);
  t.equal(cluster.data.get("city"), "New-York2");
});

t.test("a key is one write, and one that changes nothing is none", async (t) => {
  const { press, screen } = await open(t, { paint: paintOfLevel(1) });
  const writes = async (keys: string, shown: string) => {
    const before = screen.writes.length;
    press(keys);
    await screen.shows(shown);
    return screen.writes.slice(before);
  };
  await writes("put city 'Paris", "ringkv> put city 'Paris");
  t.equal((await writes("'", "ringkv> put city 'Paris'")).length, 1);
  t.equal((await writes("\u001b[1~#", "ringkv> #put city 'Paris'")).length, 1);
  const count = screen.writes.length;
  press("\u001b[D\u001b[D\u001b[15~");
  press("x");
  await screen.shows("ringkv> x#put city 'Paris'");
  t.equal(screen.writes.length, count + 2);
});

t.test("news appear above the prompt, which keeps what is typed", async (t) => {
  const { press, screen, prompt } = await open(t);
  press("put half");
  await screen.shows("ringkv> put half");
  prompt.notify("s2 died (SIGKILL)");
  await screen.shows(/^s2 died \(SIGKILL\)\nringkv> put half$/);
  t.equal(screen.emulator.cursor?.x, 16);
});

t.test("the prompt shows the health of the ring, and what happens is told above it", async (t) => {
  const feed = new Feed();
  const { press, screen } = await open(t, { watch: feed.watch });
  press("put half");
  feed.push({ type: "connected" }, snapshotOf({ epoch: "4" }));
  await screen.shows("ringkv 3/3> put half");
  feed.push(slaveEvent("s3", "down"));
  await screen.shows(/^s3 is down\nringkv 2\/3> put half$/);
  feed.push({ type: "lost", error: new RingkvError("UNAVAILABLE") });
  await screen.shows(/\nthe master is gone\nringkv offline> put half$/);
  feed.push({ type: "connected" }, snapshotOf({ epoch: "5" }));
  await screen.shows(/\nthe master is back: epoch 5 \(it was 4\)\ns3 is up\nringkv 3\/3> put half$/);
});

t.test("what a statement does to a slave that it names is no news", async (t) => {
  const feed = new Feed();
  const { press, screen, cluster } = await open(t, { watch: feed.watch });
  feed.push({ type: "connected" }, snapshotOf({ epoch: "4" }));
  await screen.shows("ringkv 3/3>");
  cluster.process = (verb, slave) => {
    feed.push(slaveEvent("s3", "down"), slaveEvent("s2", "down"));
    return Promise.resolve(`${slave} did ${verb}`);
  };
  press("kill s3\r");
  const lines = await screen.shows(/did kill[^]*\nringkv 1\/3>$/);
  t.ok(lines.includes("s2 is down"));
  t.notOk(lines.includes("s3 is down"));
});

t.test("without news the prompt works, and says why there are none", async (t) => {
  const watch = () => ({
    [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(new RingkvError("TIMEOUT", "no answer")) }),
  });
  const { press, screen } = await open(t, { watch });
  await screen.shows(/^no news of the cluster: TIMEOUT: no answer\nringkv>$/);
  press("put a 1\r");
  await screen.shows(/OK/);
});

t.test("in step mode the prompt says so", async (t) => {
  const feed = new Feed();
  const { screen } = await open(t, { watch: feed.watch });
  feed.push({ type: "connected" }, snapshotOf({ epoch: "4", isStepping: true }));
  await screen.shows("ringkv 3/3 step>");
});

t.test("a dumb terminal gets nothing but text, and its lines are run", async (t) => {
  const { press, screen, left } = await open(t, { isDumb: true });
  press("put k <<END\na\nEND\nget k\n");
  await screen.shows(/OK[^]*\na {2}\([\d.]+ ms\)\nringkv>$/);
  press(CTRL_D);
  screen.input.end();
  await left;
  t.notMatch(screen.writes.join(""), /\u001b/);
});
