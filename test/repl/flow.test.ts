import { PassThrough } from "node:stream";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import t from "tap";
import { Interpreter } from "../../src/repl/interpreter.js";
import { JsonOutput } from "../../src/repl/json-output.js";
import { PlainOutput } from "../../src/repl/output.js";
import { PLAIN_PAINT } from "../../src/repl/paint.js";
import { FakeCluster } from "./fake-cluster.js";

/** A session on a fake cluster; `run` gives what a statement answered, and the error it failed with. */
function session(cluster = new FakeCluster()) {
  const answers = new PassThrough().setEncoding("utf8");
  const errors = new PassThrough().setEncoding("utf8");
  const interpreter = new Interpreter(cluster, new PlainOutput({ answers, errors, paint: PLAIN_PAINT }));
  const run = async (statement: string) => {
    const result = await interpreter.run(statement);
    return { result, out: (answers.read() as string | null) ?? "", err: (errors.read() as string | null) ?? "" };
  };
  return { cluster, interpreter, run };
}

t.test("a lone ; separates commands, and a failure does not keep the next one from running", async (t) => {
  const { run } = session();
  const { out, err, result } = await run("put a 1 ; get nope ; get a");
  t.equal(out, "OK\n1\n");
  t.equal(err, "KEY_NOT_FOUND: Key does not exist\n");
  t.equal(result, "failed");
  t.equal((await run('put b ";" ; get b')).out, "OK\n;\n");
});

t.test("JSON and heredocs are values as they stand", async (t) => {
  const { run } = session();
  t.equal(
    (await run('put user {"name": "Ada", "tags": ["a b", 1]} ; get user')).out,
    'OK\n{"name": "Ada", "tags": ["a b", 1]}\n',
  );
  t.equal((await run('put poem <<END\nroses  "are"\n\n  red\nEND')).out, "OK\n");
  t.equal((await run("get poem")).out, 'roses  "are"\n\n  red\n');
});

t.test("repeat counts with {i}, and {A..B} is the same again with the same seed", async (t) => {
  const { run, cluster } = session();
  await run("repeat 3 put k{i} v{i}");
  t.same(
    [...cluster.data],
    [
      ["k1", "v1"],
      ["k2", "v2"],
      ["k3", "v3"],
    ],
  );
  const draw = async () => {
    await run("seed 7");
    await run("repeat 5 put r{i} {1..1000}");
    return [1, 2, 3, 4, 5].map((number) => cluster.data.get(`r${number}`));
  };
  const drawn = await draw();
  t.same(await draw(), drawn);
  t.ok(new Set(drawn).size > 1);
  t.ok(drawn.every((text) => Number(text) >= 1 && Number(text) <= 1_000));
});

t.test("the first failure ends a repeat, but not one with try", async (t) => {
  const { run } = session();
  t.same(await run("repeat 3 get nope"), { result: "failed", out: "", err: "KEY_NOT_FOUND: Key does not exist\n" });
  t.same(await run("repeat 2 try get nope"), {
    result: "done",
    out: "KEY_NOT_FOUND: Key does not exist\n".repeat(2),
    err: "",
  });
});

t.test("watch runs a command as often as it is told", async (t) => {
  const { run } = session();
  t.equal((await run("watch 1ms 3 try get nope")).out.split("\n").length, 4);
  t.match((await run("watch 3")).err, /USAGE: watch/);
});

t.test("expect compares the answer, the error, the state of a slave and the unresolved updates", async (t) => {
  const { run, cluster } = session();
  cluster.data.set("city", "Paris").set("is", "x");
  for (const holds of [
    "expect get city is Paris",
    "expect get city contains ari",
    "expect get city",
    "expect get nope fails",
    "expect get nope fails ABORTED KEY_NOT_FOUND",
    "expect put city Paris is OK",
    "expect keys is city is",
    'expect keys is "city\nis"',
    'expect get "is" is x',
    "expect s1 is up",
    "expect 2 is down",
    "expect unresolved is 1",
  ]) {
    t.same(await run(holds), { result: "done", out: "", err: "" }, holds);
  }
  for (const [fails, err] of [
    ["expect get city is Rome", 'EXPECTED: expected "Rome", found "Paris"'],
    ["expect get nope is Rome", 'EXPECTED: expected "Rome", found KEY_NOT_FOUND (Key does not exist)'],
    ["expect get city fails", 'EXPECTED: expected a failure, found success: "Paris"'],
    ["expect get nope fails ABORTED", "EXPECTED: expected ABORTED, found KEY_NOT_FOUND (Key does not exist)"],
    ["expect s2 is up within 30ms", "EXPECTED: expected s2 up, found s2 down"],
    ["expect ring is up", "EXPECTED: expected the ring up, found 1 of 3 slaves up"],
    ["expect unresolved is 0", "EXPECTED: expected 0 unresolved, found 1 unresolved"],
    ["expect s9 is up", "BAD_REQUEST: No slave `s9`."],
  ] as const) {
    t.same(await run(fails), { result: "failed", out: "", err: `${err}\n` }, fails);
  }
  t.match((await run("expect gte city is Paris")).err, /^USAGE: there is no command "gte"; did you mean `get`\?/);
  t.match((await run("expect s1 is tired")).err, /^USAGE: a slave is up, down/);
  t.match((await run("expect get city is")).err, /^USAGE: there is no condition here/);
});

t.test("an expectation with a time holds as soon as it is met", async (t) => {
  const { run, cluster } = session();
  const waiting = run("expect get city is Paris within 10s");
  setTimeout(() => cluster.data.set("city", "Paris"), 30);
  t.equal((await waiting).result, "done");
  t.equal((await run("wait until get city is Paris")).result, "done");
});

