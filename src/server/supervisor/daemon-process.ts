import { type ChildProcess, spawn } from "node:child_process";
import { RingkvError } from "../../protocol/errors.js";
import { type Ready, announcement } from "./announcement.js";
import { type Exit, type KeptProcess, describeExit } from "./kept-process.js";
import type { PauseGuard } from "./pause-guard.js";

/** A daemon announces itself in one short line; more without a newline is not one. */
const ANNOUNCEMENT_CHARS_MAX = 65_536;

export interface DaemonProcessOptions {
  /** The file descriptor that takes its log. */
  readonly stderr: number;
  readonly environment: NodeJS.ProcessEnv;
  /** Told who is paused. */
  readonly pauseGuard: PauseGuard;
}

/**
 * One OS process of a daemon, from spawn to exit.
 *
 * It runs in a session of its own, so a Ctrl-C at the terminal reaches the supervisor alone, which then stops it in good
 * order. Its standard input is a pipe that the supervisor holds open: however the supervisor dies, the pipe ends, and the
 * daemon (started with `--supervised`) stops.
 */
export class DaemonProcess implements KeptProcess {
  readonly #child: ChildProcess;
  readonly #pauseGuard: PauseGuard;
  readonly ready: Promise<Ready>;
  readonly exited: Promise<Exit>;
  #ended = false;
  #isPaused = false;

  constructor([file, ...args]: readonly [string, ...string[]], options: DaemonProcessOptions) {
    const { stderr, environment, pauseGuard } = options;
    this.#pauseGuard = pauseGuard;
    // Without a shell: what stands in the arguments is never read as commands.
    this.#child = spawn(file, args, {
      stdio: ["pipe", "pipe", stderr],
      detached: true,
      shell: false,
      env: environment,
    });
    // Writes to a dead child's input fail as they should; nothing is ever written.
    this.#child.stdin?.on("error", () => undefined);
    this.exited = new Promise((resolve) => {
      const end = (exit: Exit) => {
        this.#ended = true;
        if (this.#isPaused) pauseGuard.forget(this.pid);
        resolve(exit);
      };
      this.#child.once("exit", (code, signal) => end({ code, signal }));
      this.#child.once("error", () => {
        if (this.#child.pid === undefined) end({ code: null, signal: null });
      });
    });
    this.ready = this.#readAnnouncement();
    this.ready.catch(() => undefined);
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** Sends a signal; not once the process has ended, so it never reaches a stranger with the same pid. */
  signal(signal: NodeJS.Signals): void {
    if (this.#ended) return;
    if (signal === "SIGSTOP") this.#pauseGuard.watch(this.pid);
    this.#child.kill(signal);
    if (signal === "SIGCONT") this.#pauseGuard.forget(this.pid);
    if (signal === "SIGSTOP" || signal === "SIGCONT") this.#isPaused = signal === "SIGSTOP";
  }

  #readAnnouncement(): Promise<Ready> {
    return new Promise((resolve, reject) => {
      let text = "";
      const stdout = this.#child.stdout;
      const read = (chunk: string) => {
        text += chunk;
        const newline = text.indexOf("\n");
        if (newline === -1 && text.length <= ANNOUNCEMENT_CHARS_MAX) return;
        stdout?.off("data", read).resume();
        const announced = parseAnnouncement(text.slice(0, newline));
        if (announced instanceof RingkvError) reject(announced);
        else resolve(announced);
      };
      stdout?.setEncoding("utf8").on("data", read);
      this.#child.once("error", (error) => {
        reject(new RingkvError("INTERNAL", `the process could not be started: ${error.message}`, { cause: error }));
      });
      // `close` comes after the last output, so a failure that was announced is told before the exit it led to.
      this.#child.once("close", (code, signal) => {
        reject(new RingkvError("ABORTED", `the process ended before it was ready (${describeExit({ code, signal })})`));
      });
    });
  }
}

/** What the line announces; a failure comes as the error that it tells. */
function parseAnnouncement(line: string): Ready | RingkvError {
  try {
    const message = announcement.parse(JSON.parse(line));
    return message.event === "failed" ? new RingkvError(message.code, message.message) : message;
  } catch (error) {
    return new RingkvError("INTERNAL", "the process announced something that is no ready line", { cause: error });
  }
}
