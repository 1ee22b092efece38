import { appendFileSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { History, historyFile } from "../../src/repl/history.js";

t.test("lines typed in one session are there in the next, oldest first", async (t) => {
  const file = join(t.testdir(), "state", "history");
  const first = await History.load(file);
  await first.add("put a 1");
  await first.add("get a");
  t.same((await History.load(file)).entries, ["put a 1", "get a"]);
});

t.test("a line typed again is kept once, at its newest place", async (t) => {
  const file = join(t.testdir(), "history");
  const history = await History.load(file);
  for (const line of ["get a", "get b", "get a", "get a"]) await history.add(line);
  t.same(history.entries, ["get b", "get a"]);
  t.same((await History.load(file)).entries, ["get b", "get a"]);
});

t.test("lines that come at once are there at once, and in the file in their order", async (t) => {
  const file = join(t.testdir(), "history");
  const history = await History.load(file);
  const lines = Array.from({ length: 50 }, (_, index) => `get ${index}`);
  for (const line of lines) void history.add(line);
  t.same(history.entries, lines);
  await history.written();
  t.same((await History.load(file)).entries, lines);
});

t.test("a line that cannot be written is told to who adds it, and those after it are tried", async (t) => {
  const directory = t.testdir();
  const history = await History.load(join(directory, "state", "history"));
  rmSync(join(directory, "state"), { recursive: true });
  await t.rejects(history.add("get lost"), { code: "ENOENT" });
  mkdirSync(join(directory, "state"));
  await history.add("get kept");
  t.same((await History.load(join(directory, "state", "history"))).entries, ["get kept"]);
});

t.test("blank lines are not kept", async (t) => {
  const history = await History.load(join(t.testdir(), "history"));
  await history.add("  ");
  t.same(history.entries, []);
});

t.test("newlines and backslashes inside an entry survive", async (t) => {
  const file = join(t.testdir(), "history");
  const entry = 'put k "a\\n\n\r\\\\b"';
  await (await History.load(file)).add(entry);
  t.same((await History.load(file)).entries, [entry]);
});

t.test("only the owner may read the file", async (t) => {
  const file = join(t.testdir(), "history");
  await (await History.load(file)).add("put secret 1");
  t.equal(statSync(file).mode & 0o777, 0o600);
});

t.test("two sessions at once lose nothing of each other", async (t) => {
  const file = join(t.testdir(), "history");
  const [one, other] = [await History.load(file), await History.load(file)];
  await one.add("get one");
  await other.add("get other");
  await one.add("get three");
  t.same((await History.load(file)).entries, ["get one", "get other", "get three"]);
});

t.test("more than a thousand lines are kept, and a file grown to twice the limit is shortened", async (t) => {
  const file = join(t.testdir(), "history");
  writeFileSync(file, Array.from({ length: 1_500 }, (_, index) => `get ${index.toString()}\n`).join(""));
  t.equal((await History.load(file)).entries.length, 1_500);
  t.same((await History.load(file, 2)).entries, ["get 1498", "get 1499"]);
  t.equal(readFileSync(file, "utf8"), "get 1498\nget 1499\n");
  appendFileSync(file, "get new\n");
  t.same((await History.load(file, 2)).entries, ["get 1499", "get new"]);
});

t.test("the file lies in XDG_STATE_HOME, and in ~/.local/state where that is not an absolute path", (t) => {
  t.equal(historyFile({ XDG_STATE_HOME: "/state" }), "/state/ringkv/history");
  for (const env of [{}, { XDG_STATE_HOME: "" }, { XDG_STATE_HOME: "relative" }]) {
    t.match(historyFile(env), /^\/.*\/\.local\/state\/ringkv\/history$/);
  }
  t.end();
});
