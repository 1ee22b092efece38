import { type ChildProcess, spawn } from "node:child_process";

/**
 * Wakes paused processes when the supervisor dies without a word.
 *
 * A process stopped with SIGSTOP cannot notice that its standard input has ended, so it would stay as an orphan for ever.
 * The guard is a small process, started with the first pause, that knows who is paused; when its own standard input ends,
 * it sends them SIGCONT, and they stop by themselves. A process that has taken over the pid of one that ended meanwhile was
 * started later, which shows where the system has /proc; elsewhere it gets a SIGCONT, which harms nobody.
 */
export class PauseGuard {
  #guard: ChildProcess | undefined;

  /** Call before SIGSTOP: what is written to the pipe outlives us. */
  watch(pid: number | undefined): void {
    this.#guard ??= this.#spawn();
    this.#tell("watch", pid);
  }

  forget(pid: number | undefined): void {
    this.#tell("forget", pid);
  }

  /** Ends the guard. */
  close(): void {
    this.#guard?.stdin?.end();
    this.#guard = undefined;
  }

  #tell(verb: "watch" | "forget", pid: number | undefined): void {
    if (pid !== undefined) this.#guard?.stdin?.write(`${verb} ${pid.toString()}\n`);
  }

  #spawn(): ChildProcess {
    const guard = spawn(process.execPath, ["-e", GUARD_PROGRAM], {
      stdio: ["pipe", "ignore", "ignore"],
      detached: true,
    });
    guard.stdin.on("error", () => undefined);
    guard.once("exit", () => (this.#guard = undefined));
    guard.once("error", () => (this.#guard = undefined));
    guard.unref();
    return guard;
  }
}

/** What the guard runs; exported for its test. */
export const GUARD_PROGRAM = `
const paused = new Map();
const startOf = (pid) => {
  try {
    const stat = require("node:fs").readFileSync("/proc/" + pid + "/stat", "latin1");
    // Its 22nd field; the second one, in parentheses, may hold blanks.
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
  } catch {
    return undefined;
  }
};
require("node:readline").createInterface({ input: process.stdin })
  .on("line", (line) => {
    const [verb, pid] = line.split(" ");
    if (verb === "watch") paused.set(Number(pid), startOf(pid));
    else paused.delete(Number(pid));
  })
  .on("close", () => {
    for (const [pid, start] of paused) try { if (startOf(pid) === start) process.kill(pid, "SIGCONT"); } catch {}
  });
`;
