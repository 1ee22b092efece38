import { readFile } from "node:fs/promises";
import { RingkvError } from "../protocol/errors.js";
import { StatementReader } from "./statement-reader.js";

/** A statement of a script file. */
export interface ScriptStatement {
  readonly statement: string;
  /** The line of the file that it starts at, from 1. */
  readonly line: number;
  /** When it was typed, in ms since the recording began; undefined in a script that nobody recorded. */
  readonly atMs: number | undefined;
  /** The same of the statement before. */
  readonly beforeMs: number | undefined;
}

/** The comment that a recording puts before a statement. */
export function timeMark(ms: number): string {
  return `# at ${(ms / 1_000).toFixed(3)} s`;
}

const TIME_MARK = /^# at ([0-9]+\.[0-9]{3}) s$/;

/** Reads a script file. @throws RingkvError BAD_REQUEST when it cannot be read */
export async function readScript(file: string): Promise<readonly ScriptStatement[]> {
  try {
    return parseScript(await readFile(file, "utf8"));
  } catch (error) {
    if (!(error instanceof Error) || !("code" in error)) throw error;
    throw new RingkvError("BAD_REQUEST", `${file} cannot be read: ${String(error.code)}.`, { cause: error });
  }
}

/** The statements of a script, without comments and empty lines. */
export function parseScript(text: string): readonly ScriptStatement[] {
  const statements: ScriptStatement[] = [];
  const reader = new StatementReader();
  let start = 1;
  let atMs: number | undefined;
  let beforeMs: number | undefined;
  const take = (statement: string | undefined) => {
    if (statement === undefined || /^\s*(?:#|$)/.test(statement)) return;
    statements.push({ statement, line: start, atMs, beforeMs });
    beforeMs = atMs;
    atMs = undefined;
  };
  for (const [index, raw] of text.split("\n").entries()) {
    const line = raw.endsWith("\r") ? raw.slice(0, -1) : raw;
    if (!reader.isOpen) {
      start = index + 1;
      const [, seconds] = TIME_MARK.exec(line) ?? [];
      if (seconds !== undefined) atMs = Number(seconds) * 1_000;
    }
    take(reader.push(line));
  }
  take(reader.cancel());
  return statements;
}
