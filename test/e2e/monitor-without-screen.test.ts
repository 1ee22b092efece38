import { createInterface } from "node:readline";
import t, { type Test } from "tap";
import type { Snapshot } from "../../src/protocol/messages.js";
import { type Cluster, Daemon, startCluster } from "./cluster.js";

/** `ringkv monitor` where there is no terminal. */

function monitor(t: Test, cluster: Cluster, flags: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const { host, port } = cluster.ready.client;
  const daemon = new Daemon(["monitor", "--connect", `${host}:${port}`, ...flags], env);
  t.teardown(() => daemon.stop());
  const { stdout } = daemon.child;
  if (stdout === null) throw new Error("stdout is a pipe");
  return { daemon, lines: createInterface(stdout) };
}

t.test("--once prints one frame as plain text, in the size that the environment tells", async (t) => {
  const cluster = await startCluster(t, { slaves: 3 });
  await cluster.client.put("city", "Paris");
  const { daemon, lines } = monitor(t, cluster, ["--once"], { COLUMNS: "120", LINES: "36" });
  const frame: string[] = [];
  for await (const line of lines) frame.push(line);
  t.equal(await daemon.exited, 0, daemon.stderr);
  t.equal(frame.length, 36);
  t.match(frame[0], /ringkv {2}● LIVE {2}master .* slaves 3\/3/);
  t.ok(frame.some((line) => line.includes("2 Slaves")));
  t.ok(frame.every((line) => !line.includes("\u001b") && line.length <= 120));
});

t.test("--once --ascii prints nothing beyond ASCII", async (t) => {
  const cluster = await startCluster(t, { slaves: 2 });
  const { daemon, lines } = monitor(t, cluster, ["--once", "--ascii"]);
  const frame: string[] = [];
  for await (const line of lines) frame.push(line);
  t.equal(await daemon.exited, 0, daemon.stderr);
  t.match(frame.join("\n"), /^[\x20-\x7e\n]+$/);
  t.equal(frame.length, 24);
});

t.test("--json begins with the connection and a snapshot, then tells each step of an update", async (t) => {
  const cluster = await startCluster(t, { slaves: 2 });
  const { lines } = monitor(t, cluster, ["--json"]);
  const told: { readonly type: string; readonly event?: string; readonly phase?: string }[] = [];
  for await (const line of lines) {
    told.push(JSON.parse(line) as (typeof told)[number]);
    if (told.length === 2) {
      t.equal((JSON.parse(line) as Snapshot).slaves.length, 2);
      await cluster.client.put("city", "Paris");
    }
    if (told.at(-1)?.phase === "settled") break;
  }
  t.strictSame(
    told.slice(0, 2).map(({ type }) => type),
    ["connected", "snapshot"],
  );
  t.strictSame(
    new Set(told.flatMap(({ phase }) => phase ?? [])),
    new Set(["begin", "vote", "decision", "answered", "ack", "settled"]),
  );
});

t.test("into a pipe there are lines for people", async (t) => {
  const cluster = await startCluster(t, { slaves: 2 });
  const { lines } = monitor(t, cluster, []);
  let committed = "";
  for await (const line of lines) {
    // Once the lines begin, what happens next will be among them.
    if (line.includes("the ring of 2 is complete")) await cluster.client.put("city", "Paris");
    committed = line;
    if (line.includes("commit")) break;
  }
  t.match(committed, /^\d\d:\d\d:\d\d\.\d{3} mst {2}info {2}commit 1\.1 put "city" \(\d+\.\d ms\)$/);
});
