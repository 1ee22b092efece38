import type { RingkvClient } from "../client/client.js";
import { RingkvError } from "../protocol/errors.js";
import type { Del, Get, HistorySink, Operation, Put } from "./history.js";
import { type Recorded, Recording } from "./record.js";

/** A client whose every operation goes into a history. Refusals are outcomes here, and not thrown. */
export class RecordedClient {
  readonly #client: RingkvClient;
  readonly #recording: Recording;

  /**
   * @param name tells this client from others of the history, for people
   * @param history what is recorded is added to it when the answer is there
   */
  constructor(name: string, client: RingkvClient, history: HistorySink) {
    this.#client = client;
    this.#recording = new Recording(name, client, history);
  }

  async get(key: string): Promise<Get> {
    return operationOf(await this.#recording.get(key));
  }

  async put(key: string, value: string): Promise<Put> {
    return operationOf(await this.#recording.put(key, value));
  }

  async del(key: string): Promise<Del> {
    return operationOf(await this.#recording.del(key));
  }

  close(): Promise<void> {
    return this.#client.close();
  }
}

/** @throws what is no refusal of the store */
function operationOf<Made extends Operation>({ operation, settle }: Recorded<unknown, Made>): Made {
  try {
    settle();
  } catch (error) {
    if (!(error instanceof RingkvError)) throw error;
  }
  return operation;
}
