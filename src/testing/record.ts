import type { RequestOptions, RingkvClient, VersionedValue } from "../client/client.js";
import { type ErrorCode, RingkvError } from "../protocol/errors.js";
import type { OpId } from "../protocol/ids.js";
import type { Del, Get, HistorySink, Operation, Put } from "./history.js";

/** What a client does to keys. */
export type DataClient = Pick<RingkvClient, "get" | "put" | "del">;

/** Codes that leave it open whether an update takes effect; with every other one it certainly does not. */
const LEAVES_OPEN: ReadonlySet<ErrorCode> = new Set(["OUTCOME_UNKNOWN", "INTERNAL"]);

/** What a request ended with, and the operation that it makes in a history. */
export interface Recorded<Result, Made extends Operation> {
  readonly operation: Made;
  /** The request's own result. @throws what it threw */
  readonly settle: () => Result;
}

/** Runs a client's requests and turns each into an operation, which is added to the history when the answer is there. */
export class Recording {
  readonly #name: string;
  readonly #client: DataClient;
  readonly #history: HistorySink;

  /** @param name tells this client from others of the history, for people */
  constructor(name: string, client: DataClient, history: HistorySink) {
    this.#name = name;
    this.#client = client;
    this.#history = history;
  }

  async get(key: string, options?: RequestOptions): Promise<Recorded<VersionedValue | undefined, Get>> {
    const { ended, ...head } = await this.#timed(key, () => this.#client.get(key, options));
    const outcome = (): Get["outcome"] => {
      if (!ended.ok) return { type: "failed", code: ended.code };
      return ended.result === undefined
        ? { type: "not-found" }
        : { type: "found", value: ended.result.value, version: ended.result.opId };
    };
    return this.#record({ kind: "get", ...head, outcome: outcome() }, ended.settle);
  }

  async put(key: string, value: string, options?: RequestOptions): Promise<Recorded<{ readonly opId: OpId }, Put>> {
    const { ended, ...head } = await this.#timed(key, () => this.#client.put(key, value, options));
    const outcome = ended.ok ? ({ type: "done", version: ended.result.opId } as const) : failure(ended.code);
    return this.#record({ kind: "put", value, ...head, outcome }, ended.settle);
  }

  async del(key: string, options?: RequestOptions): Promise<Recorded<{ readonly opId: OpId }, Del>> {
    const { ended, ...head } = await this.#timed(key, () => this.#client.del(key, options));
    const outcome = (): Del["outcome"] => {
      if (ended.ok) return { type: "done", version: ended.result.opId };
      return ended.code === "KEY_NOT_FOUND" ? { type: "not-found" } : failure(ended.code);
    };
    return this.#record({ kind: "del", ...head, outcome: outcome() }, ended.settle);
  }

  async #timed<Result>(key: string, run: () => Promise<Result>) {
    const calledMs = performance.now();
    const ended = await endOf(run);
    return { client: this.#name, key, calledMs, returnedMs: performance.now(), ended };
  }

  #record<Result, Made extends Operation>(operation: Made, settle: () => Result): Recorded<Result, Made> {
    this.#history.push(operation);
    return { operation, settle };
  }
}

/** The same client, but that what it does goes into a history. */
export function recordingClient(name: string, client: DataClient, history: HistorySink): DataClient {
  const recording = new Recording(name, client, history);
  return {
    get: async (key, options) => (await recording.get(key, options)).settle(),
    put: async (key, value, options) => (await recording.put(key, value, options)).settle(),
    del: async (key, options) => (await recording.del(key, options)).settle(),
  };
}

type End<Result> =
  | { readonly ok: true; readonly result: Result; readonly settle: () => Result }
  | { readonly ok: false; readonly code: ErrorCode; readonly settle: () => never };

async function endOf<Result>(run: () => Promise<Result>): Promise<End<Result>> {
  try {
    const result = await run();
    return { ok: true, result, settle: () => result };
  } catch (error) {
    const settle = () => {
      throw error;
    };
    // Whoever stops waiting is told nothing: what they asked for may still happen.
    return { ok: false, code: error instanceof RingkvError ? error.code : "OUTCOME_UNKNOWN", settle };
  }
}

function failure(code: ErrorCode): { readonly type: "failed" | "unknown"; readonly code: ErrorCode } {
  return { type: LEAVES_OPEN.has(code) ? "unknown" : "failed", code };
}
