import type { Readable, Writable } from "node:stream";
import { ReadStream, WriteStream } from "node:tty";
import { inColumns } from "../in-columns.js";
import type { Paint } from "../paint.js";
import { AnswerStream } from "./answer-stream.js";
import type { Piece } from "./cells.js";
import { edited } from "./edit.js";
import { contentOf, withNotes } from "./edited-content.js";
import { EMPTY_LINE, type EditedLine, emptied, inserted, lineOf } from "./edited-line.js";
import type { Editor, EditorEvents, SplitStatements } from "./editor.js";
import { type Hint, withHint } from "./hint.js";
import type { Key } from "./key.js";
import { KeyReader } from "./key-reader.js";
import { type Content, type Span, layOut, windowed } from "./layout.js";
import { LiveArea } from "./live-area.js";
import { RawTerminal } from "./raw-terminal.js";
import { fillsLines } from "./resizing.js";
import { accepted } from "./reverse-search.js";
import { type Completion, completedLine } from "./tab.js";
import { typedTogether } from "./typed-together.js";

export interface TerminalEditorOptions extends EditorEvents {
  /** A terminal's keys. */
  readonly input: Readable;
  readonly output: Writable & { readonly columns?: number; readonly rows?: number };
  readonly paint: Paint;
  readonly statements: SplitStatements;
  /** Earlier statements, oldest first. */
  readonly history: () => readonly string[];
  readonly highlight: (text: string) => readonly Span[];
  readonly hint: (text: string) => Hint | undefined;
  /** For Tab: of the text before the cursor. Typing goes on meanwhile, and an answer that comes too late is dropped. */
  readonly complete: (text: string) => Promise<Completion>;
}

const BRACKETED_PASTE = { on: "\u001b[?2004h", off: "\u001b[?2004l" };
const CLEAR_SCREEN = "\u001b[H\u001b[2J";
const WHERE_IS_THE_CURSOR = "\u001b[6n";

/** A terminal that has not told where its cursor is after so many ms will not. */
const REPORT_MS = 200;
/** What is typed while a statement runs shows after so many ms: most are over before, and the line would flicker. */
const SHOW_WHILE_BUSY_MS = 100;
/** Answers that come within so many ms are one change. */
const DRAW_AFTER_ANSWER_MS = 16;
/** Of the statements that wait, so many are shown. */
const WAITING_SHOWN = 5;

/**
 * A line at the end of a terminal's text, edited with all that a shell's line has; answers and news are printed above it, and go
 * into the terminal's own scrollback. What a keypress changes is sent in one write.
 */
export class TerminalEditor implements Editor {
  readonly #options: TerminalEditorOptions;
  readonly #area: LiveArea;
  /** Without colours a hint would look like what is typed. */
  readonly #hasHints: boolean;
  #terminal: RawTerminal | undefined;
  #keys: KeyReader | undefined;
  #isOpen = false;
  #prompt: readonly Piece[] = [];
  #line: EditedLine = EMPTY_LINE;
  #wasTab = false;
  /** The first row that shows of a text that is higher than the screen. */
  #firstRow = 0;
  #isBusy = false;
  #waiting: readonly string[] = [];
  /** Whose last line is not ended yet. */
  #openLine: AnswerStream | undefined;
  #drawTimer: NodeJS.Timeout | undefined;
  #busyTimer: NodeJS.Timeout | undefined;
  /** Running until the terminal has told where its cursor is after a change of its size: until then nothing is drawn. */
  #reportTimer: NodeJS.Timeout | undefined;

  constructor(options: TerminalEditorOptions) {
    this.#options = options;
    this.#area = new LiveArea(options.paint, fillsLines(process.env));
    this.#hasHints = options.paint.dim(" ") !== " ";
  }

