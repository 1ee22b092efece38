import { execFileSync } from "node:child_process";
import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";

/** A system call's way in or out, in the order in which strace saw them. */
export interface TraceEvent {
  /** `enter`: it begins. `exit`: it has come back, and `result` is what it returned, negative for an error. */
  readonly phase: "enter" | "exit";
  readonly call: string;
  readonly fd: number;
  /** What the descriptor is: a path, or `socket:[…]`. */
  readonly target: string;
  /** What is written. */
  readonly data: Buffer;
  /** Where, for the calls that say it. */
  readonly position: number;
  readonly result: number;
}

/**
 * The arguments of strace that `readTrace` understands. Every thread is followed, and strings are whole and in hexadecimal.
 *
 * The order of its lines can be trusted where it matters: a thread stands still while strace takes note of its call's entry
 * or exit, so if one call's end brings about another's beginning, by whatever way, strace has seen them in this order.
 */
export function straceArguments(trace: string, inject?: string): string[] {
  const calls = "trace=write,writev,pwrite64,pwritev,fdatasync,fsync,sendto,sendmsg";
  const faults = inject === undefined ? [] : ["-e", `inject=${inject}`];
  return ["--seccomp-bpf", "-f", "-y", "-xx", "-s", "1000000", "-o", trace, "-e", calls, ...faults];
}

/** Why there is no strace; undefined when it works. */
export function whyNoStrace(): string | undefined {
  try {
    execFileSync("strace", ["-f", "--seccomp-bpf", "-o", "/dev/null", "true"], { stdio: "ignore" });
    return undefined;
  } catch (error) {
    return `there is no strace that may trace here: ${error instanceof Error ? error.message : String(error)}`;
  }
}

const NO_DATA = Buffer.alloc(0);
/** `PID call(FD<target>, …) = result`, `… <unfinished ...>`, and later `PID <... call resumed>…) = result`. */
const BEGUN = /^(\d+) +(\w+)\((\d+)<((?:\\x[0-9a-f]{2})*)>(.*)$/;
const RESUMED = /^(\d+) +<\.\.\. (\w+) resumed>.*\) += (-?\d+)/;
const RESULT = /\) += (-?\d+)[^"]*$/;
const STRING = /"((?:\\x[0-9a-f]{2})*)"/g;

/** Reads a trace from its file. */
export async function* readTrace(file: string): AsyncGenerator<TraceEvent> {
  const underWay = new Map<string, TraceEvent>();
  for await (const line of createInterface({ input: createReadStream(file) })) {
    const resumed = RESUMED.exec(line);
    if (resumed !== null) {
      const [, thread = "", , result] = resumed;
      const begun = underWay.get(thread);
      underWay.delete(thread);
      if (begun !== undefined) yield { ...begun, phase: "exit", result: Number(result) };
      continue;
    }
    const begun = BEGUN.exec(line);
    if (begun === null) continue;
    const [, thread = "", call = "", fd, target = "", rest = ""] = begun;
    const event: TraceEvent = {
      phase: "enter",
      call,
      fd: Number(fd),
      target: unescaped(target).toString(),
      data: rest.includes('"')
        ? Buffer.concat(Array.from(rest.matchAll(STRING), ([, hex = ""]) => unescaped(hex)))
        : NO_DATA,
      position: call.startsWith("pwrite")
        ? Number(/(\d+)(?:\) += .*| <unfinished \.\.\.>)$/.exec(rest)?.[1])
        : Number.NaN,
      result: 0,
    };
    yield event;
    const result = RESULT.exec(rest)?.[1];
    if (result === undefined) underWay.set(thread, event);
    else yield { ...event, phase: "exit", result: Number(result) };
  }
}

function unescaped(hex: string): Buffer {
  return Buffer.from(hex.replaceAll("\\x", ""), "hex");
}
