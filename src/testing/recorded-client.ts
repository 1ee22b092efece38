import type { RingkvClient } from "../client/client.js";
import { type ErrorCode, RingkvError } from "../protocol/errors.js";
import type { Del, Get, HistorySink, Operation, Put } from "./history.js";

/** Codes that leave it open whether an update takes effect; with every other one it certainly does not. */
const LEAVES_OPEN: ReadonlySet<ErrorCode> = new Set(["OUTCOME_UNKNOWN", "INTERNAL"]);

/** A client whose every operation goes into a history. Refusals are outcomes here, and not thrown. */
export class RecordedClient {
  readonly #name: string;
  readonly #client: RingkvClient;
  readonly #history: HistorySink;

  /**
   * @param name tells this client from others of the history, for people
   * @param history what is recorded is added to it when the answer is there
   */
  constructor(name: string, client: RingkvClient, history: HistorySink) {
    this.#name = name;
    this.#client = client;
    this.#history = history;
  }

  async get(key: string): Promise<Get> {
    const outcome = async (): Promise<Get["outcome"]> => {
      try {
        const found = await this.#client.get(key);
        return found === undefined ? { type: "not-found" } : { type: "found", value: found.value, version: found.opId };
      } catch (error) {
        return { type: "failed", code: codeOf(error) };
      }
    };
    return this.#record({ kind: "get", ...(await this.#timed(key, outcome)) });
  }

  async put(key: string, value: string): Promise<Put> {
    const outcome = async (): Promise<Put["outcome"]> => {
      try {
        return { type: "done", version: (await this.#client.put(key, value)).opId };
      } catch (error) {
        return failureOf(error);
      }
    };
    return this.#record({ kind: "put", value, ...(await this.#timed(key, outcome)) });
  }

  async del(key: string): Promise<Del> {
    const outcome = async (): Promise<Del["outcome"]> => {
      try {
        return { type: "done", version: (await this.#client.del(key)).opId };
      } catch (error) {
        return codeOf(error) === "KEY_NOT_FOUND" ? { type: "not-found" } : failureOf(error);
      }
    };
    return this.#record({ kind: "del", ...(await this.#timed(key, outcome)) });
  }

  close(): Promise<void> {
    return this.#client.close();
  }

  async #timed<Outcome>(key: string, outcomeOf: () => Promise<Outcome>) {
    const calledMs = performance.now();
    const outcome = await outcomeOf();
    return { client: this.#name, key, calledMs, returnedMs: performance.now(), outcome };
  }

  #record<Recorded extends Operation>(operation: Recorded): Recorded {
    this.#history.push(operation);
    return operation;
  }
}

function codeOf(error: unknown): ErrorCode {
  if (!(error instanceof RingkvError)) throw error;
  return error.code;
}

function failureOf(error: unknown): { readonly type: "failed" | "unknown"; readonly code: ErrorCode } {
  const code = codeOf(error);
  return { type: LEAVES_OPEN.has(code) ? "unknown" : "failed", code };
}
