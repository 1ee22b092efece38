import type { LogLevel } from "../protocol/messages.js";
import { printable } from "./quoted-key.js";

/** Where a daemon's log lines go: its stderr, and for a slave the master's feed too. */
export type Log = (level: LogLevel, text: string) => void;

/** Writes lines as `2026-01-31T12:00:00.000Z info text` to stderr; one line each, and nothing in it acts on a terminal. */
export function stderrLog(level: LogLevel, text: string): void {
  process.stderr.write(`${new Date().toISOString()} ${level.padEnd(5)} ${printable(text)}\n`);
}
