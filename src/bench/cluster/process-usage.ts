import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";

/** A process whose use of the machine is told. */
export interface NamedProcess {
  readonly name: string;
  readonly pid: number;
}

/** What a process has used so far. */
export interface ProcessUsage {
  /** User and system time of all its threads, in µs, as fine as the system's clock ticks. */
  readonly cpuMicros: number;
  readonly rssBytes: number;
}

/** Ticks of the kernel's clock are 10 ms on every Linux that Node runs on. */
const MICROS_PER_TICK = 10_000;
const BYTES_PER_KIB = 1_024;

/** What a process has used; undefined when there is none of that ID. From /proc where there is one, `ps` elsewhere. */
export async function usageOf(pid: number): Promise<ProcessUsage | undefined> {
  return process.platform === "linux" ? usageFromProc(pid) : usageFromPs(pid);
}

async function usageFromProc(pid: number): Promise<ProcessUsage | undefined> {
  try {
    const [stat, status] = await Promise.all([
      readFile(`/proc/${pid}/stat`, "utf8"),
      readFile(`/proc/${pid}/status`, "utf8"),
    ]);
    return parseProc(stat, status);
  } catch {
    return undefined;
  }
}

/** Reads /proc/PID/stat and /proc/PID/status. */
export function parseProc(stat: string, status: string): ProcessUsage {
  // The command's name stands in parentheses and may hold anything: user and system time are the 12th and 13th after it.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const ticks = Number(fields[11]) + Number(fields[12]);
  const kib = Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? "0");
  return { cpuMicros: ticks * MICROS_PER_TICK, rssBytes: kib * BYTES_PER_KIB };
}

async function usageFromPs(pid: number): Promise<ProcessUsage | undefined> {
  try {
    const { stdout } = await promisify(execFile)("ps", ["-o", "time=,rss=", "-p", pid.toString()]);
    return parsePs(stdout);
  } catch {
    return undefined;
  }
}

/** Reads a line of `ps -o time=,rss=`: `[[days-]hours:]minutes:seconds[.hundredths] KIB`. */
export function parsePs(line: string): ProcessUsage | undefined {
  const [, days = "0", clock = "", kib = ""] = /^\s*(?:(\d+)-)?([\d:.]+)\s+(\d+)\s*$/.exec(line) ?? [];
  if (kib === "") return undefined;
  const seconds = clock.split(":").reduce((sum, part) => sum * 60 + Number(part), 0);
  return { cpuMicros: Math.round((Number(days) * 86_400 + seconds) * 1e6), rssBytes: Number(kib) * BYTES_PER_KIB };
}
