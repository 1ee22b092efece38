import { LIMITS } from "../../protocol/limits.js";
import type { SlaveId } from "../../protocol/ids.js";
import type { LogLevel, Snapshot } from "../../protocol/messages.js";

export interface SlaveLogLine {
  readonly slave: SlaveId;
  readonly time: number;
  readonly level: LogLevel;
  readonly text: string;
}

/** The newest log lines of each slave. */
export class LogTail {
  readonly #lines = new Map<SlaveId, SlaveLogLine[]>();

  add(line: SlaveLogLine): void {
    const lines = this.#lines.get(line.slave) ?? [];
    this.#lines.set(line.slave, lines);
    lines.push(line);
    // Dropped in blocks, so that a full tail does not move all its lines for each new one.
    if (lines.length > LIMITS.logLinesKept * 1.25) lines.splice(0, lines.length - LIMITS.logLinesKept);
  }

  /** The newest lines of all slaves, oldest first. */
  newest(count: number): Snapshot["logs"] {
    return [...this.#lines.values()]
      .flatMap((lines) => lines.slice(-count))
      .sort((left, right) => left.time - right.time)
      .slice(-count);
  }
}
