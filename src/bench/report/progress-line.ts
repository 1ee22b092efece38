/** Wide enough for every step; what a narrower terminal would wrap is cut. */
const COLUMNS = 100;

/** What a long run is doing: one line that is written over on a terminal, a line for each step elsewhere. */
export class ProgressLine {
  readonly #stream: NodeJS.WriteStream;
  readonly #startedMs = performance.now();
  #last = "";

  constructor(stream: NodeJS.WriteStream) {
    this.#stream = stream;
  }

  /** @param part of the whole that is done, 0 to 1 */
  tell(text: string, part?: number): void {
    const line =
      part === undefined ? text : `${`${Math.floor(part * 100)} %`.padStart(5)}  ${text}${this.#timeLeft(part)}`;
    if (!this.#stream.isTTY) {
      // Of a step that tells how far it is, the beginning.
      const step = text.replace(/: \d+ %$/, "");
      if (step !== this.#last) this.#stream.write(`${step} …\n`);
      this.#last = step;
      return;
    }
    this.#last = line;
    this.#stream.write(`\r\u001b[K${line.slice(0, Math.min(COLUMNS, this.#stream.columns || COLUMNS) - 1)}`);
  }

  /** Takes the line away. */
  end(): void {
    if (this.#stream.isTTY && this.#last !== "") this.#stream.write("\r\u001b[K");
    this.#last = "";
  }

  #timeLeft(part: number): string {
    if (part < 0.02) return "";
    const seconds = ((performance.now() - this.#startedMs) / 1_000) * (1 / part - 1);
    return `, ${seconds < 90 ? `${Math.ceil(seconds)} s` : `${Math.ceil(seconds / 60)} min`} left`;
  }
}
