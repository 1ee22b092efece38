import { PassThrough, Readable } from "node:stream";
import t from "tap";
import { PlainOutput } from "../../src/repl/output.js";
import { PLAIN_PAINT } from "../../src/repl/paint.js";
import { runScript } from "../../src/repl/script.js";
import { FakeCluster } from "./fake-cluster.js";

async function run(line: string): Promise<{ readonly out: string; readonly err: string }> {
  const answers = new PassThrough().setEncoding("utf8");
  const errors = new PassThrough().setEncoding("utf8");
  const output = new PlainOutput({ answers, errors, paint: PLAIN_PAINT });
  await runScript({ input: Readable.from([Buffer.from(`${line}\n`)]), cluster: new FakeCluster(), output });
  const textOf = (stream: PassThrough) => (stream.read() as string | null) ?? "";
  return { out: textOf(answers), err: textOf(errors) };
}

t.test("cache shows figures and sets, with keys made safe and reference bits marked", async (t) => {
  const { out } = await run("cache s1 3");
  t.equal(
    out,
    [
      "s1: 64 sets of 4, 3 entries; 3 hits, 1 misses (75.0 %), 2 evicted",
      '3  city*  "a\\x1bkey"',
      "9  k  and 2 more",
      "more from set 10 on",
      "",
    ].join("\n"),
  );
});

t.test("cache without a node is the master's, from its first set", async (t) => {
  t.match((await run("cache")).out, /^master: 64 sets of 4.*\n0 {2}city/);
});

t.test("a set or a count that is no number is refused", async (t) => {
  t.equal((await run("cache s1 x")).err, "USAGE: SET is a whole number, 0 to 1048575\n");
  t.equal((await run("log s1 -1")).err, "USAGE: N is a whole number, 0 to 2000\n");
  t.equal((await run("log s1 2001")).err, "USAGE: N is a whole number, 0 to 2000\n");
});

t.test("log shows lines with time, node and level, made safe", async (t) => {
  t.equal(
    (await run("log")).out,
    "1970-01-01T00:00:00.000Z  master  info  the ring of 3 is complete\n" +
      "1970-01-01T00:00:00.001Z  s1      warn  hostile \\x1b[2J\n",
  );
  t.match((await run("log master")).out, /^\S+ {2}master {2}info {2}the ring of 3 is complete\n$/);
  t.equal((await run("log all 0")).out, "");
});

t.test("unresolved lists updates and whom they wait for", async (t) => {
  t.equal((await run("unresolved")).out, '1.9 put "a\\x1bkey": in-doubt, waits for s2\n');
});

t.test("explain tells where a key is and that a put needs both replicas", async (t) => {
  const { out } = await run("explain put city");
  t.match(out, /^key +city\nhash +7 \(0000000000000007\), 0\.0 % of the way round the ring \(xxh64\)\n/);
  t.match(out, /primary +s1 up +10\nsuccessor +s2 down +20\n/);
  t.match(out, /refused with REPLICA_DOWN: s2 must be up, since the put needs the votes of s1 and s2/);
});

t.test("explain get asks the replica that is up", async (t) => {
  t.match((await run("explain GET city")).out, /not cached: getreq to s1 \(the other replica is down\)/);
});

t.test("explain takes a request only", async (t) => {
  t.equal((await run("explain keys city")).err, "USAGE: explain get|put|del K\n");
});
