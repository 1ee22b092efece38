import t from "tap";
import { type NameSources, complete, namesOf } from "../../src/repl/completion.js";
import { RingkvError } from "../../src/protocol/errors.js";
import { FakeCluster } from "./fake-cluster.js";

const sources: NameSources = {
  slaves: () => Promise.resolve(["s1", "s2", "46116"]),
  keys: (prefix) => Promise.resolve(["City", "city", "cart:1"].filter((key) => key.startsWith(prefix))),
};

t.test("the first word completes to commands", async (t) => {
  t.same(await complete("re", sources), [["restart", "resume"], "re"]);
  t.same(await complete("KI", sources), [["kill "], "KI"]);
});

t.test("an empty line offers every command, aliases too", async (t) => {
  const [hits] = await complete("", sources);
  t.ok(["get", "put", "help", "quit", "exit"].every((name) => hits.includes(name)));
});

t.test("the argument of process control completes to the slaves' names and IDs", async (t) => {
  t.same(await complete("kill s", sources), [["s1", "s2"], "s"]);
  t.same(await complete("pause 4", sources), [["46116 "], "4"]);
});

t.test("the argument of help completes to commands", async (t) => {
  t.same(await complete("help pa", sources), [["pause "], "pa"]);
});

t.test("a key completes to the keys there are, with their capitals", async (t) => {
  t.same(await complete("get c", sources), [["city", "cart:1"], "c"]);
  t.same(await complete("put Ci", sources), [["City "], "Ci"]);
});

t.test("a node is the master or a slave", async (t) => {
  t.same(await complete("cache m", sources), [["master "], "m"]);
  t.same(await complete("log s", sources), [["s1", "s2"], "s"]);
});

t.test("nothing is offered where nothing is known, and nobody is asked", async (t) => {
  const asked = () => Promise.reject(new Error("asked"));
  const never: NameSources = { slaves: asked, keys: asked };
  t.same(await complete("put k v", never), [[], "v"]);
  t.same(await complete("kill s1 s", never), [[], "s"]);
  t.same(await complete("nope x", never), [[], "x"]);
});

t.test("the cluster tells the names, but no key that would need quotes", async (t) => {
  const cluster = new FakeCluster();
  for (const key of ["city", "a b", 'quo"te', "\u001b[2J", "ünï", "#no"]) await cluster.put(key, "");
  t.same(await namesOf(cluster).keys(""), ["city", "ünï"]);
  t.same(await namesOf(cluster).slaves(), ["s1", "s2", "s3", "10", "20", "18446744073709551615"]);
});

t.test("a cluster that does not answer has no names to offer", async (t) => {
  const cluster = new FakeCluster();
  await cluster.put("city", "");
  cluster.failure = new RingkvError("UNAVAILABLE");
  t.same(await namesOf(cluster).keys(""), []);
  t.same(await namesOf(cluster).slaves(), []);
});
