import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync, readdirSync } from "node:fs";
import { createInterface } from "node:readline";

/**
 * A slave as a process of its own, maybe under strace, which can be stopped between two system calls. Its standard input ends
 * with us, so that a supervised one does too.
 */
export class SlaveProcess {
  readonly exited: Promise<number | null>;
  /** The pid that the slave announces on stdout when it is registered; rejects when it ends before that. */
  readonly ready: Promise<number>;
  readonly #child: ChildProcess;
  #announcedPid: number | undefined;
  #stderr = "";

  /** @param command the program and its arguments */
  constructor(command: readonly string[], environment: Readonly<Record<string, string>> = {}) {
    const env = { ...process.env, ...environment };
    // `env` becomes the program, pid included, and takes away tap's instrumentation of child processes, which is slow.
    const child = spawn("env", ["-u", "NODE_OPTIONS", ...command], { stdio: ["pipe", "pipe", "pipe"], env });
    this.#child = child;
    this.exited = new Promise((resolve) => child.once("close", resolve));
    child.stderr.on("data", (chunk: Buffer) => (this.#stderr += chunk.toString()));
    this.ready = new Promise((resolve, reject) => {
      createInterface(child.stdout).once("line", (line) => {
        const { pid } = JSON.parse(line) as { readonly pid: number };
        this.#announcedPid = pid;
        resolve(pid);
      });
      void this.exited.then((code) => reject(new Error(`the slave has ended with ${String(code)}: ${this.#stderr}`)));
    });
    this.ready.catch(() => undefined);
  }

  get stderr(): string {
    return this.#stderr;
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
    await this.#end("SIGKILL");
  }

  /** Ends it in good order. */
  stop(): Promise<number | null> {
    return this.#end("SIGTERM");
  }

  get pid(): number {
    const pid = this.#announcedPid ?? this.#child.pid;
    if (pid === undefined) throw new Error("the process could not be started");
    return pid;
  }

  #end(signal: NodeJS.Signals): Promise<number | null> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) process.kill(this.pid, signal);
    return this.exited;
  }

  #isFrozen(): boolean {
    const tasks = `/proc/${this.pid}/task`;
    return readdirSync(tasks).every((task) => /\) T /.test(readFileSync(`${tasks}/${task}/stat`, "utf8")));
  }
}