  open(): void {
    const { input, output, onEnd } = this.#options;
    this.#isOpen = true;
    if (input instanceof ReadStream && output instanceof WriteStream) {
      this.#terminal = RawTerminal.open({
        input,
        output,
        entering: BRACKETED_PASTE.on,
        leaving: () => `${this.#area.leave()}${BRACKETED_PASTE.off}`,
        // Who handles signals, such as one who runs a cluster, closes this in time.
        endsOnSignals: process.listenerCount("SIGTERM") === 0,
        onResize: () => this.#resized(),
        // Told twice by some shells: what shows by then is drawn over.
        onContinue: () => this.#write(this.#area.clear() + this.#drawing()),
      });
    }
    this.#keys = new KeyReader({ input, onKeys: (keys) => this.#press(keys), onEnd });
    this.#draw();
  }

  setPrompt(prompt: readonly Piece[]): void {
    this.#prompt = prompt;
    this.#draw();
  }

  tell(text: string): void {
    this.#settle();
    // One write, so that the line does not flicker.
    this.#write(`${this.#area.clear()}${this.#lineEnd()}${text.replaceAll(/\r?\n/g, "\r\n")}\r\n${this.#drawing()}`);
  }

  answers(): Writable {
    return new AnswerStream((stream, text, done) => this.#print(stream, text, done));
  }

  begin(statement: string): void {
    const { highlight } = this.#options;
    this.#leaveWith(contentOf({ line: lineOf(statement), prompt: this.#prompt, highlight, hint: "" }));
  }

  setBusy(isBusy: boolean, waiting: readonly string[]): void {
    this.#waiting = waiting;
    if (this.#isBusy !== isBusy) {
      clearTimeout(this.#busyTimer);
      this.#busyTimer = isBusy ? setTimeout(() => this.#patienceIsOver(), SHOW_WHILE_BUSY_MS) : undefined;
    }
    this.#isBusy = isBusy;
    this.#draw();
  }

  abandon(note: string): void {
    const { highlight } = this.#options;
    const { text } = this.#line;
    const content = contentOf({ line: lineOf(text), prompt: this.#prompt, highlight, hint: "" });
    this.#line = emptied(this.#line);
    this.#leaveWith({
      ...content,
      text: `${text}^C${note}`,
      cursor: 0,
      looks: [...content.looks, { start: text.length, look: "plain" }],
    });
    this.#draw();
  }

  close(): void {
    if (!this.#isOpen) return;
    this.#settle();
    this.#write(`${this.#lineEnd()}${this.#terminal === undefined ? this.#area.leave() : ""}`);
    this.#isOpen = false;
    for (const timer of [this.#drawTimer, this.#busyTimer]) clearTimeout(timer);
    this.#keys?.close();
    this.#terminal?.restore();
  }

  get #columns(): number {
    return this.#options.output.columns || 80;
  }

  get #rows(): number {
    return this.#options.output.rows || 24;
  }

  #press(keys: readonly Key[]): void {
    for (const key of typedTogether(keys)) {
      if (!this.#isOpen) return;
      const wasTab = this.#wasTab;
      this.#wasTab = key.name === "tab";
      this.#pressOne(key, wasTab);
    }
    this.#draw();
  }

  #pressOne(key: Key, wasTab: boolean): void {
    const { onEnd, onInterrupt, history } = this.#options;
    switch (key.name) {
      case "enter":
        this.#enter();
        return;
      case "alt-enter":
        this.#line = inserted(accepted(this.#line), "\n");
        return;
      case "tab":
        this.#line = accepted(this.#line);
        void this.#complete(this.#line, wasTab);
        return;
      case "ctrl-c":
        this.#line = accepted(this.#line);
        onInterrupt(this.#line.text);
        return;
      case "ctrl-d":
        if (this.#line.text !== "" || this.#line.search !== undefined) break;
        onEnd();
        return;
      case "ctrl-l":
        this.#area.forget();
        this.#write(CLEAR_SCREEN + this.#drawing());
        return;
      case "ctrl-z":
        this.#terminal?.suspend();
        return;
      case "cursor-report":
        if (this.#reportTimer !== undefined) this.#settle(key.report?.column);
        return;
      case "paste":
        this.#paste(key.text ?? "");
        return;
    }
    this.#line = withHint(this.#line, this.#hint(), key.name) ?? edited(this.#line, key, history()) ?? this.#line;
  }

  /** Lines that are pasted are entered one after the other; what stands behind the last line end stays to be edited. */
  #paste(text: string): void {
    text.split("\n").forEach((line, index) => {
      if (index > 0) this.#enter();
      this.#line = edited(this.#line, { name: "paste", text: line }, this.#options.history()) ?? this.#line;
    });
  }

  /** A statement that is not whole yet goes on in the next line. */
  #enter(): void {
    const line = accepted(this.#line);
    const statements = this.#options.statements(line.text);
    this.#line = statements === undefined ? inserted(line, "\n") : emptied(line);
    for (const statement of statements ?? []) this.#options.onStatement(statement);
  }

  #hint(): Hint | undefined {
    const { text, cursor, search } = this.#line;
    const isWanted = this.#hasHints && cursor === text.length && search === undefined;
    return isWanted ? this.#options.hint(text) : undefined;
  }

  async #complete(line: EditedLine, isAgain: boolean): Promise<void> {
    const completion = await this.#options.complete(line.text.slice(0, line.cursor));
    // Something was typed meanwhile.
    if (!this.#isOpen || this.#line.text !== line.text || this.#line.cursor !== line.cursor) return;
    const completed = completedLine(this.#line, completion);
    const { candidates, hasMore } = completion;
    if (completed !== undefined) {
      this.#line = completed;
      this.#draw();
    } else if (isAgain && candidates.length > 1) {
      this.tell(inColumns(hasMore ? [...candidates, "…"] : candidates, this.#columns));
    }
  }

  /** Shows what is typed, where there is something to show; nothing is written where nothing has changed. */
  #draw(): void {
    this.#write(this.#drawing());
  }

  #drawing(): string {
    if (!this.#isOpen || this.#reportTimer !== undefined) return "";
    clearTimeout(this.#drawTimer);
    this.#drawTimer = undefined;
    if (!this.#isWanted()) return this.#area.clear();
    const { highlight } = this.#options;
    const columns = this.#columns;
    const content = contentOf({
      line: this.#line,
      prompt: this.#prompt,
      highlight,
      hint: this.#hint()?.text ?? "",
    });
    const whole = withNotes(layOut(content, columns), this.#waitingNotes(), columns);
    const { frame, from } = windowed(whole, this.#rows, this.#firstRow);
    this.#firstRow = from;
    return this.#lineEnd() + this.#area.show(frame, columns);
  }

  #waitingNotes(): readonly Piece[] {
    const shown = this.#waiting
      .slice(0, WAITING_SHOWN)
      .map((statement) => `waits: ${statement.split("\n", 1)[0] ?? ""}`);
    const others = this.#waiting.length - shown.length;
    return [...shown, ...(others > 0 ? [`and ${others} more`] : [])].map((text) => ({ text, look: "dim" }));
  }

  #isWanted(): boolean {
    if (!this.#isBusy) return true;
    const { text, search } = this.#line;
    return this.#busyTimer === undefined && (text !== "" || search !== undefined || this.#waiting.length > 0);
  }

  #patienceIsOver(): void {
    this.#busyTimer = undefined;
    this.#draw();
  }

  /** Shows content for good, whatever its height. */
  #leaveWith(content: Content): void {
    this.#settle();
    const frame = layOut(content, this.#columns);
    const isDrawnOver = frame.rows.length <= this.#rows && this.#waiting.length === 0 && this.#firstRow === 0;
    const before = this.#lineEnd() + (isDrawnOver ? "" : this.#area.clear());
    this.#write(before + this.#area.show(frame, this.#columns) + this.#area.leave());
    this.#firstRow = 0;
  }

  #print(stream: AnswerStream, text: string, done: (error?: Error | null) => void): void {
    this.#settle();
    const before = this.#area.clear() + (this.#openLine === stream ? "" : this.#lineEnd());
    // The line that it would end was ended for it.
    const rest = stream.isCut && text.startsWith("\n") ? text.slice(1) : text;
    stream.isCut = false;
    if (rest !== "") this.#openLine = rest.endsWith("\n") ? undefined : stream;
    this.#options.output.write(before + rest.replaceAll(/\r?\n/g, "\r\n"), done);
    if (this.#isOpen && this.#isWanted()) this.#drawTimer ??= setTimeout(() => this.#draw(), DRAW_AFTER_ANSWER_MS);
  }

  /** Ends the line that an answer has left open, so that something else can be shown below. */
  #lineEnd(): string {
    if (this.#openLine === undefined) return "";
    this.#openLine.isCut = true;
    this.#openLine = undefined;
    return "\r\n";
  }

  /** What the terminal makes of the rows that show differs: it is asked where its cursor is by now. */
  #resized(): void {
    if (this.#area.isEmpty) return;
    clearTimeout(this.#reportTimer);
    this.#reportTimer = setTimeout(() => this.#settle(), REPORT_MS);
    this.#write(WHERE_IS_THE_CURSOR);
  }

  /** After a change of the size: draws anew. @param column where the terminal's cursor is, if it has told */
  #settle(column?: number): void {
    if (this.#reportTimer === undefined) return;
    clearTimeout(this.#reportTimer);
    this.#reportTimer = undefined;
    this.#write(this.#area.clearResized(this.#columns, column));
    this.#draw();
  }

  #write(text: string): void {
    if (text !== "" && this.#isOpen) this.#options.output.write(text);
  }
}
