/** A daemon that serves. */
export interface RunningDaemon<Ready> {
  /** Where it listens and who it is: the one line that it prints on stdout. */
  readonly ready: Ready;
  /** Stops it cleanly; a second call waits for the first. */
  stop(): Promise<void>;
  /** Resolves when it has stopped; rejects with the reason (a RingkvError) when it had to stop by itself. */
  readonly stopped: Promise<void>;
}

/** The one way to an end that a daemon takes, asked for or forced. */
export class Ending {
  readonly stopped: Promise<void>;
  readonly #close: () => Promise<void>;
  #closing: Promise<void> | undefined;
  #resolve: () => void = () => undefined;
  #reject: (reason: Error) => void = () => undefined;

  constructor(close: () => Promise<void>) {
    this.#close = close;
    this.stopped = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    // Whoever awaits it hears of it; a daemon that nobody awaits must not take the process down twice.
    this.stopped.catch(() => undefined);
  }

  /** Closes everything; what goes wrong on the way shows in `stopped`. */
  async stop(): Promise<void> {
    this.#closing ??= this.#close();
    await this.#closing.then(this.#resolve, this.#reject);
  }

  /** The daemon cannot go on: closes what it can and gives the reason. */
  fail(reason: Error): void {
    this.#closing ??= this.#close();
    this.#closing.then(
      () => this.#reject(reason),
      () => this.#reject(reason),
    );
  }
}
