import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import t from "tap";
import { runPeers } from "../../bench/peers/run-peers.js";
import type { BenchReport } from "../../src/bench/report/bench-report.js";
import type { OverloadReport } from "../../src/bench/overload/overload-report.js";
import { evenlySpreadIds } from "../../src/server/supervisor/ring-ids.js";
import { TestCertificates } from "../certificates.js";
import { exitOf, runCli, startCli } from "../cli/run-cli.js";
import { SecuredCluster } from "../e2e/secured-cluster.js";

const CLI = process.env["RINGKV_TEST_CLI"] ?? fileURLToPath(new URL("../../dist/cli.js", import.meta.url));
const SHORT = ["--rounds", "1", "--seconds", "0.2", "--warmup-seconds", "0.1", "--clients", "2", "--keys", "50"];
const TOKEN = "0123456789abcdef0123456789abcdef";

t.test(
  "a bench measures a cluster of its own, profiles and draws it, and leaves nothing behind but that",
  async (t) => {
    const out = join(t.testdir(), "out");
    const temporary = t.testdir({ tmp: {} });
    const args = ["bench", ...SHORT, "--slaves", "2,3", "--mix", "put,get", "--depth", "2"];
    const {
      code,
      out: text,
      err,
    } = await runCli([...args, "--profile", "--plot", "--out", out, "--json"], "", {
      TMPDIR: join(temporary, "tmp"),
    });
    t.equal(code, 0, err);
    const report = JSON.parse(text) as BenchReport;
    t.strictSame(
      report.results.map(({ workload, slaves }) => [workload.mix, workload.clients, workload.depth, slaves]),
      [
        ["put", 2, 2, 2],
        ["put", 2, 2, 3],
        ["get", 2, 2, 2],
        ["get", 2, 2, 3],
      ],
    );
    for (const { opsPerSecond, latencyMs, errors, processes, slaves, ceilingOpsPerSecond } of report.results) {
      t.ok(opsPerSecond.median > 0);
      t.ok(latencyMs.p50 > 0 && latencyMs.p50 <= latencyMs.p99 && latencyMs.p99 <= latencyMs.p999);
      t.strictSame(errors, {});
      t.equal(processes.length, 1 + slaves);
      t.ok(processes.every(({ cpuMicrosPerOp, rssBytes }) => cpuMicrosPerOp >= 0 && rssBytes > 1_000_000));
      t.ok((ceilingOpsPerSecond ?? 0) > 0);
    }
    t.ok(
      report.results.filter(({ workload }) => workload.mix === "get").every(({ cacheHitPart }) => cacheHitPart === 1),
    );
    const profiled = (report.profiles ?? []).filter(({ load }) => load.endsWith("-3s")).map(({ process }) => process);
    t.strictSame(profiled, [..."master s1 s2 s3 generator1".split(" "), ..."master s1 s2 s3 generator1".split(" ")]);
    t.ok((report.profiles ?? []).every(({ file }) => existsSync(file)));
    t.match(readFileSync(join(out, "cost-by-slaves-put.svg"), "utf8"), /^<svg /);
    t.strictSame(readdirSync(join(temporary, "tmp")), []);
  },
);

t.test("an open loop measures, and its table says what was due", async (t) => {
  const { code, out, err } = await runCli(["bench", ...SHORT, "--slaves", "2", "--mix", "b", "--rate", "200"]);
  t.equal(code, 0, err);
  t.match(out, /due\/s/);
  t.match(err, /starting a cluster with 2 slaves/);
});

t.test("TLS and plain TCP are measured in turns, and their ratio is told", async (t) => {
  const args = ["bench", ...SHORT, "--compare-tls", "--mix", "put", "--json"];
  // What the bench's own surroundings are asked for is none of its clusters' business.
  const { code, out, err } = await runCli(args, "", { RINGKV_CLIENT_TOKEN: TOKEN, RINGKV_ADMIN_TOKEN: TOKEN });
  t.equal(code, 0, err);
  const { results, comparisons } = JSON.parse(out) as BenchReport;
  t.strictSame(
    results.map(({ tls, errors, processes }) => [tls, errors, processes.length]),
    [
      [false, {}, 3],
      [true, {}, 3],
    ],
  );
  t.equal(comparisons?.length, 1);
  t.ok(comparisons?.every(({ ratio, cpuRatio }) => ratio.median > 0 && cpuRatio.median > 0));
});

