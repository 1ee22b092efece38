import type { Operation } from "../load/request-source.js";

/** What a client keeps of the requests under way. */
export interface SentRequests {
  /** Of the request that was taken last. */
  readonly operation: Operation;
  readonly startMs: number;
  add(operation: Operation, startMs: number): void;
  /** Takes the request that was answered: the oldest, or the one of that number. */
  take(request: number | undefined): void;
}

/** Answers come in the order of the requests: a ring, without an allocation for each. */
export class SentInOrder implements SentRequests {
  readonly #starts: Float64Array;
  readonly #operations: Operation[];
  #first = 0;
  #count = 0;
  operation: Operation = "get";
  startMs = 0;

  /** @param depth the most that are under way */
  constructor(depth: number) {
    this.#starts = new Float64Array(depth);
    this.#operations = Array.from({ length: depth }, () => "get" as const);
  }

  add(operation: Operation, startMs: number): void {
    const at = (this.#first + this.#count++) % this.#starts.length;
    this.#starts[at] = startMs;
    this.#operations[at] = operation;
  }

  take(): void {
    this.operation = this.#operations[this.#first] ?? "get";
    this.startMs = this.#starts[this.#first] ?? 0;
    this.#first = (this.#first + 1) % this.#starts.length;
    this.#count--;
  }
}

/** Answers overtake each other, and name the number of their request. */
export class SentInAnyOrder implements SentRequests {
  readonly #sent = new Map<number, { readonly operation: Operation; readonly startMs: number }>();
  #next = 0;
  operation: Operation = "get";
  startMs = 0;

  add(operation: Operation, startMs: number): void {
    this.#sent.set(this.#next++, { operation, startMs });
  }

  take(request = -1): void {
    const sent = this.#sent.get(request);
    if (sent === undefined) throw new TypeError(`there is no request ${request}`);
    this.#sent.delete(request);
    ({ operation: this.operation, startMs: this.startMs } = sent);
  }
}
