import { setMaxListeners } from "node:events";
import { RingkvError } from "../protocol/errors.js";
import { encodeFrame } from "../protocol/framing.js";
import { LIMITS } from "../protocol/limits.js";
import type { Connection } from "../transport/transport.js";

/** How one request is to be treated. */
export interface CallOptions<Answer, Result> {
  /** True when the request changes something: once sent it is never sent again. False: it may be sent any number of times. */
  readonly update: boolean;
  /** The result, or the failure that the answer tells. @throws RingkvError when the answer is malformed */
  readonly read: (answer: Answer) => Result | RingkvError;
  readonly signal?: AbortSignal | undefined;
}

export interface CallTableOptions {
  /** How long a call waits for its answer, the wait for a connection included, in ms. */
  readonly timeoutMs: number;
  /** The peer said nothing at all between a request and its timeout. */
  readonly onSilence: () => void;
}

interface Call<Answer> {
  readonly id: number;
  readonly line: string;
  readonly update: boolean;
  readonly deadline: number;
  /** Messages heard before it was sent. */
  heardBefore: number;
  /** Takes the answer. @throws RingkvError when it is malformed; the call then goes on waiting */
  readonly accept: (answer: Answer) => void;
  readonly fail: (reason: unknown) => void;
  /** Lets go of the caller's signal, where there is one. */
  release: (() => void) | undefined;
}

/**
 * The requests of one client from their call to their end, across connections: sent by numeric id, any number at a time,
 * answered in any order.
 *
 * A call is *waiting* (not sent: no connection, or the window of calls in flight is full) or *in flight*. Only what is in
 * flight can have an unknown outcome. When the connection is lost, updates in flight end with OUTCOME_UNKNOWN and reads go
 * back to the front of the waiting ones. Both collections stay in the order of the calls, so their first members are the
 * oldest, and one timer serves them all.
 */
export class CallTable<Answer> {
  readonly #timeoutMs: number;
  readonly #onSilence: () => void;
  #connection: Connection | undefined;
  #waiting = new Set<Call<Answer>>();
  readonly #inFlight = new Map<number, Call<Answer>>();
  #nextId = 1;
  #heard = 0;
  #timer: NodeJS.Timeout | undefined;
  /** Why there is no connection: the cause of what fails meanwhile. */
  #lost: unknown;
  #closed: RingkvError | undefined;

  constructor(options: CallTableOptions) {
    this.#timeoutMs = options.timeoutMs;
    this.#onSilence = options.onSilence;
  }

