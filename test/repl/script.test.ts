import { PassThrough, Readable, Writable } from "node:stream";
import t from "tap";
import { RingkvError } from "../../src/protocol/errors.js";
import { COMMANDS } from "../../src/repl/command-table.js";
import { Interpreter } from "../../src/repl/interpreter.js";
import { PlainOutput, TerminalOutput } from "../../src/repl/output.js";
import { PLAIN_PAINT, paintFor, paintOfLevel } from "../../src/repl/paint.js";
import { runScript } from "../../src/repl/script.js";
import { FakeCluster } from "./fake-cluster.js";

/** Runs a script in the way of a pipe; chunks are cut where the caller cuts them. */
async function run(chunks: string | readonly (string | Uint8Array)[], cluster = new FakeCluster()) {
  const answers = new PassThrough().setEncoding("utf8");
  const errors = new PassThrough().setEncoding("utf8");
  const input = Readable.from([chunks].flat().map((chunk) => Buffer.from(chunk as string)));
  const output = new PlainOutput({ answers, errors, paint: PLAIN_PAINT });
  const code = await runScript({ input, cluster, output });
  const textOf = (stream: PassThrough) => (stream.read() as string | null) ?? "";
  return { code, out: textOf(answers), err: textOf(errors) };
}

t.test("each line is answered in order, and a failing one makes the exit code 1", async (t) => {
  const { code, out, err } = await run("put city Paris\nget city\ndel city\nget city\n");
  t.equal(out, "OK\nParis\nOK\n");
  t.equal(err, "KEY_NOT_FOUND: Key does not exist\n");
  t.equal(code, 1);
});

t.test("a script whose lines all succeed ends with 0", async (t) => {
  t.equal((await run("put a 1\nget a\n")).code, 0);
});

t.test("a failing line does not stop the script", async (t) => {
  const { out } = await run("get nope\nput a 1\n");
  t.equal(out, "OK\n");
});

t.test("comments and empty lines are skipped", async (t) => {
  t.same(await run("# a comment\n\n   \n  # another 'one\n"), { code: 0, out: "", err: "" });
});

t.test("quit ends the script, exit too, and what follows is not run", async (t) => {
  t.same(await run("quit\nget nope\n"), { code: 0, out: "", err: "" });
  t.same(await run("EXIT\nget nope\n"), { code: 0, out: "", err: "" });
});

t.test("a last line without a newline is run", async (t) => {
  t.equal((await run("put a 1\r\nget a")).out, "OK\n1\n");
});

t.test("a piped value is printed as it is, line separators of Unicode included", async (t) => {
  const value = "a\u2028b\u0085c\x1b[31m";
  t.equal((await run(`put k "${value}"\nget k\n`)).out, `OK\n${value}\n`);
});

t.test("a character cut in two by a chunk border survives", async (t) => {
  const bytes = Buffer.from("put k é\nget k\n");
  const middle = bytes.indexOf(0xa9);
  t.equal((await run([bytes.subarray(0, middle), bytes.subarray(middle)])).out, "OK\né\n");
});

t.test("a line that is no UTF-8 is an error of its own", async (t) => {
  const { code, out, err } = await run(["put a 1\nget ", Buffer.from([0xff]), "\nget a\n"]);
  t.equal(out, "OK\n1\n");
  t.match(err, /^BAD_FRAME: /);
  t.equal(code, 1);
});

t.test("a line over the limit is an error of its own", async (t) => {
  const { out, err } = await run([`put k ${"x".repeat(2_000_000)}\n`, "put a 1\n"]);
  t.equal(out, "OK\n");
  t.match(err, /^FRAME_TOO_LARGE: /);
});

