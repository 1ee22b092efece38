import type { Writable } from "node:stream";
import type { Piece } from "./cells.js";

/** What a prompt needs to talk with a person: a line to type in, and a place for answers and news. */
export interface Editor {
  /** Shows the prompt and begins to read. */
  open(): void;
  /** Another prompt from now on; what is typed stays. */
  setPrompt(prompt: readonly Piece[]): void;
  /** Prints a line above what is typed. */
  tell(text: string): void;
  /** A stream for the answers of one command at a time. */
  answers(): Writable;
  /** A statement begins to run: it is shown behind the prompt, and its answers come below. */
  begin(statement: string): void;
  /** Whether statements run, and which wait for their turn. The line is out of the way then, until something is typed. */
  setBusy(isBusy: boolean, waiting: readonly string[]): void;
  /** Gives up the line that is typed; it stays to be seen with `^C`, and a note, behind it. */
  abandon(note: string): void;
  /** Gives the terminal back; any number of calls. */
  close(): void;
}

/** What a person does at an editor. */
export interface EditorEvents {
  /** A whole statement was entered. */
  readonly onStatement: (statement: string) => void;
  /** Ctrl-C. @param text what is typed */
  readonly onInterrupt: (text: string) => void;
  /** Ctrl-D on an empty line, or the input has ended. */
  readonly onEnd: () => void;
}

/** The whole statements that a text is; undefined while its last one is not whole. */
export type SplitStatements = (text: string) => readonly string[] | undefined;