  /**
   * Makes a request; its promise ends with the answer, the timeout, the signal or the table's close.
   *
   * @throws RingkvError UNAVAILABLE without a connection; TIMEOUT when the peer did not answer, or was not asked in time;
   *   OUTCOME_UNKNOWN for an update that was sent and not answered; OVERLOADED when too many calls wait; and the signal's
   *   reason
   */
  call<Result>(message: object, { update, read, signal }: CallOptions<Answer, Result>): Promise<Result> {
    if (this.#closed !== undefined) return Promise.reject(this.#closed);
    if (this.#waiting.size >= LIMITS.clientCallsWaitingMax) return Promise.reject(new RingkvError("OVERLOADED"));
    return new Promise((resolve, reject) => {
      signal?.throwIfAborted();
      const id = this.#nextId++;
      const call: Call<Answer> = {
        id,
        line: encodeFrame({ ...message, id }),
        update,
        deadline: performance.now() + this.#timeoutMs,
        heardBefore: 0,
        accept: (answer) => {
          const result = read(answer);
          if (result instanceof RingkvError) reject(result);
          else resolve(result);
        },
        fail: reject,
        release: undefined,
      };
      if (signal !== undefined) {
        // One signal may end any number of calls, which is no leak: each takes its listener away again.
        setMaxListeners(0, signal);
        const onAbort = () => this.#fail(call, signal.reason);
        signal.addEventListener("abort", onAbort, { once: true });
        call.release = () => signal.removeEventListener("abort", onAbort);
      }
      this.#waiting.add(call);
      this.#sendWaiting();
      // What keeps the process up is the connection, or the attempts to get one.
      this.#timer ??= setTimeout(this.#expire, this.#timeoutMs).unref();
    });
  }

  /** There is a connection: what waits is sent. */
  attach(connection: Connection): void {
    this.#connection = connection;
    this.#sendWaiting();
  }

  /**
   * The connection is lost, or given up as `fail` says where asking again would bring the same trouble. Later
   * calls wait for the next one. `refused`: the peer has taken nothing from us, so updates have had no effect either.
   */
  detach(reason: RingkvError, fate: "retry" | "fail" | "refused"): void {
    this.#connection = undefined;
    this.#lost = reason;
    const again = new Set<Call<Answer>>();
    for (const call of this.#inFlight.values()) {
      if (fate === "refused") this.#fail(call, reason);
      else if (call.update) this.#fail(call, outcomeUnknown("the connection was lost before the answer came", reason));
      else if (fate === "fail") this.#fail(call, reason);
      else again.add(call);
    }
    this.#inFlight.clear();
    if (again.size > 0) this.#waiting = new Set([...again, ...this.#waiting]);
  }

  /** The peer said something, whatever it was. */
  heard(): void {
    this.#heard++;
  }

  /**
   * Gives an answer to its call; an id that nobody waits for any more is ignored.
   * @throws RingkvError when the answer is malformed; its call is then still in flight
   */
  answer(id: number, answer: Answer): void {
    const call = this.#inFlight.get(id);
    if (call === undefined) return;
    call.accept(answer);
    this.#remove(call);
    this.#sendWaiting();
  }

  /** Ends every call; later ones are refused. */
  close(reason: RingkvError): void {
    this.#closed = reason;
    this.detach(reason, "fail");
    for (const call of this.#waiting) this.#fail(call, reason);
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #sendWaiting(): void {
    const connection = this.#connection;
    if (connection === undefined) return;
    for (const call of this.#waiting) {
      if (this.#inFlight.size >= LIMITS.requestsInFlightMax) return;
      this.#waiting.delete(call);
      this.#inFlight.set(call.id, call);
      call.heardBefore = this.#heard;
      connection.sendLine(call.line);
    }
  }

  #remove(call: Call<Answer>): void {
    call.release?.();
    this.#inFlight.delete(call.id);
    this.#waiting.delete(call);
  }

  #fail(call: Call<Answer>, reason: unknown): void {
    this.#remove(call);
    call.fail(reason);
    this.#sendWaiting();
  }

  readonly #expire = (): void => {
    const now = performance.now();
    // First those who wait, so that none of them is sent in the place of one that ends here.
    for (const call of this.#waiting) {
      if (call.deadline > now) break;
      this.#fail(call, this.#notSent());
    }
    let silent = false;
    for (const call of this.#inFlight.values()) {
      if (call.deadline > now) break;
      silent ||= call.heardBefore === this.#heard;
      const late = `no answer in ${this.#timeoutMs} ms`;
      this.#fail(call, call.update ? outcomeUnknown(late) : new RingkvError("TIMEOUT", `There was ${late}.`));
    }
    const deadlines = [...first(this.#inFlight.values()), ...first(this.#waiting)].map(({ deadline }) => deadline);
    this.#timer =
      deadlines.length === 0 ? undefined : setTimeout(this.#expire, Math.max(1, Math.min(...deadlines) - now)).unref();
    if (silent) this.#onSilence();
  };

  #notSent(): RingkvError {
    return this.#connection === undefined
      ? new RingkvError("UNAVAILABLE", `There was no connection in ${this.#timeoutMs} ms.`, { cause: this.#lost })
      : new RingkvError("TIMEOUT", `It was not this request's turn in ${this.#timeoutMs} ms; it was not sent.`);
  }
}

function outcomeUnknown(why: string, cause?: unknown): RingkvError {
  return new RingkvError("OUTCOME_UNKNOWN", `The request may or may not take effect: ${why}.`, { cause });
}

/** The first member, where there is one. */
function first<Value>(values: Iterable<Value>): Value[] {
  for (const value of values) return [value];
  return [];
}
