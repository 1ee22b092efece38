import { constants } from "node:os";
import type { ReadStream, WriteStream } from "node:tty";

const END_SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

export interface RawTerminalOptions {
  /** A TTY; it is given raw mode and paused at the end, but reading it is the caller's. */
  readonly input: ReadStream;
  /** A TTY: its writes are synchronous on POSIX systems, which is what makes `restore` so. */
  readonly output: WriteStream;
  /** What is sent when the terminal is taken over. */
  readonly entering: string;
  /** What makes the terminal whole again, whatever it shows by then. */
  readonly leaving: () => string;
  /**
   * Whether SIGINT, SIGTERM and SIGHUP end the process here, with 128 + their number. Otherwise the caller handles them and calls
   * `restore` in time: without a handler a signal ends the process and leaves the terminal as it is.
   */
  readonly endsOnSignals: boolean;
  readonly onResize: (columns: number, rows: number) => void;
  /** The process was stopped and goes on: the terminal is taken over anew, and shows nothing of ours. */
  readonly onContinue: () => void;
}

/**
 * The terminal while a program reads its keys one by one: in raw mode, and in what modes the program enters. It becomes whole
 * again by `restore`, and without it however the process ends, SIGKILL apart. For that it listens to the process's
 *
 * - `exit`: a normal end, and any call of process.exit;
 * - `uncaughtExceptionMonitor`: errors that nobody catches and rejections that nobody handles. It only restores; what follows is
 *   as it would be without it: Node prints the error, by then to the normal screen, and exits with 1;
 * - SIGINT, SIGTERM and SIGHUP, if `endsOnSignals`;
 * - SIGTSTP and SIGCONT: stopped, it gives the terminal back, and takes it again when it continues;
 *
 * and to `resize` and `error` of the streams: a terminal that is gone is written to no more. `restore` ends all of it but for
 * `error`: what was written last may fail later.
 */
export class RawTerminal {
  readonly #options: RawTerminalOptions;
  readonly #wasRaw: boolean;
  #isEntered = false;
  #isRestored = false;
  #isLost = false;

  private constructor(options: RawTerminalOptions) {
    this.#options = options;
    this.#wasRaw = options.input.isRaw;
  }

  /** Takes the terminal over. */
  static open(options: RawTerminalOptions): RawTerminal {
    const terminal = new RawTerminal(options);
    terminal.#listen();
    terminal.#enter();
    return terminal;
  }

  /** 80 where the terminal does not tell. */
  get columns(): number {
    return this.#options.output.columns || 80;
  }

  /** 24 where the terminal does not tell. */
  get rows(): number {
    return this.#options.output.rows || 24;
  }

  /** Sends text, unless the terminal is not ours (any more). */
  readonly write = (text: string): void => {
    if (this.#isEntered && !this.#isLost) this.#options.output.write(text);
  };

  /** Makes the terminal whole again, at once; only the first call has an effect. */
  readonly restore = (): void => {
    if (this.#isRestored) return;
    this.#isRestored = true;
    this.#leave();
    this.#options.input.pause();
    process.off("exit", this.restore).off("uncaughtExceptionMonitor", this.restore);
    for (const signal of END_SIGNALS) process.off(signal, this.#onEndSignal);
    process.off("SIGTSTP", this.#onStop).off("SIGCONT", this.#onContinue);
    this.#options.output.off("resize", this.#onResize);
  };

  /** Gives the terminal back and stops the whole job, as Ctrl-Z does where it is no key: the shell that started it goes on. */
  suspend(): void {
    // Before whoever started us can stop: from then on the terminal is the shell's.
    this.#leave();
    process.kill(0, "SIGSTOP");
  }

  [Symbol.dispose](): void {
    this.restore();
  }

  #listen(): void {
    const { input, output, endsOnSignals } = this.#options;
    process.on("exit", this.restore).on("uncaughtExceptionMonitor", this.restore);
    if (endsOnSignals) for (const signal of END_SIGNALS) process.on(signal, this.#onEndSignal);
    process.on("SIGTSTP", this.#onStop).on("SIGCONT", this.#onContinue);
    output.on("resize", this.#onResize);
    for (const stream of [input, output]) stream.on("error", this.#onError);
  }

  #enter(): void {
    // A shell may have changed the mode of a stopped process's terminal, which Node does not know.
    if (this.#isEntered) this.#options.input.setRawMode(false);
    this.#options.input.setRawMode(true);
    this.#isEntered = true;
    this.write(this.#options.entering);
  }

  #leave(): void {
    if (!this.#isEntered) return;
    this.write(this.#options.leaving());
    this.#isEntered = false;
    if (!this.#isLost) this.#options.input.setRawMode(this.#wasRaw);
  }

  readonly #onResize = (): void => {
    this.#options.onResize(this.columns, this.rows);
  };

  readonly #onError = (): void => {
    this.#isLost = true;
  };

  readonly #onEndSignal = (signal: NodeJS.Signals): void => {
    this.restore();
    process.exit(128 + constants.signals[signal]);
  };

  readonly #onStop = (): void => {
    this.#leave();
    process.kill(process.pid, "SIGSTOP");
  };

  readonly #onContinue = (): void => {
    this.#enter();
    // While it was stopped, it was not told of a new size: Node looks at it again.
    process.kill(process.pid, "SIGWINCH");
    this.#options.onContinue();
  };
}
