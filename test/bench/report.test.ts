import t from "tap";
import type { BenchReport, BenchRow } from "../../src/bench/report/bench-report.js";
import { formatBench } from "../../src/bench/report/bench-table.js";
import { formatOverload } from "../../src/bench/overload/overload-report.js";
import { costPlots } from "../../src/bench/report/cost-plots.js";
import type { LatencyFigures, LoadSample } from "../../src/bench/report/sample.js";
import { summarise } from "../../src/bench/report/summary.js";
import { drawPlot } from "../../src/bench/report/svg-plot.js";
import { compareTls } from "../../src/bench/report/tls-comparison.js";

const latency = (p50: number): LatencyFigures => ({ count: 10, p50, p99: 2 * p50, p999: 3 * p50, max: 4 * p50 });

function sample(opsPerSecond: number, changes: Partial<LoadSample> = {}): LoadSample {
  return {
    ops: opsPerSecond,
    opsPerSecond,
    latencyMs: latency(1),
    putMs: latency(1),
    getMs: latency(0),
    errors: {},
    processes: [
      { name: "master", cpuMicrosPerOp: 20, cores: 0.5, rssBytes: 104_857_600 },
      { name: "s1", cpuMicrosPerOp: 30, cores: 0.7, rssBytes: 52_428_800 },
    ],
    generator: { cpuMicrosPerOp: 5, cores: 0.1, rssBytes: 1 },
    cacheHitPart: undefined,
    ...changes,
  };
}

function row(changes: Partial<BenchRow["workload"]>, slaves = 2, samples = [sample(12_345.4)]): BenchRow {
  const workload = {
    mix: "put",
    distribution: "uniform",
    keys: 1_000,
    valueBytes: 100,
    clients: 64,
    depth: 1,
  } as const;
  return { workload: { ...workload, ...changes }, slaves, ...summarise(samples), ceilingOpsPerSecond: 50_000 };
}

function report(results: readonly BenchRow[], changes: Partial<BenchReport> = {}): BenchReport {
  const machine = { node: "v20.0.0", platform: "linux x64", cpu: "A CPU", cores: 2 };
  return {
    machine,
    began: "2026-01-01T00:00:00Z",
    rounds: 1,
    seconds: 2,
    warmupSeconds: 0.5,
    generators: 1,
    results,
    ...changes,
  };
}

t.test("rounds come down to medians, with the lowest and the highest, all errors and the most memory", (t) => {
  const found = summarise([
    sample(100, { errors: { TIMEOUT: 1 }, latencyMs: latency(1) }),
    sample(300, { errors: { TIMEOUT: 2, IN_DOUBT: 1 }, latencyMs: latency(9) }),
    sample(200, { latencyMs: latency(2), processes: [{ name: "master", cpuMicrosPerOp: 40, cores: 1, rssBytes: 7 }] }),
  ]);
  t.strictSame(found.opsPerSecond, { median: 200, min: 100, max: 300 });
  t.strictSame(found.errors, { TIMEOUT: 3, IN_DOUBT: 1 });
  t.equal(found.latencyMs.p99, 4);
  t.match(found.processes[0], { name: "master", cpuMicrosPerOp: 20, rssBytes: 104_857_600 });
  t.end();
});

t.test("the table has a column only for what differs, and says the rest below it", (t) => {
  t.equal(
    formatBench(report([row({}), row({ clients: 1 }, 2, [sample(900, { errors: { TIMEOUT: 1_234, ABORTED: 1 } })])])),
    [
      "load  clients   ops/s  p50 ms   p99  p99.9  master µs/op  slaves µs/op  of ceiling  errors",
      "----  -------  ------  ------  ----  -----  ------------  ------------  ----------  ------------------------",
      "put        64  12,345    1.00  2.00   3.00          20.0          30.0        25 %",
      "put         1     900    1.00  2.00   3.00          20.0          30.0       1.8 %  1,234 TIMEOUT, 1 ABORTED",
      "",
      "keys by uniform, slaves 2, keys 1,000, value 100 B, depth 1; 1 round of 2 s.",
      "A CPU, 2 cores; Node v20.0.0, linux x64.",
      "Ceiling: what 1 generator process reached against a bare server that only answers lines: put x64 50,000/s, put x1 50,000/s.",
      "Memory (RSS) at most: master 100 MiB, s1 50 MiB.",
      "",
    ].join("\n"),
  );
  const varied = formatBench(
    report([row({}), row({ depth: 16, valueBytes: 65_536 }, 4, [sample(1), sample(3)])], { rounds: 2 }),
  );
  t.match(varied, /load {2}slaves +value {2}clients {2}depth/);
  t.match(varied, /64 KiB .* 1\.\.3/);
  t.end();
});

t.test("an open loop tells what was due, and how late it was sent", (t) => {
  const { workload, slaves, ...rest } = row({ rate: 5_000 }, 2, [sample(4_990, { latenessMs: latency(0.1) })]);
  const { ceilingOpsPerSecond, ...open } = rest;
  t.ok(ceilingOpsPerSecond);
  const text = formatBench(report([{ workload, slaves, ...open }]));
  t.match(text, /due\/s/);
  t.match(text, /sent 0\.200 ms after that/);
  t.notMatch(text, /ceiling/i);
  t.end();
});

