import { readdirSync } from "node:fs";
import t from "tap";
import { planOf } from "./plan-of-seed.js";
import { readPlanFile } from "./plan-file.js";
import { simulate } from "./simulation.js";

const REGRESSIONS = new URL("./regressions/", import.meta.url);

t.test("plans that have once failed pass", async (t) => {
  for (const name of readdirSync(REGRESSIONS).filter((file) => file.endsWith(".json"))) {
    const { plan, found } = readPlanFile(new URL(name, REGRESSIONS).pathname);
    const { violations } = await simulate(plan);
    t.same(violations, [], `${name} (${found})`);
  }
});

t.test("a seed decides everything: played twice, its run is the same to the last step", async (t) => {
  for (const seed of [3, 31, 314, 3_141]) {
    const [first, second] = [await simulate(planOf(seed)), await simulate(planOf(seed), { transcript: true })];
    t.equal(second.digest(), first.digest(), `seed ${seed}`);
    t.ok(first.history.length > 50, `seed ${seed} did something`);
  }
});

t.test("a plan survives being written down", async (t) => {
  const plan = planOf(42);
  const copy = JSON.parse(JSON.stringify(plan)) as typeof plan;
  t.equal((await simulate(copy)).digest(), (await simulate(plan)).digest());
});
