import type { SlaveId } from "../../protocol/ids.js";
import type { LogLevel } from "../../protocol/messages.js";

/** Whose line it is: a slave's, the master's, or the monitor's own (what its keys and commands did). */
export type LogSource = SlaveId | "master" | "monitor";

export interface LogLine {
  /** Its place in the order in which the monitor heard lines; rises by one. */
  readonly seq: number;
  /** ms since 1970. */
  readonly time: number;
  readonly source: LogSource;
  readonly level: LogLevel;
  readonly text: string;
}

export const LOG_LEVELS = ["debug", "info", "warn", "error"] as const satisfies readonly LogLevel[];

/** Lines that the monitor keeps; the oldest go first. */
export const LOG_LINES_MAX = 10_000;

/** The newest log lines of all sources, oldest first. Immutable. */
export interface LogBuffer {
  readonly lines: readonly LogLine[];
  /** The number of the next line. */
  readonly nextSeq: number;
}

export const NO_LOGS: LogBuffer = { lines: [], nextSeq: 0 };

/** The buffer with more lines behind; one copy for all of them. */
export function withLines(buffer: LogBuffer, added: readonly Omit<LogLine, "seq">[]): LogBuffer {
  if (added.length === 0) return buffer;
  let { nextSeq } = buffer;
  const lines = [...buffer.lines, ...added.map((line) => ({ seq: nextSeq++, ...line }))];
  // Dropped in blocks, so that a full buffer does not move all its lines each time.
  return { lines: lines.length > LOG_LINES_MAX * 1.1 ? lines.slice(-LOG_LINES_MAX) : lines, nextSeq };
}

/** The index of the line with this number, or of the first newer one. */
export function indexOfSeq({ lines }: LogBuffer, seq: number): number {
  const first = lines[0]?.seq ?? seq;
  return Math.min(Math.max(0, seq - first), lines.length);
}
