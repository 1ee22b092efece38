import { appendFile, mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join } from "node:path";

/** Lines that a history keeps. */
const HISTORY_LINES_MAX = 10_000;

/**
 * The lines typed at the prompt, kept from session to session: each line once, at its newest place.
 *
 * Sessions only append, so several at once lose nothing; loading drops the repeats and shortens a file that has grown to
 * twice the limit. A newline inside an entry is written as `\n`, a backslash as `\\`. The file is for its owner alone
 * (0600): values are typed here.
 */
export class History {
  readonly #file: string;
  #entries: readonly string[];
  /** Appends come one after the other, in the order of the entries. */
  #appended: Promise<void> = Promise.resolve();

  private constructor(file: string, entries: readonly string[]) {
    this.#file = file;
    this.#entries = entries;
  }

  /** @throws the system's error when the file is there and cannot be read */
  static async load(file: string, linesMax = HISTORY_LINES_MAX): Promise<History> {
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    const lines = (await readIfThere(file)).split("\n").filter((line) => line !== "");
    const entries = newestOfEach(lines).slice(-linesMax);
    if (lines.length > 2 * linesMax) {
      const shortened = `${file}.${process.pid.toString()}.tmp`;
      await writeFile(shortened, entries.map((line) => `${line}\n`).join(""), { mode: 0o600 });
      await rename(shortened, file);
    }
    return new History(file, entries.map(decode));
  }

  /** The entries, oldest first. */
  get entries(): readonly string[] {
    return this.#entries;
  }

  /** Keeps a line, at once for `entries`; resolves when it is in the file. Blank ones and repeats of the newest are no news. */
  add(line: string): Promise<void> {
    if (line.trim() === "" || line === this.#entries.at(-1)) return Promise.resolve();
    this.#entries = [...this.#entries.filter((entry) => entry !== line), line];
    const appended = this.#appended.then(() => appendFile(this.#file, `${encode(line)}\n`, { mode: 0o600 }));
    this.#appended = appended.catch(() => undefined);
    return appended;
  }

  /** Resolves when all lines are in the file that could be written. */
  written(): Promise<void> {
    return this.#appended;
  }
}

/** `$XDG_STATE_HOME/ringkv/history`, by default in ~/.local/state (XDG Base Directory Specification). */
export function historyFile(env: Readonly<Record<string, string | undefined>> = process.env): string {
  const stateHome = env["XDG_STATE_HOME"];
  // The specification tells us to ignore a relative path.
  const base = stateHome?.startsWith("/") ? stateHome : join(homedir(), ".local", "state");
  return join(base, "ringkv", "history");
}

/** The person's history, or why there is none: a prompt without history is better than no prompt. */
export async function loadHistory(): Promise<{ readonly history?: History; readonly trouble?: string }> {
  try {
    return { history: await History.load(historyFile()) };
  } catch (error) {
    return { trouble: error instanceof Error ? error.message : "unknown error" };
  }
}

async function readIfThere(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return "";
    throw error;
  }
}

function newestOfEach(lines: readonly string[]): string[] {
  return [...new Set(lines.toReversed())].reverse();
}

function encode(line: string): string {
  return line.replaceAll("\\", "\\\\").replaceAll("\n", "\\n").replaceAll("\r", "\\r");
}

function decode(line: string): string {
  return line.replaceAll(/\\([\\nr])/g, (_, letter: string) => (letter === "n" ? "\n" : letter === "r" ? "\r" : "\\"));
}
