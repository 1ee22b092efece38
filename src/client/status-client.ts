import { RingkvError } from "../protocol/errors.js";
import { DEFAULTS } from "../protocol/limits.js";
import {
  type CacheView,
  type Copy,
  type LinkFault,
  type LoggedLine,
  type ProcessVerb,
  type RequestId,
  type Snapshot,
  type StatusPortMessage,
  type StepMode,
  statusPortMessage,
} from "../protocol/messages.js";
import { CONNECT_TIMEOUT_MS } from "../transport/transport.js";
import { Channel, failureOf } from "./channel.js";
import { REQUEST_TIMEOUT_MS, type RequestOptions } from "./client.js";
import { Feed, type FeedItem } from "./feed.js";
import { type SecurityOptions, transportFor } from "./secured.js";

export interface StatusClientOptions extends SecurityOptions {
  /** The master's host; default 127.0.0.1. */
  readonly host?: string;
  /** The master's status port; default 8081. */
  readonly port?: number;
  /** Default 10,000. */
  readonly requestTimeoutMs?: number;
  /** Default 5,000. */
  readonly connectTimeoutMs?: number;
  /** Ends the attempt to connect; it then rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

/** Which part of a node's cache is asked for. */
export interface CacheOptions extends RequestOptions {
  /** The first set that may be among those told; default 0. */
  readonly from?: number;
  /** Sets told at most, 1 to 64; default 16. */
  readonly count?: number;
}

/** Which log lines are asked for. */
export interface LogsOptions extends RequestOptions {
  /** `master`, or a slave: `s1`, `1` or the full ID; left out: all of them, merged. */
  readonly node?: string;
  /** The newest lines, 1 to 2,000 at most; default 200. */
  readonly limit?: number;
}

/** Which of a slave's copies are asked for. */
export interface CopiesOptions extends RequestOptions {
  /** The key after which the page begins; default: the first one. */
  readonly after?: string;
  /** Copies told at most, 1 to 1,000; default 1,000. */
  readonly limit?: number;
}

/** How a process is controlled. */
export interface ProcessOptions extends RequestOptions {
  /**
   * With `kill`: where the process dies, instead of at once; with `start` and `restart`: where the new one does.
   * `before:STEP` or `after:STEP`, with `#2` for the second passing.
   */
  readonly point?: string | undefined;
}

/** A page of what a slave's store holds. */
export interface CopiesOfSlave {
  readonly copies: readonly Copy[];
  /** More follow: ask again with `after` set to the last key. */
  readonly more: boolean;
}

/** A connection to a master's status port: what the cluster does, and control of its processes. It ends when it is lost. */
export class StatusClient {
  readonly #channel: Channel<typeof statusPortMessage>;
  #feed: Feed | undefined;
  #lost: RingkvError | undefined;

