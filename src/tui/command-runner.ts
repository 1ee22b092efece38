import type { Cluster } from "../repl/cluster.js";
import type { History } from "../repl/history.js";
import { Interpreter } from "../repl/interpreter.js";
import type { Paint } from "../repl/paint.js";
import { ConsoleOutput } from "./console-output.js";

export interface CommandRunnerOptions {
  readonly cluster: Cluster;
  readonly paint: Paint;
  /** Left out when there is no place to keep it. */
  readonly history: History | undefined;
  /** Takes what was typed, the answers, and the time that each command took. */
  readonly print: (lines: readonly string[]) => void;
  readonly onRunning: (isRunning: boolean) => void;
  /** A command was `quit`. */
  readonly onQuit: () => void;
}

/** Runs what is typed at the monitor's command line, one after the other: what comes while one runs waits for its turn. */
export class CommandRunner {
  readonly #options: CommandRunnerOptions;
  readonly #interpreter: Interpreter;
  readonly #waiting: string[] = [];
  /** Ends the wait for the command that runs; undefined while none does. */
  #running: AbortController | undefined;

  constructor(options: CommandRunnerOptions) {
    this.#options = options;
    this.#interpreter = new Interpreter(options.cluster, new ConsoleOutput(options.paint, options.print));
  }

  /** Resolves when nothing runs or waits any more. */
  async run(line: string): Promise<void> {
    this.#waiting.push(line);
    if (this.#running !== undefined) return;
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) await this.#runOne(next);
  }

  /** Ends the wait for the command that runs; those that wait are dropped. */
  interrupt(): void {
    this.#waiting.length = 0;
    this.#running?.abort();
  }

  async #runOne(line: string): Promise<void> {
    const { history, print, onRunning, onQuit } = this.#options;
    this.#running = new AbortController();
    onRunning(true);
    await history?.add(line).catch(() => undefined);
    print([`> ${line}`]);
    if ((await this.#interpreter.run(line, this.#running.signal)) === "quit") onQuit();
    this.#running = undefined;
    onRunning(false);
  }
}
