import t, { type Test } from "tap";
import { Pty } from "../tui/pty.js";
import type { Cluster } from "./cluster.js";
import { ANY_PORTS, CLI, startCluster } from "./cluster.js";
import { lastingPorts } from "./lasting-ports.js";
import { Random } from "../random.js";

/** The monitor as people meet it: the command line in a terminal, a cluster of processes behind it. */

const SIZE = { columns: 120, rows: 36 };

function open(t: Test, args: readonly string[], size = SIZE, env: Readonly<Record<string, string>> = {}): Pty {
  const pty = new Pty([process.execPath, CLI, ...args], { ...size, env: { ...env, XDG_STATE_HOME: t.testdir() } });
  t.teardown(() => pty.end());
  return pty;
}

function connected(cluster: Cluster): string[] {
  const { host, port } = cluster.ready.client;
  return ["--connect", `${host}:${port}`];
}

const hasText = (text: string) => (lines: readonly string[]) => lines.some((line) => line.includes(text));
const rowOf = (lines: readonly string[], name: string) =>
  lines.find((line) => new RegExp(`│[▸ ] ${name} `).test(line)) ?? "";
/** What is in the ring's pane. */
const ring = (lines: readonly string[]) => lines.map((line) => line.slice(0, 48)).join("\n");
const isUp = (name: string) => (lines: readonly string[]) => rowOf(lines, name).includes("● up");

t.test(
  "a slave is killed with a key: its row and its arc change within a second, and it returns with another",
  async (t) => {
    const cluster = await startCluster(t, { slaves: 4 });
    const pty = open(t, ["monitor", ...connected(cluster)]);
    await pty.waitFor(isUp("s2"));
    pty.type("\u001b[B");
    await pty.waitFor((lines) => rowOf(lines, "s2").includes("▸"));
    // The fastest of some: a busy machine may hold up one.
    let fastestMs = Infinity;
    for (let tries = 0; tries < 3 && fastestMs >= 1_000; tries++) {
      pty.type("k");
      await pty.waitFor(hasText("kill s2?"));
      const killedMs = performance.now();
      pty.type("y");
      await pty.waitFor((lines) => rowOf(lines, "s2").includes("✕ down") && ring(lines).includes("s2 down"));
      fastestMs = Math.min(fastestMs, performance.now() - killedMs);
      await pty.waitFor(hasText("slaves 3/4"));
      pty.type("r");
      await pty.waitFor(isUp("s2"));
      await pty.waitFor((lines) => hasText("slaves 4/4")(lines) && !ring(lines).includes("s2 down"));
    }
    t.ok(fastestMs < 1_000, `after ${fastestMs} ms`);
  },
);

t.test("a slave is frozen and thawed with z", async (t) => {
  const cluster = await startCluster(t, { slaves: 3 });
  const pty = open(t, ["monitor", ...connected(cluster)]);
  await pty.waitFor(isUp("s1"));
  pty.type("z");
  await pty.waitFor((lines) => rowOf(lines, "s1").includes("frozen"));
  pty.type("z");
  await pty.waitFor(isUp("s1"));
});

t.test("ringkv up on a terminal is the monitor with a command line: answers, history, completion", async (t) => {
  const pty = open(t, ["up", "--slaves", "3", "--data", t.testdir(), ...ANY_PORTS]);
  await pty.waitFor(hasText("slaves 3/3"));
  pty.type("put city berlin\r");
  await pty.waitFor(hasText("┃OK "));
  await pty.waitFor(hasText('commit 1.1 put "city"'));
  pty.type("ge\t");
  await pty.waitFor(hasText(" : get"));
  pty.type("city\r");
  await pty.waitFor(hasText("┃berlin"));
  pty.type("\u001b[A");
  await pty.waitFor(hasText(" : get city"));
  pty.type("\u0003");
  await pty.waitFor((lines) => !hasText(" : get city")(lines));
  pty.type("nonsense\r");
  await pty.waitFor(hasText("there is no command"));
  pty.type("\u0004");
  t.strictSame(await pty.exit, { code: 0, signal: 0 });
  t.notOk(pty.emulator.isAlternate);
});

