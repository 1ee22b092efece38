import { RingkvError } from "../protocol/errors.js";
import type { OpId, SlaveId } from "../protocol/ids.js";
import { DEFAULTS } from "../protocol/limits.js";
import { type ClientResponse, type ClusterInfo, clientResponse } from "../protocol/messages.js";
import { CONNECT_TIMEOUT_MS } from "../transport/transport.js";
import { Backoff } from "./backoff.js";
import { Channel, failureOf } from "./channel.js";
import { checkKey, checkPrefix, checkValue } from "./input.js";
import { type SecurityOptions, transportFor } from "./secured.js";

/** `requestTimeoutMs` of those who name none: above every timeout inside the cluster, so that the master answers first. */
export const REQUEST_TIMEOUT_MS = 10_000;

export interface ClientOptions extends SecurityOptions {
  /** The master's host; default 127.0.0.1. */
  readonly host?: string;
  /** The master's client port; default 8080. */
  readonly port?: number;
  /** How long a request waits for its answer, the wait for a connection included, in ms; default 10,000. */
  readonly requestTimeoutMs?: number;
  /** How long one attempt to connect may take, in ms; default 5,000. */
  readonly connectTimeoutMs?: number;
  /** Told at once of each change; "connected" for the first time before `connect` resolves. */
  readonly onConnection?: (state: ConnectionState) => void;
}

export type ConnectionState = "connected" | "disconnected";

export interface RequestOptions {
  /**
   * Ends the wait: the promise rejects with the signal's reason. An update that was already sent may still take effect,
   * because nothing calls it back.
   */
  readonly signal?: AbortSignal;
}

export interface KeysOptions extends RequestOptions {
  /** Only keys that start with this; default all. */
  readonly prefix?: string;
}

/** A value as it was read. */
export interface VersionedValue {
  readonly value: string;
  /** The version: the update that wrote it. */
  readonly opId: OpId;
}

/** Where a key lives. */
export interface KeyPlace {
  /** The key's place on the ring, a 64-bit unsigned decimal. */
  readonly hash: string;
  /** The key's primary, then its successor. */
  readonly replicas: readonly [primary: SlaveId, successor: SlaveId];
  /** The key's cache set at the master. */
  readonly set: number | undefined;
}

/**
 * A connection to a ringkv master: requests are pipelined over it, and it comes back by itself when it is lost.
 *
 * Reads that a loss interrupts are asked again on the next connection. Updates are sent once at most: one that was sent and
 * not answered rejects with OUTCOME_UNKNOWN, and only reading the key tells. Every error is a {@link RingkvError} with a
 * `code` and `retriable`, except the reason of a caller's own signal.
 */
export class RingkvClient {
  readonly #channel: Channel<typeof clientResponse>;

