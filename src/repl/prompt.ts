import type { Readable, Writable } from "node:stream";
import type { WatchItem } from "../client/watch-status.js";
import { RingkvError } from "../protocol/errors.js";
import type { Cluster } from "./cluster.js";
import { complete, namesOf } from "./completion.js";
import { describeOutcome } from "./evaluate.js";
import { describeFailure } from "./failure.js";
import { type News, UNKNOWN_HEALTH, healthAfter } from "./health.js";
import { highlight } from "./highlight.js";
import { hintFor } from "./hint.js";
import type { History } from "./history.js";
import { Interpreter } from "./interpreter.js";
import type { Editor, EditorEvents } from "./line-editor/editor.js";
import { PlainEditor } from "./line-editor/plain-editor.js";
import { TerminalEditor } from "./line-editor/terminal-editor.js";
import { type Output, OutputClosed, TerminalOutput, failureText } from "./output.js";
import type { Paint } from "./paint.js";
import { promptLabel } from "./prompt-label.js";
import { escapeUnprintable } from "../protocol/unprintable.js";
import { namesNode, runsBeside } from "./typed-words.js";
import { wholeStatements } from "./whole-statements.js";

export interface PromptOptions {
  readonly cluster: Cluster;
  /** A terminal's keys. */
  readonly input: Readable;
  readonly output: Writable;
  readonly paint: Paint;
  /** Left out when there is no place to keep it. */
  readonly history?: History;
  /** What the master tells, until the signal, for the prompt's health and the news above it; left out, there are none. */
  readonly watch?: (signal: AbortSignal) => AsyncIterable<WatchItem>;
  /** How answers are written to the terminal, for those who want them otherwise than for people. */
  readonly answers?: (terminal: Writable) => Output;
  /** The terminal can do no more than print; default: `TERM` is `dumb`. */
  readonly isDumb?: boolean;
}

/** What a person has just done is no news, also when it is heard of so many ms later: a new master has to be found first. */
const OWN_DOING_MS = { slave: 500, master: 3_000 };

/**
 * The prompt on a terminal: a line with history, search, completion, hints and colours, the cluster's health before it, answers
 * with their times. Ctrl-D leaves; Ctrl-C clears the line, and twice on an empty line leaves; while a statement runs, Ctrl-C ends the wait
 * for it. What is entered or pasted while one runs waits for its turn, but for commands made for that moment, such as `step`.
 */
export class Prompt {
  readonly #options: PromptOptions;
  readonly #editor: Editor;
  readonly #interpreter: Interpreter;
  /** For statements that run beside another. */
  readonly #besides: Interpreter;
  #waiting: readonly string[] = [];
  readonly #left: Promise<void>;
  #leave: () => void = () => undefined;
  #fail: (error: unknown) => void = () => undefined;
  /** Ends the wait for the statement that runs; undefined while none does. */
  #running: AbortController | undefined;
  #isInterrupted = false;
  #isLeaving = false;
  #isOpen = true;
  #health = UNKNOWN_HEALTH;
  /** The statement that runs or ran last, and when it was over. */
  #last = { statement: "", endedMs: Number.NEGATIVE_INFINITY };