t.test("background clients have connections of their own, run in order, and are waited for", async (t) => {
  const { run, cluster, interpreter } = session();
  await run("a: repeat 3 put k {i}");
  await run("a: get k");
  await run("b: get nope");
  t.equal((await run("wait for a b within 5s")).result, "done");
  t.equal(cluster.forks, 2);
  t.equal((await run("expect client a is 3")).result, "done");
  t.equal((await run("expect client a is 4 within 20ms")).err, 'EXPECTED: expected "4", found "3"\n');
  t.same(
    interpreter.session.clients.takeUnseen().map(({ client, command }) => `${client}: ${command}`),
    ["b: get nope"],
  );
  t.match((await run("expect client c is 1")).err, /^BAD_REQUEST: No client `c`; there are: a, b/);
  t.match((await run("clients")).out, /^a  idle  3\nb  idle  KEY_NOT_FOUND/);
  await interpreter.close();
});

t.test("a client that is not done in time is told", async (t) => {
  const { run, cluster, interpreter } = session();
  cluster.frozen = true;
  await run("a: get k");
  t.equal((await run("wait for a within 30ms")).err, "EXPECTED: expected client a done, found 1 commands to do\n");
  await interpreter.close();
});

t.test("a file is run as if it were typed; its failures are told, and make source fail", async (t) => {
  const { run } = session();
  const folder = t.testdir();
  const file = join(folder, "some.kv");
  await writeFile(file, "# a comment\nput a 1\nput poem <<END\none\n# two\nEND\nget nope\nget poem\n");
  const { result, out, err } = await run(`source ${file}`);
  t.equal(out, "OK\nOK\none\n# two\n");
  t.equal(err, "KEY_NOT_FOUND: Key does not exist\n");
  t.equal(result, "failed");
  t.match((await run(`source ${file}.not`)).err, /^BAD_REQUEST: .* cannot be read: ENOENT/);
});

t.test("a file that runs itself ends", async (t) => {
  const { run } = session();
  const file = join(t.testdir(), "self.kv");
  await writeFile(file, `source ${file}\n`);
  t.match((await run(`source ${file}`)).err, /does it run itself/);
});

t.test("what is recorded can be run again, at once or at its pace", async (t) => {
  const { run, cluster, interpreter } = session();
  const file = join(t.testdir(), "session.kv");
  await run(`record ${file}`);
  await run("put a 1");
  await run("put b <<END\nx\ny\nEND");
  t.equal((await run("record off")).out, `2 statements in ${file}\n`);
  cluster.data.clear();
  t.equal((await run(`source ${file}`)).out, "OK\nOK\n");
  t.same(
    [...cluster.data],
    [
      ["a", "1"],
      ["b", "x\ny"],
    ],
  );
  cluster.data.clear();
  t.equal((await run(`replay ${file} 50`)).out, "OK\nOK\n");
  t.equal(cluster.data.size, 2);
  t.match((await run(`record ${file}`)).err, /cannot be made: EEXIST/);
  t.match((await run(`replay ${file} 0`)).err, /SPEED is a number above 0/);
  await interpreter.close();
});

t.test("faults and points go to the cluster as they are named", async (t) => {
  const { run, cluster } = session();
  for (const command of [
    "kill s3 after prepare-forced",
    "start s3 before replay",
    "delay s1 1.5s",
    "drop s1",
    "drop s1 from vote",
    "partition s2",
    "heal s2",
    "step next",
  ]) {
    t.equal((await run(command)).err, "", command);
  }
  t.same(cluster.asked, [
    "kill s3 after:prepare-forced",
    "start s3 before:replay",
    'fault s1 {"kind":"delay","ms":1500}',
    'fault s1 {"kind":"drop"}',
    'fault s1 {"kind":"drop","from":"vote"}',
    'fault s2 {"kind":"partition"}',
    'fault s2 {"kind":"none"}',
    "step next",
  ]);
  for (const command of ["kill s3 during x", "kill s3 after", "drop s1 from nothing", "delay s1 soon", "step back"]) {
    t.match((await run(command)).err, /^USAGE: /, command);
  }
});

t.test("diff tells which copies differ, and fails then", async (t) => {
  const cluster = new FakeCluster();
  cluster.where = () => Promise.resolve({ hash: "7", set: 5, replicas: ["10", "20"] as never });
  const { run } = session(cluster);
  cluster.data.set("a", "1").set("b", "2");
  t.same(await run("diff s1 s2"), { result: "done", out: "equal: 2 keys on both\n", err: "" });
  cluster.stale.add("b");
  const { result, out } = await run("diff 1 2");
  t.equal(out, "1 of 2 keys differ\nb  s1 1.1  s2 1.0\n");
  t.equal(result, "failed");
});

t.test("with JSON output every statement is one line, in order, failures too", async (t) => {
  const stream = new PassThrough().setEncoding("utf8");
  const interpreter = new Interpreter(new FakeCluster(), new JsonOutput(stream));
  for (const statement of ["put a 1", "get a", "get nope", "keys", "keys none", "put x", "repeat 2 get a"]) {
    await interpreter.run(statement);
  }
  const lines = String(stream.read()).trimEnd().split("\n");
  t.match(
    lines.map((line) => JSON.parse(line) as object),
    [
      { ok: true, key: "a", opId: "1.1", ms: Number },
      { ok: true, key: "a", value: "1", opId: "1.1" },
      { ok: false, code: "KEY_NOT_FOUND", message: "Key does not exist" },
      { ok: true, keys: ["a"] },
      { ok: true, keys: [] },
      { ok: false, code: "USAGE" },
      { ok: true, answers: [{ value: "1" }, { value: "1" }] },
    ],
  );
  t.equal(lines.length, 7);
});
