import t from "tap";
import { simulate } from "./simulation.js";

const SEEDS = 250;
const only = process.env["SEED"];
const seeds = only === undefined ? Array.from({ length: SEEDS }, (_, index) => index + 1) : [Number(only)];

t.test(`seeds ${seeds[0] ?? 0} to ${seeds.at(-1) ?? 0}: the shipped cores lose and misorder nothing, and heal`, (t) => {
  const totals = { acknowledged: 0, unknown: 0, "slave power cut": 0, "master killed": 0 };
  for (const seed of seeds) {
    const { violations, acknowledged, unknown, faults } = simulate(seed);
    if (violations.length > 0) t.fail(`SEED=${seed}: ${violations.join("\n")}`);
    totals.acknowledged += acknowledged;
    totals.unknown += unknown;
    totals["slave power cut"] += faults["slave power cut"];
    totals["master killed"] += faults["master killed"];
  }
  t.comment(JSON.stringify(totals));
  if (only === undefined) {
    for (const [what, count] of Object.entries(totals))
      t.ok(count > 100, `${what}: ${count}, so the runs are not vacuous`);
  }
  t.end();
});

t.test("the same seed gives the same run", (t) => {
  t.strictSame(simulate(7), simulate(7));
  t.end();
});