  private constructor(options: ClientOptions) {
    this.#channel = new Channel({
      host: options.host ?? DEFAULTS.host,
      port: options.port ?? DEFAULTS.clientPort,
      transport: transportFor(options),
      requestTimeoutMs: options.requestTimeoutMs ?? REQUEST_TIMEOUT_MS,
      connectTimeoutMs: options.connectTimeoutMs ?? CONNECT_TIMEOUT_MS,
      backoff: new Backoff(),
      schema: clientResponse,
      answeredId: ({ id }) => id,
      onUnasked: (message) => {
        throw failureOf(message) ?? new RingkvError("BAD_REQUEST", "It answers no request.");
      },
      onUp: () => options.onConnection?.("connected"),
      onDown: () => options.onConnection?.("disconnected"),
    });
  }

  /**
   * Connects to a master. The first attempt is the only one, so that a wrong address shows at once.
   * @throws RingkvError UNAVAILABLE, whose cause is the system's error; UNAUTHORIZED when the master does not let us in, or does
   *   not show that it is one; BAD_REQUEST for certificates that cannot be used
   */
  static async connect(options: ClientOptions = {}): Promise<RingkvClient> {
    const client = new RingkvClient(options);
    await client.#channel.open();
    return client;
  }

  /**
   * The key's value and version; undefined when the key does not exist.
   * @throws RingkvError KEY_EMPTY, KEY_TOO_LONG, UNAVAILABLE, TIMEOUT, and the master's other codes
   */
  async get(key: string, options: RequestOptions = {}): Promise<VersionedValue | undefined> {
    checkKey(key);
    return this.#read({ type: "getreq", key }, options, (answer) => {
      if (answer.code === "KEY_NOT_FOUND") return undefined;
      return failureOf(answer) ?? { value: expected("value", answer.value), opId: expected("opId", answer.opId) };
    });
  }

  /**
   * Writes the value; resolves once it is committed on both replicas' disks.
   * @throws RingkvError KEY_EMPTY, KEY_TOO_LONG, VALUE_TOO_LONG, UNAVAILABLE, TIMEOUT, OUTCOME_UNKNOWN, and the master's other codes
   */
  async put(key: string, value: string, options: RequestOptions = {}): Promise<{ readonly opId: OpId }> {
    checkKey(key);
    checkValue(value);
    return this.#update({ type: "putreq", key, value }, options);
  }

  /**
   * Deletes the key; resolves once that is committed on both replicas' disks.
   * @throws RingkvError KEY_NOT_FOUND, and as {@link put}
   */
  async del(key: string, options: RequestOptions = {}): Promise<{ readonly opId: OpId }> {
    checkKey(key);
    return this.#update({ type: "delreq", key }, options);
  }

  /**
   * All keys with the prefix, in the order of their UTF-8 bytes, fetched page by page as the loop goes on. Keys written or
   * deleted meanwhile may or may not be among them.
   * @throws RingkvError as {@link get}
   */
  async *keys({ prefix = "", ...options }: KeysOptions = {}): AsyncGenerator<string, void, void> {
    checkPrefix(prefix);
    let after = "";
    for (;;) {
      const page = await this.#read({ type: "keysreq", prefix, after }, options, (answer) => {
        const failure = failureOf(answer);
        if (failure !== undefined) return failure;
        const keys = expected("keys", answer.keys);
        if (answer.more === true && keys.length === 0) throw new RingkvError("BAD_REQUEST", "More keys follow none.");
        return { keys, more: answer.more === true };
      });
      yield* page.keys;
      if (!page.more) return;
      after = page.keys.at(-1) ?? after;
    }
  }

  /** Where the key lives, whether it exists or not. @throws RingkvError as {@link get} */
  async where(key: string, options: RequestOptions = {}): Promise<KeyPlace> {
    checkKey(key);
    return this.#read({ type: "wherereq", key }, options, (answer) => {
      return (
        failureOf(answer) ?? {
          hash: expected("hash", answer.hash),
          replicas: expected("replicas", answer.replicas),
          set: answer.set,
        }
      );
    });
  }

  /** Asks the master for a sign of life. @throws RingkvError UNAVAILABLE, TIMEOUT */
  async ping(options: RequestOptions = {}): Promise<void> {
    await this.#read({ type: "ping" }, options, (answer) => failureOf(answer) ?? "pong");
  }

  /** The cluster: its version, ring and addresses. @throws RingkvError UNAVAILABLE, TIMEOUT */
  async info(options: RequestOptions = {}): Promise<ClusterInfo> {
    return this.#read({ type: "inforeq" }, options, (answer) => failureOf(answer) ?? expected("info", answer.info));
  }

  /** Ends the connection. What still waits rejects; any number of calls; nothing keeps the process up afterwards. */
  close(): Promise<void> {
    return this.#channel.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #read<Result>(
    message: object,
    { signal }: RequestOptions,
    read: (answer: ClientResponse) => Result | RingkvError,
  ): Promise<Result> {
    return this.#channel.call(message, { update: false, read, signal });
  }

  #update(message: object, { signal }: RequestOptions): Promise<{ readonly opId: OpId }> {
    const read = (answer: ClientResponse) => failureOf(answer) ?? { opId: expected("opId", answer.opId) };
    return this.#channel.call(message, { update: true, read, signal });
  }
}

/** A field that a good answer has. @throws RingkvError BAD_REQUEST */
function expected<Value>(name: string, value: Value | undefined): Value {
  if (value === undefined) throw new RingkvError("BAD_REQUEST", `The answer lacks \`${name}\`.`);
  return value;
}
