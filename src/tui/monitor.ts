import { performance } from "node:perf_hooks";
import type { ReadStream } from "node:tty";
import type { WatchItem } from "../client/watch-status.js";
import type { LogLevel } from "../protocol/messages.js";
import type { Cluster } from "../repl/cluster.js";
import { complete, namesOf } from "../repl/completion.js";
import type { History } from "../repl/history.js";
import { describeFailure } from "../repl/failure.js";
import type { Key } from "../repl/line-editor/key.js";
import { KeyReader } from "../repl/line-editor/key-reader.js";
import { completedLine } from "../repl/line-editor/tab.js";
import { failureText } from "../repl/output.js";
import { paintOfLevel } from "../repl/paint.js";
import { CommandRunner } from "./command-runner.js";
import { Compositor } from "./compositor.js";
import { type FeedModel, NOTHING_KNOWN } from "./model/feed-model.js";
import { type Heard, heard } from "./model/reduce-feed.js";
import { Questions } from "./questions.js";
import type { Scene } from "./scene.js";
import { ScreenWriter } from "./screen/screen-writer.js";
import { ASCII, THEMES, type Theme, UNICODE } from "./screen/theme.js";
import { localClock } from "./local-clock.js";
import { type Effect, noticed, pressed } from "./view/update.js";
import { type View, initialView, shownModel } from "./view/view.js";

/** The terminal, as far as the monitor needs one; terminal.ts has the real one. */
export interface MonitorTerminal {
  readonly columns: number;
  readonly rows: number;
  readonly write: (text: string) => void;
}

export interface MonitorOptions {
  readonly cluster: Cluster;
  /** What the master tells, for as long as the monitor runs. */
  readonly feed: AsyncIterable<WatchItem>;
  readonly terminal: MonitorTerminal;
  /** Its keys. */
  readonly input: ReadStream;
  /** Left out when there is no place to keep it. */
  readonly history?: History;
  readonly theme: Theme["name"];
  readonly ascii: boolean;
  readonly startsInCommandLine: boolean;
}

/** Between frames that nobody has asked for by a key. */
const FRAME_MS = 80;
/** Between looks of Ink at figures that change all the time. */
const CHROME_MS = 250;
const CONSOLE_LINES_KEPT = 500;

/**
 * The monitor as it runs: hears the feed and the keys, and shows what the reducers (model/, view/) make of them. All state is
 * in two immutable values, the model and the view.
 */
export class Monitor {
  readonly #options: MonitorOptions;
  readonly #writer: ScreenWriter;
  readonly #compositor = new Compositor();
  readonly #commands: CommandRunner;
  readonly #questions: Questions;
  readonly #left: Promise<void>;
  #leave: () => void = () => undefined;
  #fail: (error: unknown) => void = () => undefined;
  #isOpen = true;
  #model: FeedModel = NOTHING_KNOWN;
  #view: View;
  #heard: Heard[] = [];
  #chromeMs = Number.NEGATIVE_INFINITY;
  #frameTimer: NodeJS.Timeout | undefined;
  #isFrameDue = false;

