import type { z } from "zod";
import { type ErrorCode, RingkvError } from "../protocol/errors.js";
import { LIMITS } from "../protocol/limits.js";
import { type RequestId, decodeMessage } from "../protocol/messages.js";
import type { Address, Transport } from "../transport/transport.js";
import type { Backoff } from "./backoff.js";
import { type CallOptions, CallTable } from "./call-table.js";
import { Link } from "./link.js";

export interface ChannelOptions<Schema extends z.ZodType> extends Address {
  readonly transport: Transport;
  readonly requestTimeoutMs: number;
  readonly connectTimeoutMs: number;
  /** The pauses of reconnecting; without it the channel ends with its connection. */
  readonly backoff: Backoff | undefined;
  /** What the server may say. */
  readonly schema: Schema;
  /** The id of the request that the message answers; undefined when it answers none. */
  readonly answeredId: (message: z.output<Schema>) => RequestId | undefined;
  /** Takes what answers no request. @throws RingkvError when the server should not have said it */
  readonly onUnasked: (message: z.output<Schema>) => void;
  readonly onUp?: () => void;
  readonly onDown?: (reason: RingkvError) => void;
}

/**
 * What both clients stand on: requests with answers, and messages that answer nothing, over a link.
 *
 * A server that says something malformed is not asked again on that connection: it is dropped, and the reads in flight fail
 * with UNAVAILABLE instead of being repeated.
 */
export class Channel<Schema extends z.ZodType> {
  readonly #options: ChannelOptions<Schema>;
  readonly #calls: CallTable<z.output<Schema>>;
  readonly #link: Link;

  constructor(options: ChannelOptions<Schema>) {
    this.#options = options;
    const { host, port, transport, backoff } = options;
    this.#calls = new CallTable({
      timeoutMs: options.requestTimeoutMs,
      // A peer whose machine vanished sends no end of connection: only its silence tells.
      onSilence: () => this.#drop(new RingkvError("UNAVAILABLE", "The server has fallen silent."), "retry"),
    });
    this.#link = new Link({
      transport,
      backoff,
      target: { host, port, timeoutMs: options.connectTimeoutMs, frameBytesMax: LIMITS.linkFrameBytesMax },
      onFrames: (frames) => this.#take(frames),
      onUp: (connection) => {
        this.#calls.attach(connection);
        options.onUp?.();
      },
      onDown: (reason) => {
        if (backoff === undefined) this.#calls.close(reason);
        else this.#calls.detach(reason, "retry");
        options.onDown?.(reason);
      },
    });
  }

  /** Connects. @throws RingkvError UNAVAILABLE */
  open(): Promise<void> {
    return this.#link.open();
  }

  /** Makes a request; see {@link CallTable.call}. */
  call<Result>(message: object, options: CallOptions<z.output<Schema>, Result>): Promise<Result> {
    return this.#calls.call(message, options);
  }

  /** Sends what has no answer of its own. @throws RingkvError UNAVAILABLE without a connection */
  post(message: object): void {
    if (this.#link.connection === undefined) throw new RingkvError("UNAVAILABLE");
    this.#link.connection.send(message);
  }

  /** Ends everything; resolves when no handle is left. */
  close(): Promise<void> {
    this.#calls.close(new RingkvError("UNAVAILABLE", "The client was closed."));
    return this.#link.close();
  }

  #take(frames: readonly (string | RingkvError)[]): void {
    this.#calls.heard();
    for (const frame of frames) {
      try {
        this.#dispatch(frame);
      } catch (error) {
        if (!(error instanceof RingkvError)) throw error;
        // Said to no request, so to the connection: we are not let in, or the port is full.
        if (error.code === "UNAUTHORIZED" || error.code === "OVERLOADED") {
          this.#drop(error, "refused");
          return;
        }
        const message = `The server's answer is malformed, so its connection was dropped: ${error.message}`;
        this.#drop(new RingkvError("UNAVAILABLE", message, { cause: error }), "fail");
        return;
      }
    }
  }

  /** Gives the connection up. Its calls end now and not when it has closed, so that none is sent into the void. */
  #drop(reason: RingkvError, fate: "retry" | "fail" | "refused"): void {
    this.#calls.detach(reason, fate);
    this.#link.drop(reason);
  }

  #dispatch(frame: string | RingkvError): void {
    if (frame instanceof RingkvError) throw frame;
    const message = decodeMessage(this.#options.schema, frame);
    const id = this.#options.answeredId(message);
    if (id === undefined) this.#options.onUnasked(message);
    else if (typeof id === "number") this.#calls.answer(id, message);
    else throw new RingkvError("BAD_REQUEST", "It carries an id that was never sent.");
  }
}

/** The failure that an answer tells; undefined when it tells of success. */
export function failureOf(answer: {
  readonly code?: ErrorCode | undefined;
  readonly message?: string | undefined;
}): RingkvError | undefined {
  return answer.code === undefined ? undefined : new RingkvError(answer.code, answer.message);
}