  constructor(options: PromptOptions) {
    this.#options = options;
    const { input, output, paint, history, cluster, isDumb = process.env["TERM"] === "dumb" } = options;
    const answers = () =>
      options.answers?.(this.#editor.answers()) ?? new TerminalOutput(this.#editor.answers(), paint);
    const events: EditorEvents = {
      onStatement: (statement) => this.#enter(statement),
      onInterrupt: (text) => this.#interrupt(text),
      onEnd: () => this.#end(),
    };
    const earlier = () => history?.entries ?? [];
    this.#editor = isDumb
      ? new PlainEditor({ ...events, input, output, statements: wholeStatements })
      : new TerminalEditor({
          ...events,
          input,
          output,
          paint,
          statements: wholeStatements,
          history: earlier,
          highlight,
          hint: (text) => hintFor(text, earlier()),
          complete: (text) => complete(text, namesOf(cluster)),
        });
    this.#editor.setPrompt(promptLabel(this.#health));
    this.#interpreter = new Interpreter(cluster, answers());
    const { session } = this.#interpreter;
    this.#besides = new Interpreter(cluster, answers(), { session });
    session.clients.onOutcome = (client, command, outcome) => {
      this.notify(`${client}: ${command}: ${escapeUnprintable(describeOutcome(outcome))}`);
    };
    this.#left = new Promise((resolve, reject) => {
      this.#leave = resolve;
      this.#fail = reject;
    });
  }

  /** Shows the prompt; resolves when the person leaves it. */
  async run(): Promise<void> {
    const watching = new AbortController();
    const { watch } = this.#options;
    if (watch !== undefined) void this.#hear(watch(watching.signal));
    if (this.#isOpen) this.#editor.open();
    try {
      await this.#left;
    } finally {
      this.close();
      watching.abort();
      await this.#interpreter.close();
      await this.#options.history?.written();
    }
  }

  /** Shows a line of news above the prompt, which keeps what is typed. */
  notify(text: string): void {
    if (this.#isOpen) this.#editor.tell(this.#options.paint.dim(text));
  }

  /** Leaves the prompt, as Ctrl-D does. */
  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#editor.close();
    this.#leave();
  }

  #enter(statement: string): void {
    this.#isInterrupted = false;
    void this.#options.history?.add(statement).catch(() => undefined);
    if (this.#running !== undefined && runsBeside(statement)) {
      this.#editor.begin(statement);
      void this.#run(this.#besides, statement, this.#running.signal);
      return;
    }
    this.#waiting = [...this.#waiting, statement];
    if (this.#running === undefined) void this.#runWaiting();
    else this.#editor.setBusy(true, this.#waiting);
  }

  async #runWaiting(): Promise<void> {
    for (let [next] = this.#waiting; next !== undefined && this.#isOpen; [next] = this.#waiting) {
      this.#waiting = this.#waiting.slice(1);
      const running = new AbortController();
      this.#running = running;
      this.#editor.begin(next);
      this.#editor.setBusy(true, this.#waiting);
      this.#last = { statement: next, endedMs: Number.POSITIVE_INFINITY };
      await this.#run(this.#interpreter, next, running.signal);
      this.#last = { statement: next, endedMs: performance.now() };
    }
    this.#running = undefined;
    if (this.#isLeaving) this.close();
    else if (this.#isOpen) this.#editor.setBusy(false, []);
  }

  async #run(interpreter: Interpreter, statement: string, signal: AbortSignal): Promise<void> {
    try {
      if ((await interpreter.run(statement, signal)) === "quit") this.close();
    } catch (error) {
      if (!(error instanceof OutputClosed)) this.#fail(error);
      this.close();
    }
  }

  #interrupt(text: string): void {
    if (this.#running !== undefined) {
      this.#waiting = [];
      this.#isLeaving = false;
      this.#running.abort();
      this.#editor.setBusy(true, []);
      return;
    }
    if (text === "" && this.#isInterrupted) {
      this.close();
      return;
    }
    this.#isInterrupted = text === "";
    this.#editor.abandon(text === "" ? " (again, or Ctrl-D, leaves)" : "");
  }

  /** What was entered before is run first. */
  #end(): void {
    if (this.#running === undefined) this.close();
    else this.#isLeaving = true;
  }

  async #hear(items: AsyncIterable<WatchItem>): Promise<void> {
    try {
      for await (const item of items) {
        if (!this.#isOpen) return;
        const { health, news } = healthAfter(this.#health, item);
        for (const one of news) if (!this.#isOwnDoing(one)) this.notify(one.text);
        this.#health = health;
        this.#editor.setPrompt(promptLabel(health));
      }
    } catch (error) {
      // The prompt works without news.
      if (error instanceof RingkvError) this.notify(`no news of the cluster: ${failureText(describeFailure(error))}`);
      else this.#fail(error);
    }
  }

  #isOwnDoing({ of }: News): boolean {
    const { statement, endedMs } = this.#last;
    if (performance.now() - endedMs > OWN_DOING_MS[of === "master" ? "master" : "slave"]) return false;
    return namesNode(statement, of === "master" ? ["master"] : [of.name, of.name.replace(/^s(?=\d+$)/, ""), of.id]);
  }
}
