import t from "tap";
import { CpuProfiler } from "../../src/bench/profile/cpu-profiler.js";
import { type CpuProfile, selfTimesOf } from "../../src/bench/profile/self-time.js";

function node(id: number, functionName: string, url = "", lineNumber = -1, children: readonly number[] = []) {
  return { id, callFrame: { functionName, url, lineNumber }, children };
}

t.test("samples are added up by function, and idle time is no time of a function", (t) => {
  const profile: CpuProfile = {
    nodes: [
      node(1, "(root)"),
      node(2, "(idle)"),
      node(3, "apply", "file:///x/dist/core/slave.js", 9),
      node(4, "apply", "file:///x/dist/core/slave.js", 9),
      node(5, "(garbage collector)"),
    ],
    samples: [3, 4, 2, 5, 3],
    timeDeltas: [500, 1_000, 2_000, 5_000, 1_000, 1_000],
  };
  const { busy, functions } = selfTimesOf(profile);
  t.equal(busy, 0.5);
  t.strictSame(functions, [
    { name: "apply core/slave.js:10", ms: 4, part: 0.8 },
    { name: "(garbage collector)", ms: 1, part: 0.2 },
  ]);
  t.end();
});

t.test("a native function without a name is known by its caller", (t) => {
  const { functions } = selfTimesOf({
    nodes: [node(1, "flush", "file:///x/node_modules/lib/index.js", 4, [2]), node(2, "")],
    samples: [2, 2],
    timeDeltas: [0, 1_000],
  });
  t.equal(functions[0]?.name, "native, from flush lib/index.js:5");
  t.end();
});

t.test("a profile without samples is idle", (t) => {
  t.strictSame(selfTimesOf({ nodes: [], samples: [], timeDeltas: [] }), { busy: 0, functions: [] });
  t.end();
});

t.test("this process's own profile names what kept it busy", async (t) => {
  const profiler = await CpuProfiler.start();
  spin(performance.now() + 60);
  const { functions } = selfTimesOf(JSON.parse(await profiler.stop()) as CpuProfile);
  t.match(functions[0]?.name, /^(?:spin|now)\b|^\(program\)/);
  t.ok(functions.some(({ name }) => name.startsWith("spin ")));
});

function spin(untilMs: number): void {
  let sum = 0;
  while (performance.now() < untilMs) for (let n = 0; n < 10_000; n++) sum += Math.sqrt(n);
  t.ok(sum > 0);
}
