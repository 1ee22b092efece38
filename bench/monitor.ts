/**
 * What the monitor costs: in a terminal of 160x48 (a pty with a screen emulator), against a scripted master that tells it
 *
 * - 1,000 requests a second: 860 reads, told one by one, and 140 updates with every step of each (1,980 events a second);
 * - 500 log lines a second of the slaves;
 * - figures four times a second.
 *
 * Measured: CPU time of the monitor's process, the time from a key to the screen that shows what it did, and what was written
 * to the terminal; then the same with nothing to tell. `npm run bench:monitor`, Linux only (CPU time is read from /proc).
 */
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { OpId, SlaveId } from "../src/protocol/ids.js";
import type { StatusEvent } from "../src/protocol/messages.js";
import { Pty } from "../test/tui/pty.js";
import { IDS, counted, event } from "../test/tui/sample.js";
import { ScriptedMaster } from "../test/tui/scripted-master.js";

const COLUMNS = 160;
const ROWS = 48;
const SECONDS = Number(process.argv[2] ?? "10");
const KEYS = 60;
const TICK_MS = 20;
const PER_SECOND = { reads: 860, updates: 140, lines: 500 };
const LIMITS = { loadedCpu: 15, idleCpu: 2, keyMs: 30 };

/** Ticks of the kernel's clock in a second, for /proc: 100 on every Linux that Node runs on. */
const CLOCK_TICKS = 100;

const cli = fileURLToPath(new URL("../../../dist/cli.js", import.meta.url));

async function main(): Promise<void> {
  const master = await ScriptedMaster.start();
  const pty = new Pty([process.execPath, cli, "monitor", "--connect", master.connect], {
    columns: COLUMNS,
    rows: ROWS,
  });
  try {
    await pty.waitFor((lines) => (lines[0] ?? "").includes("LIVE"));
    const load = new Load(master);
    const figures = startFigures(master, load);
    await sleep(1_500);
    const idle = await measure(pty, SECONDS);
    load.start();
    await sleep(2_000);
    const loaded = await measure(pty, SECONDS);
    const keys = await measureKeys(pty);
    load.stop();
    clearInterval(figures);
    const sorted = keys.toSorted((left, right) => left - right);
    const at = (part: number) => sorted[Math.floor(part * sorted.length)] ?? Number.NaN;
    const rows: readonly (readonly [what: string, found: string, limit: string, ok: boolean])[] = [
      ["idle: CPU", `${idle.cpu.toFixed(1)} % of a core`, `${LIMITS.idleCpu} %`, idle.cpu <= LIMITS.idleCpu],
      ["idle: bytes written", String(idle.bytes), "0", idle.bytes === 0],
      [
        `load: CPU (${load.told} events told)`,
        `${loaded.cpu.toFixed(1)} % of a core`,
        `${LIMITS.loadedCpu} %`,
        loaded.cpu <= LIMITS.loadedCpu,
      ],
      ["load: frames a second", (loaded.frames / SECONDS).toFixed(1), "", true],
      ["load: bytes a second", String(Math.round(loaded.bytes / SECONDS)), "", true],
      [`key to screen, median of ${KEYS}`, `${at(0.5).toFixed(1)} ms`, `${LIMITS.keyMs} ms`, at(0.5) <= LIMITS.keyMs],
      ["key to screen, p95", `${at(0.95).toFixed(1)} ms`, "", true],
      [
        "rows blanked within a frame",
        String(pty.emulator.blankedRows.length),
        "0",
        pty.emulator.blankedRows.length === 0,
      ],
      ["screen clears (2J, 3J)", String(pty.emulator.clears), "0", pty.emulator.clears === 0],
    ];
    for (const [what, found, limit, ok] of rows) {
      console.log(
        `${what.padEnd(36)} ${found.padEnd(22)} ${limit === "" ? "" : `limit ${limit}  ${ok ? "kept" : "BROKEN"}`}`,
      );
    }
    if (!rows.every(([, , , ok]) => ok)) process.exitCode = 1;
  } finally {
    await pty.end();
    await master.close();
  }
}

/** Tells requests and log lines at an even rate. */
class Load {
  readonly #master: ScriptedMaster;
  #timer: NodeJS.Timeout | undefined;
  #startedMs = 0;
  readonly #told = { reads: 0, updates: 0, lines: 0 };
  told = 0;