t.test("TLS is compared with plain TCP round by round, of loads that differ in nothing else", (t) => {
  const { workload } = row({});
  const cpu = (micros: number) => ({
    processes: [
      { name: "master", cpuMicrosPerOp: micros, cores: 1, rssBytes: 1 },
      { name: "s1", cpuMicrosPerOp: 10, cores: 1, rssBytes: 1 },
    ],
  });
  const plain = { workload, slaves: 2, tls: false, samples: [sample(1_000, cpu(20)), sample(100, cpu(20))] };
  const tls = { ...plain, tls: true, samples: [sample(500, cpu(50)), sample(90, cpu(20))] };
  const elsewhere = { ...tls, slaves: 4 };
  t.strictSame(compareTls([plain, elsewhere]), []);
  const comparisons = compareTls([tls, plain, elsewhere]);
  t.match(comparisons, [
    {
      plain: { median: 550 },
      tls: { median: 295 },
      ratio: { min: 0.5, max: 0.9, median: 0.7 },
      cpuRatio: { min: 1, max: 2, median: 1.5 },
    },
  ]);
  const text = formatBench(
    report(
      [
        { ...row({}), tls: false },
        { ...row({}), tls: true },
      ],
      { comparisons },
    ),
  );
  t.match(text, /put {3}TCP .*\nput {3}TLS /);
  t.match(text, /put +2 +100 +64 +1 +550 +295 +0\.70 {2}0\.50\.\.0\.90 +30\.0 +45\.0 +1\.50/);
  t.end();
});

t.test("an overload's table tells what was sent, what was answered well and what was refused", (t) => {
  const samples = [
    sample(900, {
      errors: { OVERLOADED: 6_000, TIMEOUT: 2 },
      offeredPerSecond: 3_900,
      latenessMs: latency(0.5),
      refusedMs: latency(0.2),
    }),
  ];
  const spread = (median: number) => ({ median, min: median, max: median });
  const text = formatOverload({
    ...report([]),
    results: [
      {
        mix: "put",
        valueBytes: 100,
        clients: 64,
        times: 4,
        peakOpsPerSecond: spread(1_000),
        offeredOfPeak: spread(3.9),
        goodOfPeak: spread(0.9),
        goodOfPeakPerCore: spread(0.95),
        ...summarise(samples),
      },
    ],
  });
  t.match(
    text,
    /put +1,000 +4x +3\.9x +900 +90 % +95 % +1\.00 +2\.00 +3,000 +0\.200 +0\.400 +1\.00 +1\.20 +0\.10 {2}2 TIMEOUT/,
  );
  t.end();
});

t.test("profiles are told of the master, one slave and one generator", (t) => {
  const functions = [{ name: "apply slave.js:1", ms: 100, part: 0.25 }];
  const profiles = ["master", "s1", "s2", "generator1"].map((process) => {
    return { load: "put-x64", process, file: `${process}.cpuprofile`, busy: 0.5, functions };
  });
  const text = formatBench(report([row({})], { profiles }));
  t.match(text, /put-x64, master: busy 50 % of the time/);
  t.match(text, /25 % {2}100 ms {2}apply slave\.js:1/);
  t.match(text, /put-x64, s1/);
  t.notMatch(text, /put-x64, s2/);
  t.end();
});

t.test("the cost of an operation is drawn by what was varied", (t) => {
  t.strictSame(costPlots([row({}), row({ clients: 1 })]), []);
  const [bySlaves, ofGets, ...others] = costPlots([row({}, 8), row({}, 2), row({ mix: "get" }, 2)]);
  t.strictSame(others, []);
  t.equal(bySlaves?.file, "cost-by-slaves-put.svg");
  t.equal(ofGets?.file, "cost-by-slaves-get.svg");
  t.strictSame(ofGets?.plot.series, [{ name: "get x64", points: [[2, 50]] }]);
  t.strictSame(bySlaves?.plot.series, [
    {
      name: "put x64",
      points: [
        [2, 50],
        [8, 50],
      ],
    },
  ]);
  const [byKeys] = costPlots([row({}), row({ keys: 100_000 })]);
  t.equal(byKeys?.file, "cost-by-keys-put.svg");
  t.end();
});

t.test("a plot is well-formed, keeps its points inside, and escapes what it is told", (t) => {
  const svg = drawPlot({
    title: "a < b & c",
    xTitle: "x",
    yTitle: "y",
    series: [
      {
        name: "one",
        points: [
          [2, 10],
          [8, 47],
        ],
      },
      { name: "two", points: [[2, 0]] },
    ],
  });
  t.match(svg, /^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" viewBox="0 0 720 400"/);
  t.match(svg, /a &lt; b &amp; c/);
  const open = [...svg.matchAll(/<([a-z]+)(?:\s[^>]*[^/])?>/g)].map((match) => match[1]);
  const closed = [...svg.matchAll(/<\/([a-z]+)>/g)].map((match) => match[1]);
  t.strictSame(open.sort(), closed.sort());
  const circles = [...svg.matchAll(/<circle cx="([\d.]+)" cy="([\d.]+)"/g)].map(([, x, y]) => [Number(x), Number(y)]);
  t.equal(circles.length, 3);
  t.ok(circles.every(([x = 0, y = 0]) => x >= 70 && x <= 530 && y >= 48 && y <= 348));
  t.end();
});
