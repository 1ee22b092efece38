/** How long a message that no one waits for waits for company, in ms. */
const SEND_LATER_MS = 2;
/** So much of one turn does not wait for its end: the peer, often on another core, may begin with it. */
const FULL_CHARS = 16_384;

/**
 * Collects what a connection sends, so that all of one turn of the event loop leaves in one write (in a few, where it is much),
 * and so that messages that no one waits for cost no write of their own.
 */
export class Outbox {
  readonly #write: (bytes: Buffer) => void;
  #text = "";
  /** Something was added that someone waits for: it leaves with the end of this turn. */
  #isDue = false;
  /** A flush is due in a moment; it finds nothing to do when another came first. */
  #later: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(write: (bytes: Buffer) => void) {
    this.#write = write;
  }

  /** A lower bound of the bytes collected. */
  get size(): number {
    return this.#text.length;
  }

  add(line: string): void {
    if (this.#isClosed) return;
    this.#text += line;
    if (this.#text.length >= FULL_CHARS) {
      this.flush();
      return;
    }
    if (this.#isDue) return;
    this.#isDue = true;
    setImmediate(this.#flushAtEndOfTurn);
  }

  addLater(line: string): void {
    if (this.#isClosed) return;
    this.#later ??= setTimeout(this.#flushLater, SEND_LATER_MS);
    this.#text += line;
  }

  flush(): void {
    this.#isDue = false;
    if (this.#text === "") return;
    // As bytes, because a socket counts a string's characters in `writableLength`.
    const bytes = Buffer.from(this.#text);
    this.#text = "";
    this.#write(bytes);
  }

  /** Drops what is collected, and takes no more. */
  close(): void {
    this.#isClosed = true;
    this.#text = "";
    clearTimeout(this.#later);
  }

  readonly #flushAtEndOfTurn = (): void => {
    if (this.#isDue) this.flush();
  };

  readonly #flushLater = (): void => {
    this.#later = undefined;
    this.flush();
  };
}
