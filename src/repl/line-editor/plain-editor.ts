import type { Readable, Writable } from "node:stream";
import { StringDecoder } from "node:string_decoder";
import { AnswerStream } from "./answer-stream.js";
import type { Piece } from "./cells.js";
import type { Editor, EditorEvents, SplitStatements } from "./editor.js";

export interface PlainEditorOptions extends EditorEvents {
  readonly input: Readable;
  readonly output: Writable;
  readonly statements: SplitStatements;
}

/**
 * Lines from a terminal that can do no more than print (`TERM=dumb`): its own line discipline edits and echoes them, and nothing
 * but text is ever written.
 */
export class PlainEditor implements Editor {
  readonly #options: PlainEditorOptions;
  readonly #utf8 = new StringDecoder("utf8");
  #prompt = "";
  /** What was entered of a statement that is not whole yet. */
  #lines = "";
  #rest = "";
  #isBusy = false;
  #isOpen = false;

  constructor(options: PlainEditorOptions) {
    this.#options = options;
  }

  open(): void {
    const { input, onEnd } = this.#options;
    this.#isOpen = true;
    input.on("data", this.#onData).once("end", onEnd).resume();
    process.on("SIGINT", this.#onInterrupt);
    this.#showPrompt();
  }

  setPrompt(prompt: readonly Piece[]): void {
    this.#prompt = prompt.map(({ text }) => text).join("");
  }

  tell(text: string): void {
    this.#write(this.#isOpen && !this.#isBusy ? `\n${text}\n` : `${text}\n`);
    this.#showPrompt();
  }

  answers(): Writable {
    return new AnswerStream((_, text, done) => this.#options.output.write(text, done));
  }

  begin(): void {
    // The terminal has shown it while it was typed.
  }

  setBusy(isBusy: boolean): void {
    const wasBusy = this.#isBusy;
    this.#isBusy = isBusy;
    if (wasBusy) this.#showPrompt();
  }

  abandon(note: string): void {
    this.#lines = "";
    this.#rest = "";
    this.#write(`${note}\n`);
    this.#showPrompt();
  }

  close(): void {
    if (!this.#isOpen) return;
    if (!this.#isBusy) this.#write("\n");
    this.#isOpen = false;
    this.#options.input.off("data", this.#onData).off("end", this.#options.onEnd).pause();
    process.off("SIGINT", this.#onInterrupt);
  }

  readonly #onData = (chunk: Uint8Array | string): void => {
    const lines = (this.#rest + (typeof chunk === "string" ? chunk : this.#utf8.write(Buffer.from(chunk)))).split(
      /\r?\n/,
    );
    this.#rest = lines.pop() ?? "";
    for (const line of lines) this.#enter(line);
  };

  readonly #onInterrupt = (): void => {
    this.#options.onInterrupt(this.#lines + this.#rest);
  };

  #enter(line: string): void {
    const text = this.#lines + line;
    const statements = this.#options.statements(text);
    this.#lines = statements === undefined ? `${text}\n` : "";
    if (statements === undefined || statements.length === 0) this.#showPrompt();
    for (const statement of statements ?? []) this.#options.onStatement(statement);
  }

  #showPrompt(): void {
    if (!this.#isOpen || this.#isBusy) return;
    this.#write(this.#lines === "" ? this.#prompt : "...> ".padStart(this.#prompt.length));
  }

  #write(text: string): void {
    this.#options.output.write(text);
  }
}