t.test("ringkv up --plain on a terminal is a line prompt", async (t) => {
  const pty = open(t, ["up", "--plain", "--slaves", "2", "--data", t.testdir(), ...ANY_PORTS]);
  await pty.waitFor(hasText("ringkv 2/2>"));
  pty.type("put a 1\r");
  await pty.waitFor(hasText("OK"));
  t.notOk(pty.emulator.isAlternate);
  pty.type("\u0004");
  t.strictSame(await pty.exit, { code: 0, signal: 0 });
});

t.test("on a dumb terminal there are lines instead of a screen", async (t) => {
  // The pty names its own terminal.
  const up = ["env", "TERM=dumb", process.execPath, CLI, "up", "--slaves", "2", "--data", t.testdir()] as const;
  const pty = new Pty([...up, ...ANY_PORTS], { ...SIZE, env: { XDG_STATE_HOME: t.testdir() } });
  t.teardown(() => pty.end());
  await pty.waitFor(hasText("ringkv>"));
  pty.type("\u0004");
  t.strictSame(await pty.exit, { code: 0, signal: 0 });
});

t.test("NO_COLOR leaves bold and inverse, and no colour", async (t) => {
  const cluster = await startCluster(t, { slaves: 2 });
  const pty = open(t, ["monitor", ...connected(cluster)], SIZE, { NO_COLOR: "1" });
  await pty.waitFor(isUp("s1"));
  const styles = new Set(pty.emulator.surface().styles.flatMap((style) => style.split(";")));
  t.strictSame(
    [...styles].filter((part) => !["", "1", "7"].includes(part)),
    [],
  );
  t.ok(styles.has("1"));
});

t.test("a master that is killed shows as lost, and the monitor finds the next one by itself", async (t) => {
  const ports = await lastingPorts(new Random(Date.now()));
  const cluster = await startCluster(t, { slaves: 3, ports });
  const pty = open(t, ["monitor", ...connected(cluster)]);
  await pty.waitFor(hasText("● LIVE"));
  await pty.waitFor(hasText("epoch 1"));
  process.kill(cluster.ready.master.pid, "SIGKILL");
  await pty.waitFor(hasText("MASTER LOST"));
  await pty.waitFor((lines) => hasText("● LIVE")(lines) && hasText("epoch 2")(lines));
  await pty.waitFor(isUp("s1"));
  t.equal(pty.emulator.clears, 0);
});

t.test("the screen follows the terminal's size, down to one where a single pane fits", async (t) => {
  const cluster = await startCluster(t, { slaves: 2 });
  const pty = open(t, ["monitor", ...connected(cluster)], { columns: 160, rows: 48 });
  await pty.waitFor(hasText("5 master's cache"));
  pty.resize(80, 24);
  await pty.waitFor((lines) => !hasText("5 master's cache")(lines) && hasText("4 Two-phase commit")(lines));
  pty.resize(40, 8);
  await pty.waitFor((lines) => !hasText("╭")(lines) && hasText("LIVE")(lines));
  pty.resize(60, 16);
  await pty.waitFor(hasText("2 Slaves"));
});

const ENDS: readonly (readonly [how: string, end: (pty: Pty) => void, code: number])[] = [
  ["q", (pty) => pty.type("q"), 0],
  ["Ctrl-C", (pty) => pty.type("\u0003"), 0],
  ["SIGTERM", (pty) => pty.kill("SIGTERM"), 143],
  ["SIGHUP", (pty) => pty.kill("SIGHUP"), 129],
];

t.test("after each way to leave the terminal is as it was", async (t) => {
  const cluster = await startCluster(t, { slaves: 2 });
  for (const [how, end, code] of ENDS) {
    const pty = open(t, ["monitor", ...connected(cluster)]);
    await pty.waitFor(isUp("s1"));
    end(pty);
    t.equal((await pty.exit).code, code, how);
    t.notOk(pty.emulator.isAlternate, how);
    t.not(pty.emulator.cursor, undefined, how);
    t.match(pty.emulator.modes, { autowrap: true, bracketedPaste: false }, how);
  }
});

t.test("without a master there is an error and exit code 3, and no screen", async (t) => {
  const pty = open(t, ["monitor", "--connect", "127.0.0.1:1"]);
  t.equal((await pty.exit).code, 3);
  t.ok(hasText("UNAVAILABLE")(pty.emulator.lines));
  t.equal(pty.emulator.frames, 0);
});
