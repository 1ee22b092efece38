import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import t from "tap";

const EXAMPLE = fileURLToPath(new URL("../../examples/slave-dies.test.js", import.meta.url));
const PAGE = fileURLToPath(new URL("../../docs/testing.md", import.meta.url));

t.test("the example of docs/testing.md is the one in examples", (t) => {
  const blocks: readonly string[] = readFileSync(PAGE, "utf8").match(/(?<=```js\n)[^]*?(?=```)/g) ?? [];
  t.ok(blocks.includes(readFileSync(EXAMPLE, "utf8")));
  t.end();
});

t.test("the example passes, as a newcomer runs it", async (t) => {
  // `env` becomes node, and takes away tap's instrumentation of child processes.
  const unwanted = Object.keys(process.env).filter((name) => /^(?:NODE_|TAP|RINGKV_)/.test(name));
  const without = unwanted.flatMap((name) => ["-u", name]);
  const child = spawn("env", [...without, process.execPath, EXAMPLE], { stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => (output += chunk.toString()));
  const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
  t.equal(code, 0, output);
  t.match(output, /^1\.\.2$/m);
});
