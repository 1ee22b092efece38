import { RingkvError } from "../protocol/errors.js";
import type { StatusClient } from "./status-client.js";

/** A connection to the master's status port that outlives the master: a lost one is made again when it is needed. */
export class MasterStatus {
  readonly #connect: () => Promise<StatusClient>;
  readonly #closed: AbortSignal | undefined;
  #kept: Promise<StatusClient> | undefined;

  /**
   * @param connect connects to the master that serves now
   * @param closed from then on its reason is the answer to everything
   */
  constructor(connect: () => Promise<StatusClient>, closed?: AbortSignal) {
    this.#connect = connect;
    this.#closed = closed;
  }

  /**
   * Asks the master that serves now.
   * @throws RingkvError UNAVAILABLE when there is none, and what `ask` throws
   */
  async ask<Result>(ask: (status: StatusClient) => Promise<Result>): Promise<Result> {
    this.#closed?.throwIfAborted();
    const kept = this.#kept;
    if (kept !== undefined) {
      try {
        return await ask(await kept);
      } catch (error) {
        // UNAVAILABLE tells that nothing was done, so a new connection gets a second try.
        if (!(error instanceof RingkvError) || error.code !== "UNAVAILABLE") throw error;
        await kept.then((status) => status.close()).catch(() => undefined);
        this.#closed?.throwIfAborted();
      }
    }
    const connecting = this.#connect();
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
