import { StatusClient, type StatusClientOptions } from "../../client/status-client.js";
import { RingkvError } from "../../protocol/errors.js";

/** A connection to the master's status port that outlives the master: a lost one is made again when it is needed. */
export class MasterStatus {
  readonly #options: StatusClientOptions;
  readonly #closed: AbortSignal;
  #kept: Promise<StatusClient> | undefined;

  /** @param closed from then on its reason is the answer to everything */
  constructor(options: StatusClientOptions, closed: AbortSignal) {
    this.#options = options;
    this.#closed = closed;
  }

  /**
   * Asks the master that serves now.
   * @throws RingkvError UNAVAILABLE when there is none, and what `ask` throws
   */
  async ask<Result>(ask: (status: StatusClient) => Promise<Result>): Promise<Result> {
    this.#closed.throwIfAborted();
    const kept = this.#kept;
    if (kept !== undefined) {
      try {
        return await ask(await kept);
      } catch (error) {
        // UNAVAILABLE tells that nothing was done, so a new connection gets a second try.
        if (!(error instanceof RingkvError) || error.code !== "UNAVAILABLE") throw error;
        await kept.then((status) => status.close()).catch(() => undefined);
        this.#closed.throwIfAborted();
      }
    }
    const connecting = StatusClient.connect({ ...this.#options, signal: this.#closed });
    this.#kept = connecting;
    connecting.catch(() => (this.#kept = undefined));
    return ask(await connecting);
  }

  /** Ends the connection. */
  async close(): Promise<void> {
    const status = await this.#kept?.catch(() => undefined);
    await status?.close();
  }
}
