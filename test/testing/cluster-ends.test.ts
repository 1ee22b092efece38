import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import t, { type Test } from "tap";
import { isAlive, untilGone } from "../server/supervisor/fake-cluster.js";
import { DIST, startCluster } from "./cluster-under-test.js";

/** What is left when a program that uses a cluster has ended. */
interface Left {
  readonly code: number | null;
  readonly output: string;
  /** Of the daemons that it has run. */
  readonly pids: readonly number[];
  /** In the directory for temporary files that it was given. */
  readonly temporary: readonly string[];
}

/** Runs one of the programs in fixtures to its end, without tap's own instrumentation of child processes. */
async function run(t: Test, name: string): Promise<Left> {
  const directory = t.testdir({ tmp: {} });
  const tmp = join(directory, "tmp");
  const pidsFile = join(directory, "pids.json");
  const program = fileURLToPath(new URL(`fixtures/${name}.mjs`, import.meta.url));
  const settings = {
    TMPDIR: tmp,
    PIDS_FILE: pidsFile,
    TESTING_URL: pathToFileURL(join(DIST, "testing/index.js")).href,
  };
  const unwanted = Object.keys(process.env).filter((key) => /^(?:NODE_|TAP)/.test(key));
  const without = unwanted.flatMap((key) => ["-u", key]);
  const set = Object.entries(settings).map(([key, value]) => `${key}=${value}`);
  const child = spawn("env", [...without, ...set, process.execPath, program], { stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => (output += chunk.toString()));
  const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
  if (!existsSync(pidsFile)) throw new Error(`it did not come to start a cluster: ${output}`);
  const pids = JSON.parse(readFileSync(pidsFile, "utf8")) as number[];
  return { code, output, pids, temporary: readdirSync(tmp) };
}

for (const runner of ["tap", "node-test"]) {
  t.test(`a test of ${runner} that fails leaves no process and no directory behind`, async (t) => {
    const { code, output, pids, temporary } = await run(t, `fails-under-${runner}`);
    t.equal(code, 1);
    t.match(output, /on purpose/);
    t.equal(pids.length, 3);
    t.strictSame(pids.filter(isAlive), []);
    t.strictSame(temporary, []);
  });
}

t.test("a program that ends without closing its cluster leaves no process behind", async (t) => {
  const { code, pids } = await run(t, "leaves-without-close");
  t.equal(code, 3);
  await Promise.all(pids.map(untilGone));
  t.pass("all have ended");
});

t.test("after close nothing keeps a program from ending, whatever was under way", async (t) => {
  const { code, output, pids, temporary } = await run(t, "closes-and-ends");
  t.strictSame({ code, output }, { code: 0, output: "" });
  t.strictSame(pids.filter(isAlive), []);
  t.strictSame(temporary, []);
});

t.test("data that is kept is found by the next cluster on it", async (t) => {
  const data = join(t.testdir(), "data");
  const first = await startCluster({ slaves: 2, data, test: t });
  await (await first.client()).put("city", "Paris");
  await t.rejects(startCluster({ slaves: 2, data }), { code: "STORAGE", message: /is in use by/ });
  await first.close();
  await t.rejects(startCluster({ slaves: 3, data }), { code: "BAD_REQUEST", message: /holds a ring of 2 slaves/ });
  const second = await startCluster({ data, test: t });
  t.match(await (await second.client()).get("city"), { value: "Paris" });
  t.equal(second.slaves.length, 2);
});

t.test("a cluster that cannot start says why", async (t) => {
  const data = t.testdir();
  mkdirSync(join(data, "master"));
  writeFileSync(join(data, "master", "master.json"), "rubbish");
  await t.rejects(startCluster({ slaves: 2, data }), {
    code: "STORAGE",
    message: /master: .*master\.json.*is damaged/,
  });
  await t.rejects(startCluster({ inProcess: true, data }), { code: "BAD_REQUEST", message: /`data` means nothing/ });
  const { TMPDIR } = process.env;
  process.env["TMPDIR"] = join(data, "nowhere");
  t.teardown(() => {
    if (TMPDIR === undefined) delete process.env["TMPDIR"];
    else process.env["TMPDIR"] = TMPDIR;
  });
  await t.rejects(startCluster({ slaves: 2 }), { code: "STORAGE", message: /Cannot make a directory in .*nowhere/ });
});

t.test("a cluster whose start fails half-way leaves nothing behind", async (t) => {
  const data = t.testdir();
  const first = await startCluster({ slaves: 2, data });
  const pids = (await first.snapshot()).slaves.map(({ pid }) => pid ?? 0);
  await first.close();
  t.strictSame(pids.filter(isAlive), []);
  const [slave] = readdirSync(data).filter((name) => name.startsWith("slave-"));
  writeFileSync(join(data, slave ?? "", "log", "manifest.json"), "rubbish");
  await t.rejects(startCluster({ data }), { code: "STORAGE", message: /s[12]: .*manifest\.json/ });
  const held = await startCluster({ data }).catch((error: unknown) => error);
  t.match(held, { message: /manifest\.json/ }, "its lock is free again, so all of its processes have ended");
});
