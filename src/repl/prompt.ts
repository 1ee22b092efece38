import { type Interface, createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import type { Cluster } from "./cluster.js";
import { complete, namesOf } from "./completion.js";
import type { History } from "./history.js";
import { Interpreter } from "./interpreter.js";
import { OutputClosed, TerminalOutput } from "./output.js";
import type { Paint } from "./paint.js";

export interface PromptOptions {
  readonly cluster: Cluster;
  /** A terminal's keys. */
  readonly input: Readable;
  readonly output: Writable;
  readonly paint: Paint;
  /** Left out when there is no place to keep it. */
  readonly history?: History;
}

/**
 * The prompt on a terminal: history, completion, answers with their times. Ctrl-D leaves; Ctrl-C clears the line, and a
 * second one on an empty line leaves; while a command runs, Ctrl-C ends the wait for it. Lines typed or pasted while a command runs wait for their turn.
 */
export class Prompt {
  readonly #options: PromptOptions;
  readonly #output: TerminalOutput;
  readonly #interpreter: Interpreter;
  readonly #readline: Interface;
  readonly #waiting: string[] = [];
  readonly #left: Promise<void>;
  /** Ends the wait for the command that runs; undefined while none does. */
  #running: AbortController | undefined;
  #interrupted = false;
  #open = true;

  constructor(options: PromptOptions) {
    this.#options = options;
    this.#output = new TerminalOutput(options.output, options.paint);
    this.#interpreter = new Interpreter(options.cluster, this.#output);
    this.#readline = createInterface({
      input: options.input,
      output: options.output,
      terminal: true,
      prompt: `${options.paint.strong("ringkv>")} `,
      history: options.history?.entries.toReversed() ?? [],
      historySize: Math.max(1_000, 2 * (options.history?.entries.length ?? 0)),
      removeHistoryDuplicates: true,
      completer: (line: string, done: (error: null, result: [string[], string]) => void) => {
        void complete(line, namesOf(options.cluster)).then((result) => {
          done(null, result);
        });
      },
    });
    this.#readline.on("line", (line) => {
      this.#interrupted = false;
      this.#waiting.push(line);
      void this.#runWaiting();
    });
    this.#readline.on("SIGINT", () => {
      this.#interrupt();
    });
    this.#left = new Promise((resolve) => {
      this.#readline.on("close", () => {
        this.#open = false;
        // Whoever comes next, a shell for one, starts on a line of its own.
        if (this.#running === undefined) this.#options.output.write("\n");
        resolve();
      });
    });
  }

  /** Shows the prompt; resolves when the person leaves it. */
  async run(): Promise<void> {
    this.#readline.prompt();
    await this.#left;
  }

  /** Shows a line of news above the prompt, which keeps what is typed. */
  notify(text: string): void {
    if (!this.#open) return;
    this.#options.output.write(`\r\x1b[2K${this.#options.paint.dim(text)}\n`);
    if (this.#running === undefined) this.#readline.prompt(true);
  }

  /** Leaves the prompt, as Ctrl-D does. */
  close(): void {
    this.#readline.close();
  }

  async #runWaiting(): Promise<void> {
    if (this.#running !== undefined) return;
    for (let line = this.#waiting.shift(); line !== undefined && this.#open; line = this.#waiting.shift()) {
      try {
        this.#running = new AbortController();
        await this.#options.history?.add(line).catch(() => undefined);
        const started = performance.now();
        const result = await this.#interpreter.run(line, this.#running.signal);
        await this.#output.finish(performance.now() - started);
        if (result === "quit") this.close();
      } catch (error) {
        if (!(error instanceof OutputClosed)) throw error;
        this.close();
      }
    }
    this.#running = undefined;
    // What was typed meanwhile stays, with the cursor where it was.
    if (this.#open) this.#readline.prompt(true);
  }

  #interrupt(): void {
    if (this.#running !== undefined) {
      this.#waiting.length = 0;
      this.#running.abort();
      return;
    }
    const again = this.#interrupted;
    this.#interrupted = true;
    if (this.#readline.line === "" && again) {
      this.close();
      return;
    }
    const hint = this.#readline.line === "" ? " (again, or Ctrl-D, leaves)" : "";
    this.#options.output.write(`^C${hint}\n`);
    this.#readline.write(null, { ctrl: true, name: "e" });
    this.#readline.write(null, { ctrl: true, name: "u" });
    this.#readline.prompt();
  }
}
