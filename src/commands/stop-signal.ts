const STOP_SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/**
 * Waits for someone who wants this process to stop: SIGINT, SIGTERM or SIGHUP, or `request`. Stopping in good order is
 * bounded: a second SIGINT, or `limitMs`, ends the process at once.
 */
export class StopSignal {
  /** Resolves with the first wish to stop. */
  readonly requested: Promise<void>;
  readonly #limitMs: number;
  readonly #onHangup: (() => void) | undefined;
  #resolve: () => void = () => undefined;
  #requested = false;
  #limit: NodeJS.Timeout | undefined;

  /**
   * @param limitMs from the first wish to the hard exit
   * @param onHangup takes SIGHUP, which then is no wish to stop
   */
  constructor(limitMs: number, onHangup?: () => void) {
    this.#limitMs = limitMs;
    this.#onHangup = onHangup;
    this.requested = new Promise((resolve) => (this.#resolve = resolve));
    for (const signal of STOP_SIGNALS) process.on(signal, this.#onSignal);
  }

  get isRequested(): boolean {
    return this.#requested;
  }

  readonly request = (): void => {
    if (this.#requested) return;
    this.#requested = true;
    this.#limit = setTimeout(exitHard, this.#limitMs).unref();
    this.#resolve();
  };

  /** All has stopped: gives the signals their usual meaning back. */
  dispose(): void {
    clearTimeout(this.#limit);
    for (const signal of STOP_SIGNALS) process.off(signal, this.#onSignal);
  }

  readonly #onSignal = (signal: NodeJS.Signals): void => {
    if (signal === "SIGHUP" && this.#onHangup !== undefined) {
      this.#onHangup();
      return;
    }
    if (this.#requested && signal === "SIGINT") exitHard();
    this.request();
  };
}

function exitHard(): never {
  process.exit(1);
}
