import fc from "fast-check";
import t from "tap";
import { Latencies } from "../../src/bench/load/latencies.js";

const latency = fc.double({ min: 0.01, max: 60_000, noNaN: true });

t.test("a percentile is within a hundredth of the latency at that place", (t) => {
  fc.assert(
    fc.property(
      fc.array(latency, { minLength: 1, maxLength: 200 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (all, part) => {
        const latencies = new Latencies();
        for (const ms of all) latencies.record(ms);
        const sorted = all.toSorted((left, right) => left - right);
        const exact = sorted[Math.max(1, Math.ceil(part * all.length)) - 1] ?? Number.NaN;
        // Below 10 µs the unit of 0.1 µs is what is left.
        return Math.abs(latencies.percentile(part) - exact) <= exact * 0.01 + 0.0001;
      },
    ),
  );
  t.end();
});

t.test("latencies of several processes add up to those of one", (t) => {
  fc.assert(
    fc.property(fc.array(latency), fc.array(latency), (here, there) => {
      const [left, right, both] = [new Latencies(), new Latencies(), new Latencies()];
      for (const ms of here) left.record(ms);
      for (const ms of there) right.record(ms);
      for (const ms of [...here, ...there]) both.record(ms);
      left.add(right.toCounts());
      t.strictSame(left.toCounts(), both.toCounts());
      t.equal(left.count, here.length + there.length);
    }),
    { numRuns: 20 },
  );
  t.end();
});

t.test("without any latency every percentile is 0", (t) => {
  t.equal(new Latencies().percentile(0.99), 0);
  t.strictSame(new Latencies().toCounts(), { buckets: [], maxMs: 0 });
  t.end();
});

t.test("the largest latency is kept as it was, however large", (t) => {
  const latencies = new Latencies();
  latencies.record(1);
  latencies.record(3_600_000);
  t.equal(latencies.maxMs, 3_600_000);
  t.ok(latencies.percentile(1) <= 3_600_000);
  t.end();
});