  private constructor(options: StatusClientOptions) {
    this.#channel = new Channel({
      host: options.host ?? DEFAULTS.host,
      port: options.port ?? DEFAULTS.statusPort,
      transport: transportFor(options),
      requestTimeoutMs: options.requestTimeoutMs ?? REQUEST_TIMEOUT_MS,
      connectTimeoutMs: options.connectTimeoutMs ?? CONNECT_TIMEOUT_MS,
      backoff: undefined,
      schema: statusPortMessage,
      answeredId,
      onUnasked: (message) => this.#toFeed(message),
      onDown: (reason) => {
        this.#lost = reason;
        this.#feed?.end();
        this.#feed = undefined;
      },
    });
  }

  /**
   * Connects to a master's status port.
   * @throws RingkvError UNAVAILABLE, whose cause is the system's error; UNAUTHORIZED when the master does not let us in, or does
   *   not show that it is one; BAD_REQUEST for certificates that cannot be used. The signal's reason
   */
  static async connect(options: StatusClientOptions = {}): Promise<StatusClient> {
    const { signal } = options;
    signal?.throwIfAborted();
    const client = new StatusClient(options);
    const onAbort = () => void client.close();
    signal?.addEventListener("abort", onAbort, { once: true });
    try {
      await client.#channel.open();
    } catch (error) {
      signal?.throwIfAborted();
      throw error;
    } finally {
      signal?.removeEventListener("abort", onAbort);
    }
    return client;
  }

  /** Why the connection ended; undefined while it lasts. */
  get lost(): RingkvError | undefined {
    return this.#lost;
  }

  /** The cluster as it is now. @throws RingkvError UNAVAILABLE, TIMEOUT */
  async snapshot({ signal }: RequestOptions = {}): Promise<Snapshot> {
    const read = (answer: StatusPortMessage) => (answer.type === "snapshot" ? answer : unexpected(answer));
    return this.#channel.call({ type: "statusreq" }, { update: false, read, signal });
  }

  /**
   * The cluster as it is now, then everything that happens, until the connection or the loop ends. One subscription at a
   * time. A loop that is too slow gets gaps that count what it missed.
   * @throws RingkvError UNAVAILABLE when the connection is gone; BAD_REQUEST when a subscription is running
   */
  subscribe(): AsyncIterableIterator<FeedItem, undefined> {
    if (this.#feed !== undefined) throw new RingkvError("BAD_REQUEST", "This client is subscribed already.");
    this.#channel.post({ type: "subscribe" });
    const feed = new Feed(() => {
      if (this.#feed === feed) this.#feed = undefined;
    });
    this.#feed = feed;
    return feed;
  }

  /**
   * What is in a node's cache: the first sets that are not empty, each front to back, without the values.
   * @param node `master`, or a slave: `s1`, `1` or the full ID
   * @throws RingkvError BAD_REQUEST for an unknown node, REPLICA_DOWN, UNAVAILABLE, TIMEOUT
   */
  async cache(node: string, { from, count, signal }: CacheOptions = {}): Promise<CacheView> {
    const read = (answer: StatusPortMessage) => (answer.type === "cache" ? answer : unexpected(answer));
    return this.#channel.call({ type: "cachereq", node, from, count }, { update: false, read, signal });
  }

  /**
   * The newest log lines that the master keeps, oldest first; of very many, those that fit one answer.
   * @throws RingkvError BAD_REQUEST for an unknown node, UNAVAILABLE, TIMEOUT
   */
  async logs({ node, limit, signal }: LogsOptions = {}): Promise<readonly LoggedLine[]> {
    const read = (answer: StatusPortMessage) => (answer.type === "logs" ? answer.lines : unexpected(answer));
    return this.#channel.call({ type: "logsreq", node, limit }, { update: false, read, signal });
  }

  /**
   * What a slave's store holds, a page at a time in the order of the keys: while `more` is true, ask again with `after` set
   * to the last key. The values are told by their digests, for comparing two copies.
   * @param slave `s1`, `1` or the full ID
   * @throws RingkvError BAD_REQUEST for an unknown slave, REPLICA_DOWN, STORAGE, UNAVAILABLE, TIMEOUT
   */
  async copies(slave: string, { after, limit, signal }: CopiesOptions = {}): Promise<CopiesOfSlave> {
    const read = (answer: StatusPortMessage) => (answer.type === "copies" ? answer : unexpected(answer));
    const { copies, more } = await this.#channel.call(
      { type: "copiesreq", slave, after, limit },
      { update: false, read, signal },
    );
    return { copies, more };
  }

  /**
   * Has a slave's process controlled by its supervisor, or the master's killed; resolves with the message of the answer.
   * @param slave `s1`, `1` or the full ID; with `kill` also `master`
   * @throws RingkvError NOT_SUPERVISED, BAD_REQUEST, REPLICA_DOWN, UNAVAILABLE; OUTCOME_UNKNOWN when no answer came
   */
  async process(verb: ProcessVerb, slave: string, { point, signal }: ProcessOptions = {}): Promise<string> {
    return this.#channel.call({ type: verb, slave, point }, { update: true, read: messageOf, signal });
  }

  /**
   * Has something go wrong between the master and a slave from now on, in place of what did, or ends it (`none`); resolves
   * with the message of the answer.
   * @param slave `s1`, `1` or the full ID
   * @throws RingkvError BAD_REQUEST, UNAVAILABLE; OUTCOME_UNKNOWN when no answer came
   */
  async fault(slave: string, fault: LinkFault, { signal }: RequestOptions = {}): Promise<string> {
    return this.#channel.call({ type: "fault", slave, fault }, { update: true, read: messageOf, signal });
  }

  /**
   * Has the master hold every phase of every op (`on`), lets the oldest held one go (`next`), or all of them (`off`);
   * resolves with the message of the answer, which tells what went and what is held.
   * @throws RingkvError BAD_REQUEST when there is nothing to let go, UNAVAILABLE; OUTCOME_UNKNOWN when no answer came
   */
  async step(mode: StepMode, { signal }: RequestOptions = {}): Promise<string> {
    return this.#channel.call({ type: "step", mode }, { update: true, read: messageOf, signal });
  }

  /** Ends the connection and the subscription. What still waits rejects; any number of calls. */
  close(): Promise<void> {
    this.#feed?.end();
    return this.#channel.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #toFeed(message: StatusPortMessage): void {
    switch (message.type) {
      case "snapshot":
      case "event":
      case "gap":
        this.#feed?.push(message);
        return;
      case "resp":
        if (this.#feed === undefined || message.code === undefined) throw unexpected(message);
        this.#feed.end(failureOf(message));
        return;
      default:
        throw unexpected(message);
    }
  }
}

/** The id of the request that a message answers; orders to supervisors carry ids of the master's own. */
function answeredId(message: StatusPortMessage): RequestId | undefined {
  switch (message.type) {
    case "snapshot":
    case "cache":
    case "logs":
    case "copies":
    case "resp":
      return message.id;
    default:
      return undefined;
  }
}

/** The message of an answer that tells of success; otherwise the failure that it tells. */
function messageOf(answer: StatusPortMessage): string | RingkvError {
  return answer.type === "resp" && answer.code === undefined ? (answer.message ?? "") : unexpected(answer);
}

/** The failure that the answer tells. @throws RingkvError BAD_REQUEST when it tells none: it is no answer to this request */
function unexpected(message: StatusPortMessage): RingkvError {
  const failure = message.type === "resp" ? failureOf(message) : undefined;
  if (failure === undefined)
    throw new RingkvError("BAD_REQUEST", `A \`${message.type}\` message does not belong here.`);
  return failure;
}
