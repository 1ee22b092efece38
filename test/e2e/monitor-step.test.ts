import t, { type Test } from "tap";
import { Pty } from "../tui/pty.js";
import { CLI, startCluster } from "./cluster.js";

/** Faults and step mode in the monitor: keys and commands in a terminal, a cluster of processes behind it. */

async function open(t: Test): Promise<Pty> {
  const cluster = await startCluster(t, { slaves: 3 });
  return watch(t, `${cluster.ready.client.host}:${cluster.ready.client.port}`);
}

async function watch(t: Test, address: string): Promise<Pty> {
  const pty = new Pty([process.execPath, CLI, "monitor", "--connect", address], {
    columns: 160,
    rows: 48,
    env: { XDG_STATE_HOME: t.testdir() },
  });
  t.teardown(() => pty.end());
  await pty.waitFor(hasText("slaves 3/3"));
  return pty;
}

type Look = (lines: readonly string[]) => boolean;

const hasText = (text: string) => (lines: readonly string[]) => lines.some((line) => line.includes(text));
const lacks = (text: string) => (lines: readonly string[]) => !hasText(text)(lines);
const both = (left: Look, right: Look) => (lines: readonly string[]) => left(lines) && right(lines);
/** So many rows of the diagram look so. */
const rows = (pattern: RegExp, count: number) => (lines: readonly string[]) =>
  lines.filter((line) => pattern.test(line)).length === count;
const rowOf = (lines: readonly string[], name: string) =>
  lines.find((line) => new RegExp(`│[▸ ] ${name} `).test(line)) ?? "";
/** A command is over: its time was printed. */
const isTimed = rows(/^┃ {2}\([\d.]+ m?s\)/, 1);

const HELD_PREPARE = rows(/next .*├┄ PREPARE ┄*▷.* held/, 2);
const HELD_VOTES = rows(/next .*◁┄ vote ┄+┤.* held/, 2);
const HELD_COMMIT = rows(/next .*├┄ COMMIT ┄+▷.* held/, 2);
const HELD_ACKS = rows(/next .*◁┄ ACK ┄+┤.* held/, 2);

/** Switches step mode on and begins a put, whose PREPARE is held. */
async function holdPut(pty: Pty): Promise<void> {
  pty.type(":step on\r");
  await pty.waitFor(both(hasText("4 Two-phase commit STEP MODE"), isTimed));
  pty.type("put city Rome\r");
  await pty.waitFor(HELD_PREPARE);
}

t.test("in step mode a put is taken through its phases with n, and each is seen before it goes", async (t) => {
  const pty = await open(t);
  await holdPut(pty);
  t.ok(hasText("STEP 1 held")(pty.emulator.lines), "the first line tells, too");
  pty.type("\u001b");
  await pty.waitFor(both(lacks("Answers"), hasText("n next")));
  pty.type("n");
  await pty.waitFor(HELD_VOTES);
  t.ok(lacks("─ YES")(pty.emulator.lines), "the master has not heard them");
  pty.type("n");
  await pty.waitFor(both(HELD_COMMIT, rows(/◀─ YES/, 2)));
  await pty.waitFor(both(hasText("◀─ OK"), hasText("┃OK")));
  pty.type("n");
  await pty.waitFor(HELD_ACKS);
  pty.type("n");
  await pty.waitFor(both(hasText("COMMITTED"), hasText("STEP  master")));
  pty.type("n");
  await pty.waitFor(hasText("step next: BAD_REQUEST: Nothing is held."));
  pty.type("s");
  await pty.waitFor(lacks("STEP"));
});

t.test("a command line whose put waits takes `step next`, four times, until OK is there", async (t) => {
  const pty = await open(t);
  await holdPut(pty);
  for (const shown of [HELD_VOTES, HELD_COMMIT, HELD_ACKS, hasText("COMMITTED")]) {
    pty.type("step next\r");
    await pty.waitFor(both(shown, lacks(": step next")));
  }
  t.ok(hasText("┃OK")(pty.emulator.lines));
});

t.test("a monitor that comes later tells what is held, and can let it go", async (t) => {
  const cluster = await startCluster(t, { slaves: 3 });
  const address = `${cluster.ready.client.host}:${cluster.ready.client.port}`;
  const pty = await watch(t, address);
  await holdPut(pty);
  const later = await watch(t, address);
  await later.waitFor(hasText("held: prepare of 1.1"));
  later.type("n");
  await later.waitFor(hasText("held: vote of 1.1"));
  await pty.waitFor(HELD_VOTES);
  later.type("s");
  await pty.waitFor(both(hasText("┃OK"), lacks("STEP")));
});

t.test("d delays the selected slave, x drops it, x heals it: its row and the first line say so", async (t) => {
  const pty = await open(t);
  const row =
    (text: string): Look =>
    (lines) =>
      rowOf(lines, "s1").includes(text);
  pty.type("d");
  await pty.waitFor(both(row("● up      delay 200 ms"), hasText("1 fault ")));
  pty.type("d");
  await pty.waitFor(row("delay 1000 ms"));
  pty.type("x");
  await pty.waitFor(row("drop"));
  await pty.waitFor(row("✕ down"));
  pty.type("x");
  await pty.waitFor(both(row("● up"), lacks("1 fault ")));
  pty.type("P");
  await pty.waitFor(both(row("cut"), row("✕ down")));
  pty.type("P");
  await pty.waitFor(both(row("● up"), lacks("FAULT")));
});
