import type { Cluster } from "../repl/cluster.js";
import { describeOutcome } from "../repl/evaluate.js";
import type { History } from "../repl/history.js";
import { Interpreter } from "../repl/interpreter.js";
import type { Paint } from "../repl/paint.js";
import { escapeUnprintable } from "../protocol/unprintable.js";
import { runsBeside } from "../repl/typed-words.js";
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

interface Waiting {
  readonly line: string;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Runs what is typed at the monitor's command line, one after the other: what comes while one runs waits for its turn. Only a
 * command that is for that moment (`step`: a put waits for its `next`) runs beside the one that runs, as soon as it is first
 * in the line.
 */
export class CommandRunner {
  readonly #options: CommandRunnerOptions;
  readonly #interpreter: Interpreter;
  readonly #waiting: Waiting[] = [];
  /** End the wait for the command that runs, and for the one beside it; undefined while there is none. */
  #running: AbortController | undefined;
  #beside: AbortController | undefined;
  #isClosed = false;

  constructor(options: CommandRunnerOptions) {
    this.#options = options;
    const { cluster, paint, print } = options;
    this.#interpreter = new Interpreter(cluster, new ConsoleOutput(paint, print));
    this.#interpreter.session.clients.onOutcome = (client, command, outcome) => {
      const told = escapeUnprintable(`${client}: ${command}: ${describeOutcome(outcome)}`);
      print([outcome.ok ? told : paint.bad(told)]);
    };
  }

  /** Resolves when the line has run, or was dropped. */
  run(line: string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ line, resolve, reject });
      this.#startNext();
    });
  }

  /** Ends the wait for the command that runs; those that wait are dropped. */
  interrupt(): void {
    for (const { resolve } of this.#waiting.splice(0)) resolve();
    this.#running?.abort();
    this.#beside?.abort();
  }

  /** Ends all that runs, and what the session keeps open. */
  close(): Promise<void> {
    this.#isClosed = true;
    this.interrupt();
    return this.#interpreter.close();
  }

  #startNext(): void {
    const [next] = this.#waiting;
    if (next === undefined) return;
    const isBeside = this.#running !== undefined;
    if (isBeside && (this.#beside !== undefined || !runsBeside(next.line))) return;
    this.#waiting.shift();
    const ending = new AbortController();
    if (isBeside) this.#beside = ending;
    else this.#setRunning(ending);
    this.#runOne(next.line, ending.signal)
      .finally(() => {
        if (isBeside) this.#beside = undefined;
        else this.#setRunning(undefined);
        this.#startNext();
      })
      .then(next.resolve, next.reject);
  }

  #setRunning(running: AbortController | undefined): void {
    this.#running = running;
    this.#options.onRunning(running !== undefined);
  }

  async #runOne(line: string, signal: AbortSignal): Promise<void> {
    const { history, print, onQuit } = this.#options;
    await history?.add(line).catch(() => undefined);
    if (this.#isClosed) return;
    print(`> ${line}`.split("\n").map(escapeUnprintable));
    if ((await this.#interpreter.run(line, signal)) === "quit") onQuit();
  }
}
