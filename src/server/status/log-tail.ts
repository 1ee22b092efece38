import { LIMITS } from "../../protocol/limits.js";
import type { SlaveId } from "../../protocol/ids.js";
import type { LoggedLine } from "../../protocol/messages.js";
import { utf8Length } from "../../protocol/text.js";

/** Whose lines: a slave's, or the master's own. */
export type LogSource = SlaveId | "master";

/** The newest log lines of the master and of each slave. */
export class LogTail {
  readonly #lines = new Map<LogSource, LoggedLine[]>();

  add(line: LoggedLine): void {
    const source = line.slave ?? "master";
    const lines = this.#lines.get(source) ?? [];
    this.#lines.set(source, lines);
    lines.push(line);
    // Dropped in blocks, so that a full tail does not move all its lines for each new one.
    if (lines.length > LIMITS.logLinesKept * 1.25) lines.splice(0, lines.length - LIMITS.logLinesKept);
    // While a ring forms, any number of slaves may come and go.
    const [first] = this.#lines.keys();
    if (this.#lines.size > LIMITS.slavesMax + 1 && first !== undefined) this.#lines.delete(first);
  }

  /**
   * The newest lines, oldest first: merged by their times, those of one source in the order they came.
   *
   * @param limit lines at most
   * @param bytesMax their size as JSON at most; of more, the newest that fit
   * @param source left out: all
   */
  newest(limit: number, bytesMax: number, source?: LogSource): LoggedLine[] {
    const chosen = source === undefined ? [...this.#lines.values()] : [this.#lines.get(source) ?? []];
    const tails = chosen.map((lines) => ({ lines, end: lines.length }));
    const newest: LoggedLine[] = [];
    let bytes = 0;
    while (newest.length < limit) {
      let latest: { line: LoggedLine; tail: { end: number } } | undefined;
      for (const tail of tails) {
        const line = tail.lines[tail.end - 1];
        if (line !== undefined && (latest === undefined || line.time > latest.line.time)) latest = { line, tail };
      }
      if (latest === undefined) break;
      bytes += utf8Length(JSON.stringify(latest.line)) + 1;
      if (bytes > bytesMax) break;
      latest.tail.end -= 1;
      newest.push(latest.line);
    }
    return newest.reverse();
  }
}
