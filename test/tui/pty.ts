import { type IPty, spawn } from "@lydell/node-pty";
import { Emulator } from "./emulator.js";

export interface PtyOptions {
  readonly columns: number;
  readonly rows: number;
  /** Over the environment of the test, of which what would change a program's answers is left out. */
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

/** How a program has ended; `signal` is 0 when it has ended by itself. */
export interface PtyEnd {
  readonly code: number;
  readonly signal: number;
}

interface Wait {
  readonly predicate: (lines: readonly string[]) => boolean;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/** A program in a terminal of its own: a pty, and an emulator that shows what it writes. End it with `end`, by its pid. */
export class Pty {
  readonly emulator: Emulator;
  /** Resolves when the program has ended and all that it wrote is on the screen. */
  readonly exit: Promise<PtyEnd>;
  readonly #pty: IPty;
  readonly #waits = new Set<Wait>();
  #hasEnded = false;

  /** @param command the program and its arguments */
  constructor(command: readonly [string, ...string[]], { columns, rows, env = {}, cwd }: PtyOptions) {
    this.emulator = new Emulator({ columns, rows, onReply: (text) => this.type(text) });
    const [file, ...args] = command;
    this.#pty = spawn(file, args, {
      name: "xterm-256color",
      cols: columns,
      rows,
      env: { ...cleanEnvironment(), CI: "false", ...env },
      ...(cwd !== undefined && { cwd }),
    });
    this.#pty.onData((text) => void this.#show(text));
    this.exit = new Promise((resolve) => {
      this.#pty.onExit(({ exitCode, signal }) => {
        this.#hasEnded = true;
        void this.emulator.settled().then(() => {
          this.#check();
          for (const wait of this.#waits) wait.reject(new Error("the program has ended"));
          resolve({ code: exitCode, signal: signal ?? 0 });
        });
      });
    });
  }

  get pid(): number {
    return this.#pty.pid;
  }

  /**
   * Resolves as soon as the screen's lines are so; looked at when something was written.
   * @throws when the time is over or the program has ended, with the screen
   */
  async waitFor(predicate: (lines: readonly string[]) => boolean, timeoutMs = 20_000): Promise<void> {
    await this.emulator.settled();
    if (predicate(this.emulator.lines)) return;
    if (this.#hasEnded) throw this.#failure("the program has ended");
    let timer: NodeJS.Timeout | undefined;
    let wait: Wait | undefined;
    try {
      await new Promise<void>((resolve, reject) => {
        wait = { predicate, resolve, reject };
        this.#waits.add(wait);
        timer = setTimeout(() => reject(new Error(`not within ${timeoutMs} ms`)), timeoutMs);
      });
    } catch (error) {
      throw this.#failure(error instanceof Error ? error.message : String(error));
    } finally {
      clearTimeout(timer);
      if (wait !== undefined) this.#waits.delete(wait);
    }
  }

  /** As if typed. */
  type(keys: string): void {
    if (!this.#hasEnded) this.#pty.write(keys);
  }

  resize(columns: number, rows: number): void {
    this.emulator.resize(columns, rows);
    this.#pty.resize(columns, rows);
  }

  /** Signals the program itself, not its children; no matter when it has just ended. */
  kill(signal: NodeJS.Signals): void {
    if (this.#hasEnded) return;
    try {
      process.kill(this.pid, signal);
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
    }
  }

  /** Ends the program, hard, if it still runs. */
  async end(): Promise<void> {
    this.kill("SIGKILL");
    await this.exit;
  }

  async #show(text: string): Promise<void> {
    this.emulator.feed(text);
    await this.emulator.settled();
    this.#check();
  }

  #check(): void {
    if (this.#waits.size === 0) return;
    const { lines } = this.emulator;
    for (const wait of this.#waits) if (wait.predicate(lines)) wait.resolve();
  }

  #failure(message: string): Error {
    return new Error(`${message}; the screen:\n${this.emulator.lines.join("\n")}`);
  }
}

function cleanEnvironment(): Record<string, string | undefined> {
  const unwanted =
    /^(?:RINGKV_|CI_|CONTINUOUS_INTEGRATION$|NODE_OPTIONS$|NODE_ENV$|NO_COLOR$|FORCE_COLOR$|COLORFGBG$|COLORTERM$|COLUMNS$|LINES$)/;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !unwanted.test(name)));
}
