import t from "tap";
import { RingkvError } from "../../src/protocol/errors.js";
import type { SlaveId } from "../../src/protocol/ids.js";
import { type NameSources, complete, namesOf } from "../../src/repl/completion.js";
import { FakeCluster } from "./fake-cluster.js";

const KEYS = ["City", "cart:1", "cart:10", "city", "city hall", 'quo"te', "tab\there"];

const sources: NameSources = {
  slaves: () =>
    Promise.resolve([
      { id: "46116" as SlaveId, name: "s1" },
      { id: "99" as SlaveId, name: "s2" },
    ]),
  keys: (prefix) => Promise.resolve({ names: KEYS.filter((key) => key.startsWith(prefix)), hasMore: false }),
};

/** What the statement becomes, and what could stand at its end. */
async function completed(statement: string, from = sources) {
  const { start, replacement, candidates } = await complete(statement, from);
  return [statement.slice(0, start) + replacement, candidates] as const;
}

const COMPLETIONS: readonly (readonly [statement: string, becomes: string, candidates: readonly string[]])[] = [
  ["resta", "restart ", ["restart"]],
  ["KI", "kill ", ["kill"]],
  ["kill s", "kill s", ["s1", "s2"]],
  ["kill ", "kill ", ["master", "s1", "s2"]],
  ["pause 4", "pause 46116 ", ["46116"]],
  ["help pau", "help pause ", ["pause"]],
  ["cache m", "cache master ", ["master"]],
  ["step o", "step o", ["on", "off"]],
  ["step N", "step next ", ["next"]],
  ["explain put Ci", "explain put City ", ["City"]],
  ["repeat 3 put Ci", "repeat 3 put City ", ["City"]],
  ["a: put Ci", "a: put City ", ["City"]],
  ["get x ; put Ci", "get x ; put City ", ["City"]],
  ["get ca", "get cart:1", ["cart:1", "cart:10"]],
  ["get ci", "get city", ["city", '"city hall"']],
  ["get city", "get city", ["city", '"city hall"']],
  ['get "city h', 'get "city hall" ', ['"city hall"']],
  ["get 'city h", 'get "city hall" ', ['"city hall"']],
  ['get "ci', 'get "city', ["city", '"city hall"']],
  ["get qu", 'get "quo\\"te" ', ['"quo\\"te"']],
  ['get "quo\\"', 'get "quo\\"te" ', ['"quo\\"te"']],
  ["get ta", 'get "tab\\x09here" ', ['"tab\\x09here"']],
];

for (const [statement, becomes, candidates] of COMPLETIONS) {
  t.test(`${statement} becomes ${becomes}`, async (t) => {
    t.same(await completed(statement), [becomes, candidates]);
  });
}

t.test("an empty line offers every command, an alias who begins to type it", async (t) => {
  const { candidates } = await complete("", sources);
  t.ok(["get", "put", "help", "quit"].every((name) => candidates.includes(name)));
  t.notOk(candidates.includes("exit"));
  t.same(await completed("exi"), ["exit ", ["exit"]]);
});

t.test("nothing is offered where nothing is known, and nobody is asked", async (t) => {
  const asked = () => Promise.reject(new Error("asked"));
  const never: NameSources = { slaves: asked, keys: asked };
  for (const statement of ["put k v", "kill s1 ", "nope x", "# get c", 'put k {"a', "put k <<E", 'get "a\\']) {
    t.same((await completed(statement, never))[0], statement);
  }
});

t.test("of keys that are not all known, what they have in common is not known either", async (t) => {
  const keys = () => Promise.resolve({ names: ["user:1", "user:2"], hasMore: true });
  t.match(await complete("get us", { ...sources, keys }), { replacement: "us", hasMore: true });
});

t.test("a name is completed by whole characters", async (t) => {
  const keys = () => Promise.resolve({ names: ["a😀", "a😁"], hasMore: false });
  t.match(await complete("get ", { ...sources, keys }), { replacement: "a" });
});

t.test("the cluster tells the names, and of very many keys the first", async (t) => {
  const cluster = new FakeCluster();
  for (const key of ["city", "a b"]) await cluster.put(key, "");
  t.same(await namesOf(cluster).keys("c"), { names: ["city"], hasMore: false });
  t.match(await namesOf(cluster).slaves(), [{ name: "s1" }, { name: "s2" }, { name: "s3" }]);
  for (let index = 0; index < 300; index += 1) await cluster.put(`k${index}`, "");
  const { names, hasMore } = await namesOf(cluster).keys("k");
  t.equal(names.length, 200);
  t.ok(hasMore);
});

t.test("a cluster that does not answer has no names to offer", async (t) => {
  const cluster = new FakeCluster();
  await cluster.put("city", "");
  cluster.failure = new RingkvError("UNAVAILABLE");
  t.match(await namesOf(cluster).keys(""), { names: [] });
  t.same(await namesOf(cluster).slaves(), []);
});
