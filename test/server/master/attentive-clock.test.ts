import t from "tap";
import { AttentiveClock } from "../../../src/server/master/attentive-clock.js";

t.test("moves on with the time, and by one step where the process stood still", (t) => {
  let readMs = 1_000;
  const clock = new AttentiveClock(100, () => readMs);
  t.equal(clock.tick(), 0);
  readMs += 20;
  t.equal(clock.nowMs, 0, "it stands until it ticks");
  t.equal(clock.tick(), 20);
  readMs += 60_000;
  t.equal(clock.tick(), 120);
  readMs += 20;
  t.equal(clock.tick(), 140);
  t.equal(clock.nowMs, 140);
  t.end();
});

t.test("what passes while it stands still counts for nothing", (t) => {
  let readMs = 1_000;
  const clock = new AttentiveClock(100, () => readMs);
  readMs += 20;
  t.equal(clock.tick(), 20);
  readMs += 50;
  t.equal(clock.standStill(), 20);
  readMs += 10;
  t.equal(clock.tick(), 30);
  t.end();
});
