import { type ChildProcess, spawn } from "node:child_process";

/**
 * Wakes paused processes when the supervisor dies without a word.
 *
 * A process stopped with SIGSTOP cannot notice that its standard input has ended, so it would stay as an orphan for ever.
 * The guard is a small process, started with the first pause, that knows who is paused; when its own standard input ends,
 * it sends them SIGCONT, and they stop by themselves. SIGCONT harms nobody, should a pid have found a new owner.
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

const GUARD_PROGRAM = `
const paused = new Set();
require("node:readline").createInterface({ input: process.stdin })
  .on("line", (line) => {
    const [verb, pid] = line.split(" ");
    if (verb === "watch") paused.add(Number(pid));
    else paused.delete(Number(pid));
  })
  .on("close", () => {
    for (const pid of paused) try { process.kill(pid, "SIGCONT"); } catch {}
  });
`;
