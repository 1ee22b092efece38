import { setTimeout as pause } from "node:timers/promises";
import { RingkvError } from "../protocol/errors.js";
import type { ConnectOptions, Connection, Transport } from "../transport/transport.js";
import type { Backoff } from "./backoff.js";

export interface LinkOptions {
  readonly transport: Transport;
  readonly target: Omit<ConnectOptions, "signal">;
  /** The pauses of reconnecting; without it a lost connection stays lost. */
  readonly backoff: Backoff | undefined;
  readonly onUp: (connection: Connection) => void;
  readonly onFrames: (frames: readonly (string | RingkvError)[]) => void;
  /** The connection was lost. Called once after each `onUp`. */
  readonly onDown: (reason: RingkvError) => void;
}

/** The one place that owns connecting: a connection that comes back by itself, until it is closed. */
export class Link {
  readonly #options: LinkOptions;
  readonly #closing = new AbortController();
  #connection: Connection | undefined;
  #dropped: RingkvError | undefined;
  #onGone: (() => void) | undefined;
  #closed: Promise<void> | undefined;

  constructor(options: LinkOptions) {
    this.#options = options;
  }

  /** The connection, while there is one. */
  get connection(): Connection | undefined {
    return this.#connection;
  }

  /** Connects for the first time; a failure is final. @throws RingkvError UNAVAILABLE */
  async open(): Promise<void> {
    const { transport, target, onUp, onFrames } = this.#options;
    const { signal } = this.#closing;
    const connection = await transport.connect(
      { ...target, signal },
      {
        onFrames: (frames) => {
          onFrames(frames);
          // Who is turned away at once, over and over, comes back more and more slowly.
          if (this.#dropped === undefined) this.#options.backoff?.reset();
        },
        onClose: (error) => this.#lost(error),
      },
    );
    if (signal.aborted) {
      connection.destroy();
      signal.throwIfAborted();
    }
    this.#connection = connection;
    onUp(connection);
  }

  /** Gives the present connection up, for this reason; a new one follows as after any loss. */
  drop(reason: RingkvError): void {
    this.#dropped = reason;
    this.#connection?.destroy();
  }

  /** Ends the connection and all attempts; resolves when nothing of it is left. */
  close(): Promise<void> {
    this.#closed ??= new Promise((resolve) => {
      this.#closing.abort();
      if (this.#connection === undefined) {
        resolve();
        return;
      }
      this.#onGone = resolve;
      this.#connection.destroy();
    });
    return this.#closed;
  }

  #lost(error: Error | undefined): void {
    if (this.#connection === undefined) return;
    const { host, port } = this.#options.target;
    const reason =
      this.#dropped ??
      new RingkvError("UNAVAILABLE", `The connection to ${host}:${port} was lost.`, error && { cause: error });
    this.#dropped = undefined;
    this.#connection = undefined;
    this.#options.onDown(reason);
    this.#onGone?.();
    if (this.#options.backoff !== undefined && !this.#closing.signal.aborted)
      void this.#reconnect(this.#options.backoff);
  }

  async #reconnect(backoff: Backoff): Promise<void> {
    while (!this.#isClosing()) {
      try {
        await pause(backoff.next(), undefined, { signal: this.#closing.signal });
        await this.open();
        return;
      } catch (error) {
        // Refused again, or closed meanwhile. Anything else is a fault of ours and surfaces.
        if (!this.#isClosing() && !(error instanceof RingkvError)) throw error;
      }
    }
  }

  /** Read anew after each wait. */
  #isClosing(): boolean {
    return this.#closing.signal.aborted;
  }
}
