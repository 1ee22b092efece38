import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import t from "tap";
import { runCli } from "./run-cli.js";

/** A port that nobody listens on. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}

t.test("--help lists the commands and exits with 0", async (t) => {
  const { code, out } = await runCli(["--help"]);
  t.equal(code, 0);
  for (const name of [
    "up",
    "master",
    "slave",
    "repl",
    "get",
    "put",
    "del",
    "keys",
    "status",
    "bench",
    "check",
    "log",
  ]) {
    t.match(out, new RegExp(`ringkv ${name}\\b`));
  }
});

t.test("--help of a command tells its flags with their defaults, and none that are hidden", async (t) => {
  const { code, out } = await runCli(["slave", "--help"]);
  t.equal(code, 0);
  t.match(out, /--master .*\[default: 127\.0\.0\.1:9090\]/);
  t.notMatch(out, /supervised/);
});

t.test("--help loads the command tree and none of the commands, so that it is fast", async (t) => {
  const coverage = t.testdir();
  await runCli(["--help"], "", { NODE_V8_COVERAGE: coverage });
  const loaded = readdirSync(coverage)
    .flatMap((file) => [...readFileSync(join(coverage, file), "utf8").matchAll(/"url":"(file:[^"]*)"/g)])
    .map((match) => match[1] ?? "");
  t.ok(loaded.some((url) => url.endsWith("/cli.js")));
  t.same(
    loaded.filter((url) =>
      /\/(?:server|client|transport|repl|bench|testing)\/|node_modules\/(?:zod|chalk|classic-level)\//.test(url),
    ),
    [],
  );
});

t.test("--version prints the version", async (t) => {
  t.match(await runCli(["--version"]), { code: 0, out: /^\d+\.\d+\.\d+\n$/ });
});

const WRONG: readonly (readonly [args: readonly string[], message: RegExp])[] = [
  [[], /Which command\?/],
  [["fly"], /Unknown command: fly/],
  [["get"], /get <key>: 0 arguments given, 1 needed/],
  [["get", "k", "extra"], /extra/],
  [["get", "k", "--colour"], /get <key>: Unknown argument: colour/],
  [["--colour"], /colour|Which command/],
  [["get", "k", "--connect", "nowhere"], /--connect must be HOST:PORT, not "nowhere"/],
  [["up", "--slaves", "1"], /--slaves must be a whole number, 2 to 256/],
  [["up", "--ids", "1,x"], /--ids must be/],
  [["slave", "--id"], /Not enough arguments following: id/],
  [["slave", "--data", "d"], /--id is missing/],
  [["log", "sing", "dir"], /dump or verify/],
  [["get", "k", "--config", "/nonexistent.json"], /nonexistent\.json/],
];
for (const [args, message] of WRONG) {
  t.test(`wrong usage exits with 2 and one helpful line: ringkv ${args.join(" ")}`, async (t) => {
    const { code, out, err } = await runCli(args);
    t.equal(code, 2);
    t.equal(out, "");
    t.match(err, message);
    t.match(err, /--help/);
  });
}

t.test("without a master every client command exits with 3 and says where it looked", async (t) => {
  const connect = `127.0.0.1:${(await freePort()).toString()}`;
  for (const args of [["get", "k"], ["put", "k", "v"], ["del", "k"], ["keys"], ["status"], ["repl"]]) {
    const { code, out, err } = await runCli([...args, "--connect", connect], "get k\n");
    t.equal(code, 3, args.join(" "));
    t.equal(out, "");
    t.match(err, connect);
  }
});

t.test("RINGKV_CONNECT and the config file name the master too", async (t) => {
  const port = await freePort();
  const connect = `127.0.0.1:${port.toString()}`;
  t.match((await runCli(["get", "k"], "", { RINGKV_CONNECT: connect })).err, connect);
  const config = join(t.testdir(), "ringkv.json");
  writeFileSync(config, JSON.stringify({ connect }));
  t.match((await runCli(["get", "k", "--config", config])).err, connect);
  t.match((await runCli(["get", "k"], "", { RINGKV_CONFIG: config })).err, connect);
});