t.test("unbalanced quotes are told with a caret", async (t) => {
  const { code, err } = await run('put k "abc\n');
  t.match(err, /^SYNTAX: .*\n {2}put k "abc\n {8}\^\n$/);
  t.equal(code, 1);
});

t.test("wrong arguments are told with the usage", async (t) => {
  t.equal((await run("put k\n")).err, "USAGE: put K V\n");
  t.match((await run("put k two words\n")).err, /^USAGE: put K V \(words with blanks need quotes\)/);
});

t.test("a mistyped command is answered with the one that was meant", async (t) => {
  for (const typed of ["gte", "gt", "gett", "got", "GTE"]) {
    t.match((await run(`${typed} k\n`)).err, /did you mean `get`\?/, typed);
  }
  t.match((await run("fly k\n")).err, /^USAGE: there is no command "fly"; `help` lists them/);
});

t.test("process control goes to the cluster with the slave's name as typed", async (t) => {
  const cluster = new FakeCluster();
  const { out } = await run("kill 1\nrestart s2\nstart 20\npause s3\nresume 3\n", cluster);
  t.same(cluster.asked, ["kill 1", "restart s2", "start 20", "pause s3", "resume 3"]);
  t.match(out, /^1 did kill\n/);
});

t.test("control characters in an error's message do not reach the terminal", async (t) => {
  const cluster = new FakeCluster();
  cluster.failure = new RingkvError("ABORTED", "@1 := \x1b[2J");
  t.equal((await run("get k\n", cluster)).err, "ABORTED: @1 := \\x1b[2J\n");
});

t.test("keys lists the keys with the prefix", async (t) => {
  t.equal((await run("put b 1\nput ab 2\nput a 1\nkeys a\n")).out, "OK\nOK\nOK\na\nab\n");
});

t.test("where tells hash, primary and successor with names and states", async (t) => {
  t.equal(
    (await run("where k\n")).out,
    "hash       7\nset        5\nprimary    s1  up    10\nsuccessor  s2  down  20\n",
  );
});

t.test("ring shows the range that each slave owns, the first one wrapping around", async (t) => {
  const [first = "", second = ""] = (await run("ring\n")).out.split("\n");
  t.match(first, /^s1 {2}up {7}\(ffffffffffffffff, 000000000000000a\] {2}33\.3 % {2}copies on s2$/);
  t.match(second, /^s2 {2}down {5}\(000000000000000a, 0000000000000014\]/);
});

t.test("status names the unresolved updates and what they wait for", async (t) => {
  const { out } = await run("status\n");
  t.match(out, /1 of 3 slaves up/);
  t.match(out, /1\.9 put "a\\x1bkey": in-doubt, waits for s2/);
  t.match(out, /update p50 1\.25 ms/);
});

t.test("help lists every command with its summary", async (t) => {
  const { out } = await run("help\n");
  for (const { name, summary } of COMMANDS) {
    const line = out.split("\n").find((candidate) => candidate.startsWith(`${name} `));
    t.ok(line?.endsWith(summary), name);
  }
  t.match(out, /`1` or `s1`.*full 64-bit ID/);
});

t.test("help of a command shows its usage and examples", async (t) => {
  const { out } = await run("help kill\n");
  t.match(out, /^kill ID\|master \[before/);
  t.match(out, /e\.g\. kill s1/);
  t.equal((await run("help fly\n")).code, 1);
});

t.test("every command has a summary and an example", (t) => {
  for (const { name, summary, examples } of COMMANDS) t.ok(examples.length > 0 && summary !== "", name);
  t.end();
});

t.test("a reader that goes away ends the script without an error", async (t) => {
  const closed = new Writable({ write: (_chunk, _encoding, done) => done(new Error("EPIPE")) });
  closed.on("error", () => undefined);
  const output = new PlainOutput({ answers: closed, errors: closed, paint: PLAIN_PAINT });
  const cluster = new FakeCluster();
  await runScript({ input: Readable.from([Buffer.from("put a 1\nput b 2\n")]), cluster, output });
  t.same([...cluster.data.keys()], ["a"]);
});

t.test("a terminal is shown values that cannot steer it, and the time behind the last line", async (t) => {
  const screen = new PassThrough().setEncoding("utf8");
  const output = new TerminalOutput(screen, PLAIN_PAINT);
  const cluster = new FakeCluster();
  cluster.data.set("k", "\x1b[2J\nx");
  const interpreter = new Interpreter(cluster, output);
  await interpreter.run("get k");
  await interpreter.run("keys");
  const shown = String(screen.read()).replaceAll(/\(\S+ ms\)/g, "(1 ms)");
  t.equal(shown, "\\x1b[2J\\x0ax  (1 ms)\nk  (1 ms)\n");
});

t.test("the code of an error is painted on a terminal", async (t) => {
  const screen = new PassThrough().setEncoding("utf8");
  const output = new TerminalOutput(screen, paintOfLevel(1));
  await new Interpreter(new FakeCluster(), output).run("get nope");
  t.match(screen.read(), /^\x1b\[31mKEY_NOT_FOUND\x1b\[39m: Key does not exist  /);
});

t.test("NO_COLOR, and a stream that is no terminal, take the colours away", (t) => {
  t.equal(paintFor({ isTTY: true }, { NO_COLOR: "1" }).good("x"), "x");
  t.equal(paintFor({}, {}).good("x"), "x");
  t.end();
});
