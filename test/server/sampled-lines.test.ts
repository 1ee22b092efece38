import { mock } from "node:test";
import t from "tap";
import { DEFAULTS, LIMITS } from "../../src/protocol/limits.js";
import { SampledLines } from "../../src/server/sampled-lines.js";

t.beforeEach(() => mock.timers.enable({ apis: ["setTimeout"] }));
t.afterEach(() => mock.timers.reset());

function tellMany(lines: SampledLines, count: number): void {
  for (let n = 0; n < count; n++) if (lines.mayTell()) lines.tell(`line ${n}`);
}

t.test("so many lines are told in an interval, the rest are counted at its end, and then it goes on", (t) => {
  const told: string[] = [];
  const lines = new SampledLines("steps", (text) => told.push(text));
  tellMany(lines, LIMITS.stepLinesPerIntervalMax + 7);
  t.equal(told.length, LIMITS.stepLinesPerIntervalMax);
  mock.timers.tick(DEFAULTS.stepLinesIntervalMs);
  t.equal(told.at(-1), `and 7 more steps in ${DEFAULTS.stepLinesIntervalMs} ms`);
  tellMany(lines, 1);
  t.equal(told.at(-1), "line 0");
  t.end();
});

t.test("an interval in which all were told ends without a word", (t) => {
  const told: string[] = [];
  const lines = new SampledLines("steps", (text) => told.push(text));
  tellMany(lines, LIMITS.stepLinesPerIntervalMax);
  mock.timers.tick(DEFAULTS.stepLinesIntervalMs);
  t.equal(told.length, LIMITS.stepLinesPerIntervalMax);
  t.end();
});

t.test("nothing is told after the end", (t) => {
  const told: string[] = [];
  const lines = new SampledLines("steps", (text) => told.push(text));
  tellMany(lines, LIMITS.stepLinesPerIntervalMax + 1);
  lines.close();
  mock.timers.tick(DEFAULTS.stepLinesIntervalMs);
  t.equal(told.length, LIMITS.stepLinesPerIntervalMax);
  t.end();
});
