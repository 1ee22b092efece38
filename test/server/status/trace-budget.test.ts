import t from "tap";
import { TraceBudget } from "../../../src/server/status/trace-budget.js";

t.test("what is saved up may go at once, then so much a second comes back and no more is saved", (t) => {
  const budget = new TraceBudget(100, 500);
  const takeAll = () => {
    let taken = 0;
    while (budget.take(1)) taken += 1;
    return taken;
  };
  t.equal(takeAll(), 50);
  budget.refill(100);
  t.equal(takeAll(), 10);
  budget.refill(60_000);
  t.equal(takeAll(), 50);
  t.end();
});

t.test("what does not fit is refused and takes nothing", (t) => {
  const budget = new TraceBudget(10, 1_000);
  t.equal(budget.take(11), false);
  t.equal(budget.take(8), true);
  t.equal(budget.take(8), false);
  t.equal(budget.take(2), true);
  t.end();
});