  constructor(master: ScriptedMaster) {
    this.#master = master;
  }

  /** Requests so far, for the counters. */
  get requests(): number {
    return this.#told.reads + this.#told.updates;
  }

  start(): void {
    this.#startedMs = performance.now();
    this.#timer = setInterval(() => this.#tell(), TICK_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #tell(): void {
    const seconds = (performance.now() - this.#startedMs) / 1_000;
    const events: StatusEvent[] = [];
    while (this.#told.reads < seconds * PER_SECOND.reads) events.push(read(this.#told.reads++));
    while (this.#told.updates < seconds * PER_SECOND.updates) events.push(...update(this.#told.updates++));
    while (this.#told.lines < seconds * PER_SECOND.lines) events.push(line(this.#told.lines++));
    this.told += events.length;
    this.#master.tell(events);
  }
}

function startFigures(master: ScriptedMaster, load: Load): NodeJS.Timeout {
  return setInterval(() => master.tell([counted(0, load.requests)]), 250);
}

/** CPU in % of a core, and what came to the terminal meanwhile. */
async function measure(pty: Pty, seconds: number) {
  const before = { cpu: cpuSeconds(pty.pid), bytes: pty.emulator.bytes, frames: pty.emulator.frames };
  const startedMs = performance.now();
  await sleep(seconds * 1_000);
  const elapsed = (performance.now() - startedMs) / 1_000;
  return {
    cpu: ((cpuSeconds(pty.pid) - before.cpu) / elapsed) * 100,
    bytes: pty.emulator.bytes - before.bytes,
    frames: pty.emulator.frames - before.frames,
  };
}

/** User and system time of a process, in s. */
function cpuSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  // The name, in parentheses, may hold blanks; utime and stime are the 14th and 15th field.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / CLOCK_TICKS;
}

/** Times, in ms, from Tab to the screen whose heavy border has moved on. */
async function measureKeys(pty: Pty): Promise<number[]> {
  const times: number[] = [];
  for (let key = 0; key < KEYS; key += 1) {
    const before = focused(pty.emulator.lines);
    const startedMs = performance.now();
    pty.type("\t");
    await pty.waitFor((lines) => focused(lines) !== before);
    times.push(performance.now() - startedMs);
    // Not in step with anything.
    await sleep(37 + (key % 7) * 13);
  }
  return times;
}

function focused(lines: readonly string[]): string {
  return lines.map((line) => /┏━ (\d)/.exec(line)?.[1] ?? "").join("");
}

const slave = (index: number) => IDS[index % IDS.length] as SlaveId;
const hash = (index: number) => ((BigInt(index) * 0x9e3779b97f4a7c15n) & 0xffffffffffffffffn).toString();

function read(index: number): StatusEvent {
  return event(0, "cache", {
    action: index % 10 === 0 ? "miss" : "hit",
    set: index % 64,
    key: `user:${index % 500}`,
    hash: hash(index % 500),
  });
}

function update(index: number): StatusEvent[] {
  const op = { opId: `12.${index + 1}` as OpId, kind: "put" as const, key: `user:${index % 500}` };
  const replicas: [SlaveId, SlaveId] = [slave(index), slave(index + 1)];
  const [primary, successor] = replicas;
  return [
    event(0, "op", { ...op, phase: "begin", ms: 0, hash: hash(index % 500), replicas }),
    event(0, "op", { ...op, phase: "vote", ms: 0.9, slave: primary, outcome: "commit" }),
    event(0, "op", { ...op, phase: "vote", ms: 1.1, slave: successor, outcome: "commit" }),
    event(0, "op", { ...op, phase: "decision", ms: 1.1, outcome: "commit" }),
    event(0, "op", { ...op, phase: "answered", ms: 1.2 }),
    event(0, "op", { ...op, phase: "ack", ms: 1.9, slave: primary }),
    event(0, "op", { ...op, phase: "ack", ms: 2.1, slave: successor }),
    event(0, "op", { ...op, phase: "settled", ms: 2.1 }),
  ];
}

function line(index: number): StatusEvent {
  return event(0, "log", {
    slave: slave(index),
    level: "info",
    text: `PREPARE 12.${index} put "user:${index % 500}" (12 bytes): vote yes`,
  });
}

await main();