t.test("a cluster that wants certificates or tokens is measured with them, and not without", async (t) => {
  const certificates = await TestCertificates.make(t, evenlySpreadIds(2));
  const file = join(t.testdir(), "token");
  writeFileSync(file, TOKEN, { mode: 0o600 });
  const cluster = await SecuredCluster.start(t, ["--tls", certificates.path, "--admin-token-file", file], {
    RINGKV_CLIENT_TOKEN: TOKEN.replaceAll("0", "1"),
  });
  const args = ["bench", ...SHORT, "--mix", "put", "--connect", cluster.address];
  const admin = await runCli([...args, "--tls", certificates.path, "--json"]);
  t.equal(admin.code, 0, admin.err);
  const [row] = (JSON.parse(admin.out) as BenchReport).results;
  t.match(row, { tls: true, errors: {} });
  t.ok((row?.opsPerSecond.median ?? 0) > 0);
  for (const name of ["admin", "client"])
    for (const kind of ["crt", "key"]) rmSync(join(certificates.path, `${name}.${kind}`));
  const withToken = await runCli([...args, "--tls", certificates.path, "--token-file", file]);
  t.equal(withToken.code, 0, withToken.err);
  writeFileSync(file, TOKEN.toUpperCase());
  t.match(await runCli([...args, "--tls", certificates.path, "--token-file", file]), { code: 1, err: /UNAUTHORIZED/ });
  t.match(await runCli(args), { code: 1, err: /UNAUTHORIZED: This port speaks TLS only/ });
});

t.test("an overload is made and told", async (t) => {
  const args = ["bench", ...SHORT, "--up", "--connect", "127.0.0.1:1", "--overload", "--mix", "put"];
  const { code, out, err } = await runCli([...args, "--json"]);
  t.equal(code, 0, err);
  const { results } = JSON.parse(out) as OverloadReport;
  t.strictSame(
    results.map(({ times }) => times),
    [1, 2, 4],
  );
  t.ok(results.every(({ goodOfPeak, offeredOfPeak }) => goodOfPeak.median > 0 && offeredOfPeak.median > 0));
});

t.test("a bench without a cluster to measure says so, and starts none that nobody wished", async (t) => {
  t.match(await runCli(["bench", "--connect", "127.0.0.1:1"]), { code: 3, err: /UNAVAILABLE/ });
  t.match(await runCli(["bench", "--plot"]), { code: 2, err: /--plot draws/ });
  t.match(await runCli(["bench", "--overload", "--rate", "5"]), { code: 2, err: /--overload offers rates of its own/ });
  t.match(await runCli(["bench", "--compare-tls", "--tls", "x"]), { code: 2, err: /not for a temporary one/ });
  t.match(await runCli(["bench", "--mix", "put,fly"]), { code: 2, err: /of put, get, a, b, c/ });
});

t.test("a bench that is told to stop ends its cluster", async (t) => {
  const temporary = t.testdir();
  mkdirSync(join(temporary, "tmp"));
  const child = startCli(["bench", "--slaves", "2", "--seconds", "600"], { TMPDIR: join(temporary, "tmp") });
  for await (const text of child.stderr) {
    // The ceiling comes when the cluster runs and is filled.
    if (String(text).includes("ceiling")) break;
  }
  child.kill("SIGTERM");
  t.equal(await exitOf(child), 1);
  t.strictSame(readdirSync(join(temporary, "tmp")), []);
});

t.test(
  "the bench against peers gives a ratio for every peer that is there, and names those that are not",
  async (t) => {
    const steps: string[] = [];
    const report = await runPeers({
      cli: CLI,
      clients: [2],
      rounds: 1,
      seconds: 0.2,
      warmupSeconds: 0.1,
      slaves: 2,
      keys: 50,
      valueBytes: 100,
      generators: 1,
      without: ["redis-server", "etcd"],
      onProgress: (step) => steps.push(step),
    });
    const parsed = JSON.parse(JSON.stringify(report)) as typeof report;
    t.strictSame(parsed.missing, ["redis-server: left out by --without", "etcd: left out by --without"]);
    t.strictSame(
      parsed.ratios.map(({ work, against, clients }) => [work, against, clients]),
      [["GET, in the master's cache", "bare Node server, JSON.parse", 2]],
    );
    t.ok(parsed.ratios.every(({ ratio }) => Number.isFinite(ratio.median) && ratio.median > 0));
    t.ok(steps.some((step) => step.includes("round 1 of 1")));
  },
);
