import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync, readdirSync } from "node:fs";

/** A slave as a process of its own, which can be stopped between two system calls. */
export class SlaveProcess {
  readonly exited: Promise<number | null>;
  readonly #child: ChildProcess;
  #stderr = "";

  /** @param command the program and its arguments */
  constructor([program, ...args]: readonly [string, ...string[]], env: NodeJS.ProcessEnv = {}) {
    this.#child = spawn(program, args, { stdio: ["ignore", "ignore", "pipe"], env: { ...process.env, ...env } });
    this.exited = new Promise((resolve) => this.#child.once("close", resolve));
    this.#child.stderr?.on("data", (chunk: Buffer) => (this.#stderr += chunk.toString()));
  }

  get stderr(): string {
    return this.#stderr;
  }

  get pid(): number {
    const { pid } = this.#child;
    if (pid === undefined) throw new Error("the process could not be started");
    return pid;
  }

  /** Stops it, and resolves when every thread is stopped: a force that was under way has ended by then. */
  async freeze(): Promise<void> {
    process.kill(this.pid, "SIGSTOP");
    while (!this.#isFrozen()) await new Promise((resolve) => setImmediate(resolve));
  }

  thaw(): void {
    process.kill(this.pid, "SIGCONT");
  }

  async kill(): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.exited;
  }

  #isFrozen(): boolean {
    const tasks = `/proc/${this.pid}/task`;
    return readdirSync(tasks).every((task) => /\) T /.test(readFileSync(`${tasks}/${task}/stat`, "utf8")));
  }
}
