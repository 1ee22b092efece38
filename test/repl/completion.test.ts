import t from "tap";
import { complete } from "../../src/repl/completion.js";

const slaves = () => Promise.resolve(["s1", "s2", "46116"]);

t.test("the first word completes to commands", async (t) => {
  t.same(await complete("re", slaves), [["restart", "resume"], "re"]);
  t.same(await complete("KI", slaves), [["kill "], "KI"]);
});

t.test("an empty line offers every command, aliases too", async (t) => {
  const [hits] = await complete("", slaves);
  t.ok(["get", "put", "help", "quit", "exit"].every((name) => hits.includes(name)));
});

t.test("the argument of process control completes to the slaves' names and IDs", async (t) => {
  t.same(await complete("kill s", slaves), [["s1", "s2"], "s"]);
  t.same(await complete("pause 4", slaves), [["46116 "], "4"]);
});

t.test("the argument of help completes to commands", async (t) => {
  t.same(await complete("help pa", slaves), [["pause "], "pa"]);
});

t.test("nothing is offered where nothing is known, and no slave is asked for", async (t) => {
  const never = () => Promise.reject(new Error("asked"));
  t.same(await complete("put k", never), [[], "k"]);
  t.same(await complete("kill s1 s", never), [[], "s"]);
  t.same(await complete("nope x", never), [[], "x"]);
});
