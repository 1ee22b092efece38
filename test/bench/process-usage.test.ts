import t from "tap";
import { parseProc, parsePs, usageOf } from "../../src/bench/cluster/process-usage.js";

t.test("CPU time and memory are read from /proc, whatever the command is called", (t) => {
  const stat = "42 (a b) c) S 1 42 42 0 -1 4194560 1 0 0 0 250 50 0 0 20 0 11 0 1 1 1";
  t.strictSame(parseProc(stat, "Name:\tnode\nVmRSS:\t    2048 kB\nThreads:\t11\n"), {
    cpuMicros: 3_000_000,
    rssBytes: 2_097_152,
  });
  t.end();
});

t.test("CPU time and memory are read from ps, in all forms of its times", (t) => {
  t.strictSame(parsePs(" 0:01.50  100\n"), { cpuMicros: 1_500_000, rssBytes: 102_400 });
  t.strictSame(parsePs("00:01:02 4\n"), { cpuMicros: 62_000_000, rssBytes: 4_096 });
  t.strictSame(parsePs("1-02:00:00 4"), { cpuMicros: 93_600_000_000, rssBytes: 4_096 });
  t.equal(parsePs(""), undefined);
  t.end();
});

t.test("a process that runs has used something, one that does not exist nothing", async (t) => {
  const usage = await usageOf(process.pid);
  t.ok(usage !== undefined && usage.cpuMicros > 0 && usage.rssBytes > 10_000_000);
  t.equal(await usageOf(2 ** 30), undefined);
});
