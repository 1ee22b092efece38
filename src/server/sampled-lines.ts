import { DEFAULTS, LIMITS } from "../protocol/limits.js";

/**
 * Log lines about what happens at every request: so many in an interval, and one line at its end that counts the rest. Ask
 * `mayTell` first: when it says no it has counted the line, and nothing of it need be built.
 */
export class SampledLines {
  readonly #tell: (text: string) => void;
  readonly #what: string;
  #told = 0;
  #leftOut = 0;
  #interval: NodeJS.Timeout | undefined;

  /**
   * @param what the lines are about, in the plural: for the line that counts those left out
   * @param tell takes a line
   */
  constructor(what: string, tell: (text: string) => void) {
    this.#what = what;
    this.#tell = tell;
  }

  /** Whether one more line may be told now. */
  mayTell(): boolean {
    if (this.#told < LIMITS.stepLinesPerIntervalMax) return true;
    this.#leftOut += 1;
    return false;
  }

  tell(text: string): void {
    this.#told += 1;
    this.#interval ??= setTimeout(this.#endInterval, DEFAULTS.stepLinesIntervalMs);
    this.#tell(text);
  }

  /** No interval is open any more; what was left out in it stays untold. */
  close(): void {
    clearTimeout(this.#interval);
    this.#interval = undefined;
    this.#told = 0;
    this.#leftOut = 0;
  }

  readonly #endInterval = (): void => {
    const leftOut = this.#leftOut;
    this.close();
    if (leftOut > 0) this.#tell(`and ${leftOut} more ${this.#what} in ${DEFAULTS.stepLinesIntervalMs} ms`);
  };
}
