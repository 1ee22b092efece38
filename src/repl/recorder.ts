import { type FileHandle, open } from "node:fs/promises";
import { RingkvError } from "../protocol/errors.js";
import { timeMark } from "./script-file.js";

/** Writes what is typed to a file that `source` and `replay` run. */
export class Recorder {
  readonly #file: string;
  readonly #handle: FileHandle;
  readonly #startedMs = performance.now();
  #statements = 0;

  private constructor(file: string, handle: FileHandle) {
    this.#file = file;
    this.#handle = handle;
  }

  /** Makes the file, for its owner alone. @throws RingkvError BAD_REQUEST when it is there already, or cannot be made */
  static async open(file: string): Promise<Recorder> {
    try {
      return new Recorder(file, await open(file, "wx", 0o600));
    } catch (error) {
      const code = error instanceof Error && "code" in error ? String(error.code) : "unknown error";
      throw new RingkvError("BAD_REQUEST", `${file} cannot be made: ${code}.`, { cause: error });
    }
  }

  /** Adds a statement; the command that ends the recording is none. */
  async add(statement: string): Promise<void> {
    if (/^\s*record\s/.test(statement)) return;
    this.#statements += 1;
    await this.#handle.appendFile(`${timeMark(performance.now() - this.#startedMs)}\n${statement}\n`);
  }

  /** Closes the file; what to tell people. */
  async close(): Promise<string> {
    await this.#handle.close();
    return `${this.#statements} statements in ${this.#file}`;
  }
}
