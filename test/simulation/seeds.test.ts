import t from "tap";
import { addCounts, missing, type SometimesCounts } from "./sometimes.js";
import { runBatch } from "./worker.js";

const FROM = 1;
const SEEDS = 2_000;
const BATCH = 100;

t.setTimeout(900_000);

t.test(`${SEEDS} seeds: no schedule breaks a promise, and every rare state occurs`, async (t) => {
  const sometimes: SometimesCounts = {};
  let operations = 0;
  for (let from = FROM; from < FROM + SEEDS; from += BATCH) {
    const report = await runBatch({ from, count: BATCH });
    t.same(report.failures, [], `seeds ${from} to ${from + BATCH - 1}`);
    addCounts(sometimes, report.sometimes);
    operations += report.operations;
  }
  t.same(missing(sometimes), [], "states that never occurred");
  t.ok(operations > 150 * SEEDS, `${operations} operations`);
});
