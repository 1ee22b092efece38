import { readFileSync, readdirSync } from "node:fs";
import path from "node:path";
import t from "tap";
import { type FuzzerName, fuzzerOf } from "./fuzzers.js";
import { LanguageFuzzer } from "./language-fuzzer.js";
import { runShare } from "./replay.js";

t.test("any statement is read soon and answered, and nothing in the answer acts on a terminal", async (t) => {
  const { inputs, chance, violations } = await runShare(new LanguageFuzzer(), { seeds: [1, 2, 3, 4], forMs: 12_000 });
  t.comment(`${inputs} statements, seed ${chance}`);
  t.strictSame(violations.slice(0, 5), []);
});

t.test(
  "a long line of brackets that are no JSON is refused soon: following each to its end took minutes",
  async (t) => {
    const fuzzer = new LanguageFuzzer();
    for (const unit of ["[a ", "[1 ", "{x} [", "[1, "]) {
      t.strictSame(await fuzzer.replay(unit.repeat(70_000)), [], unit);
    }
    await fuzzer.close();
  },
);

const FINDINGS = path.resolve("test/fuzz/findings");

t.test("inputs that have once failed pass", async (t) => {
  const names = readdirSync(FINDINGS).filter((name) => name.endsWith(".json"));
  for (const name of names) {
    const {
      fuzzer: fuzzerName,
      found,
      input,
    } = JSON.parse(readFileSync(path.join(FINDINGS, name), "utf8")) as {
      readonly fuzzer: FuzzerName;
      readonly found: string;
      readonly input: unknown;
    };
    const fuzzer = fuzzerOf(fuzzerName);
    t.strictSame(await fuzzer.replay(input), [], `${name} (${found})`);
    await fuzzer.close();
  }
  t.ok(names.length > 0, "there are some");
});