  constructor(options: MonitorOptions) {
    this.#options = options;
    const { terminal, theme, startsInCommandLine, cluster } = options;
    this.#writer = new ScreenWriter(terminal.write);
    this.#view = initialView({ columns: terminal.columns, rows: terminal.rows, theme, startsInCommandLine });
    this.#commands = new CommandRunner({
      cluster,
      paint: paintOfLevel(theme === "mono" ? 0 : 1),
      history: options.history,
      print: (lines) => this.#print(lines),
      onRunning: (isRunning) => this.#show({ ...this.#view, isRunning }),
      onQuit: () => this.#leave(),
    });
    this.#questions = new Questions(
      cluster,
      () => ({ view: this.#view, model: this.#model }),
      (heard) => {
        if (heard !== undefined) this.#heard.push(heard);
        this.#paintWithin(FRAME_MS);
      },
    );
    this.#left = new Promise((resolve, reject) => {
      this.#leave = resolve;
      this.#fail = reject;
    });
  }

  /** Shows it; resolves when the person leaves. */
  async run(): Promise<void> {
    const keys = new KeyReader({
      input: this.#options.input,
      onKeys: (pressed) => pressed.forEach((key) => this.#press(key)),
      onEnd: this.#leave,
    });
    this.#hear().catch(this.#fail);
    this.#questions.ask();
    this.#paint();
    try {
      await this.#left;
    } finally {
      this.#isOpen = false;
      this.#questions.stop();
      keys.close();
      clearTimeout(this.#frameTimer);
      this.#compositor.close();
      await this.#commands.close();
    }
  }

  /** Leaves the monitor, as `q` does. */
  close(): void {
    this.#leave();
  }

  /** Tells a line of news from around the cluster, such as that a slave was started again. */
  notify(text: string): void {
    this.#tell("info", text);
    this.#show(noticed(this.#view, text));
  }

  resize(columns: number, rows: number): void {
    this.#writer.forget();
    this.#show({ ...this.#view, columns, rows });
  }

  /** The terminal may show anything: it is painted whole. */
  repaint(): void {
    this.#writer.forget();
    this.#paintSoon();
  }

  async #hear(): Promise<void> {
    for await (const item of this.#options.feed) {
      if (!this.#isOpen) return;
      this.#heard.push(item.type === "lost" ? { type: "lost", reason: item.error.message } : item);
      this.#paintWithin(FRAME_MS);
    }
  }

  #press(key: Key): void {
    if (!this.#isOpen) return;
    const { view, effects } = pressed(this.#view, this.#model, key, this.#options.history?.entries ?? []);
    const isOtherCache = view.cache !== this.#view.cache || view.selectedSlave !== this.#view.selectedSlave;
    this.#show(view);
    for (const effect of effects) this.#perform(effect);
    if (isOtherCache || view.focus === "cache") this.#questions.ask();
  }

  #perform(effect: Effect): void {
    switch (effect.type) {
      case "quit":
        this.#leave();
        return;
      case "process":
        void this.#control(`${effect.verb} ${effect.slave.name}`, (cluster) =>
          cluster.process(effect.verb, effect.slave.id, {}),
        );
        return;
      case "fault":
        void this.#control(
          `${effect.fault.kind === "none" ? "heal" : effect.fault.kind} ${effect.slave.name}`,
          (cluster) => cluster.fault(effect.slave.id, effect.fault, {}),
        );
        return;
      case "step":
        void this.#control(`step ${effect.mode}`, (cluster) => cluster.step(effect.mode, {}));
        return;
      case "run":
        this.#commands.run(effect.line).catch(this.#fail);
        return;
      case "interrupt":
        this.#commands.interrupt();
        return;
      case "complete":
        this.#complete().catch(this.#fail);
        return;
      case "copy":
        this.#options.terminal.write(`\u001b]52;c;${Buffer.from(effect.text).toString("base64")}\u0007`);
    }
  }

  /** Asks the cluster for what a key means, and tells its answer. */
  async #control(what: string, ask: (cluster: Cluster) => Promise<string>): Promise<void> {
    try {
      const message = await ask(this.#options.cluster);
      this.#tell("info", message);
      this.#show(noticed(this.#view, message, "good"));
    } catch (error) {
      const message = `${what}: ${failureText(describeFailure(error))}`;
      this.#tell("error", message);
      this.#show(noticed(this.#view, message, "bad"));
    }
  }

  async #complete(): Promise<void> {
    const { text, cursor } = this.#view.line;
    const completion = await complete(text.slice(0, cursor), namesOf(this.#options.cluster));
    // Something was typed meanwhile.
    if (this.#view.line.text !== text || this.#view.line.cursor !== cursor) return;
    const line = completedLine(this.#view.line, completion);
    this.#show({ ...this.#view, line: line ?? this.#view.line, notice: undefined });
    const { candidates, hasMore } = completion;
    if (line === undefined && candidates.length > 1)
      this.#print([[...candidates, ...(hasMore ? ["…"] : [])].join("  ")]);
  }

  #print(lines: readonly string[]): void {
    const console = [...this.#view.console, ...lines].slice(-CONSOLE_LINES_KEPT);
    this.#show({ ...this.#view, console, isConsoleOpen: true });
  }

  #tell(level: LogLevel, text: string): void {
    this.#heard.push({ type: "line", time: Date.now(), level, text });
  }

  #show(view: View): void {
    this.#view = view;
    this.#chromeMs = Number.NEGATIVE_INFINITY;
    this.#paintSoon();
  }

  /** For what a person has done: at once, though once for all keys that came together. */
  #paintSoon(): void {
    if (this.#isFrameDue || !this.#isOpen) return;
    this.#isFrameDue = true;
    setImmediate(() => this.#paint());
  }

  /** For what was heard: many items are one frame. */
  #paintWithin(ms: number): void {
    if (!this.#isOpen) return;
    this.#frameTimer ??= setTimeout(() => this.#paint(), ms);
  }

  #paint(): void {
    clearTimeout(this.#frameTimer);
    this.#frameTimer = undefined;
    this.#isFrameDue = false;
    if (!this.#isOpen) return;
    const nowMs = performance.now();
    const items = this.#heard;
    this.#heard = [];
    if (items.length > 0) this.#model = heard(this.#model, items, nowMs);
    const mayLag = nowMs - this.#chromeMs < CHROME_MS;
    if (!mayLag) this.#chromeMs = nowMs;
    try {
      const { surface, cursor, isMoving, isChromeOld } = this.#compositor.compose(this.#scene(nowMs), mayLag);
      this.#writer.show(surface, cursor);
      if (isMoving || isChromeOld) this.#paintWithin(FRAME_MS);
    } catch (error) {
      this.#fail(error);
    }
  }

  #scene(nowMs: number): Scene {
    const view = this.#view;
    return {
      view,
      live: this.#model,
      model: shownModel(view, this.#model),
      cache: this.#questions.cache,
      nowMs,
      theme: THEMES[view.theme],
      glyphs: this.#options.ascii ? ASCII : UNICODE,
      clock: localClock,
    };
  }
}
