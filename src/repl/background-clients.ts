import { RingkvError } from "../protocol/errors.js";
import type { Cluster } from "./cluster.js";
import type { CommandContext, CommandResult } from "./command.js";
import { type Outcome, evaluate } from "./evaluate.js";
import type { Token } from "./tokenize.js";

/** Commands that may wait in one client: more is a script gone wild. */
const WAITING_MAX = 10_000;

/** How the last command of a client went, and whether anyone has asked. */
export interface ClientState {
  /** Commands that run or wait. */
  readonly pending: number;
  /** Undefined before the first one is over. */
  readonly last: Outcome | undefined;
}

/** A command of a client that failed, and nobody asked how it went. */
export interface UnseenFailure {
  readonly client: string;
  readonly command: string;
  readonly outcome: Outcome & { readonly ok: false };
}

/**
 * The clients that a session keeps beside itself: each has a connection of its own, and runs what it is given one after the
 * other, while the session goes on.
 */
export class BackgroundClients {
  /** Told of every command that is over. */
  onOutcome: (client: string, command: string, outcome: Outcome) => void = () => undefined;
  readonly #clients = new Map<string, BackgroundClient>();
  readonly #closing = new AbortController();

  /** Gives a client a command, and makes the client when it is new. @throws RingkvError OVERLOADED */
  post(name: string, words: readonly Token[], context: CommandContext): Promise<CommandResult> {
    let client = this.#clients.get(name);
    if (client === undefined) {
      client = new BackgroundClient(context.cluster.fork(), (command, outcome) =>
        this.onOutcome(name, command, outcome),
      );
      this.#clients.set(name, client);
    }
    client.post(words, { ...context, signal: this.#closing.signal });
    return Promise.resolve("done");
  }

  get names(): readonly string[] {
    return [...this.#clients.keys()];
  }

  /** @throws RingkvError BAD_REQUEST for a client that there is not */
  state(name: string): ClientState {
    return this.#named(name).state;
  }

  /** Someone looks at how the last command went, so that its failure needs no telling any more. */
  seen(name: string): void {
    this.#named(name).isSeen = true;
  }

  /** Resolves when the client has nothing left to do. @throws RingkvError BAD_REQUEST; the signal's reason */
  async idle(name: string, signal: AbortSignal): Promise<void> {
    const client = this.#named(name);
    await new Promise<void>((resolve, reject) => {
      signal.throwIfAborted();
      const onAbort = () => reject(signal.reason as Error);
      signal.addEventListener("abort", onAbort, { once: true });
      void client.idle.then(() => {
        signal.removeEventListener("abort", onAbort);
        resolve();
      });
    });
  }

  /** Failures that no one has asked for; asking makes them seen. */
  takeUnseen(): readonly UnseenFailure[] {
    return [...this.#clients].flatMap(([client, { state, isSeen, lastCommand }]) => {
      const { last } = state;
      if (isSeen || last === undefined || last.ok) return [];
      this.seen(client);
      return [{ client, command: lastCommand, outcome: last }];
    });
  }

  /** Ends what they do and their connections. */
  async close(): Promise<void> {
    this.#closing.abort();
    await Promise.all([...this.#clients.values()].map((client) => client.close()));
    this.#clients.clear();
  }

  #named(name: string): BackgroundClient {
    const client = this.#clients.get(name);
    if (client !== undefined) return client;
    const names = this.names.join(", ") || "none";
    throw new RingkvError("BAD_REQUEST", `No client \`${name}\`; there are: ${names}. \`NAME: COMMAND\` makes one.`);
  }
}

class BackgroundClient {
  lastCommand = "";
  isSeen = false;
  readonly #cluster: Promise<Cluster & { close(): Promise<void> }>;
  readonly #onOutcome: (command: string, outcome: Outcome) => void;
  #queue: Promise<void> = Promise.resolve();
  #pending = 0;
  #last: Outcome | undefined;

  constructor(
    cluster: Promise<Cluster & { close(): Promise<void> }>,
    onOutcome: (command: string, outcome: Outcome) => void,
  ) {
    this.#cluster = cluster;
    this.#cluster.catch(() => undefined);
    this.#onOutcome = onOutcome;
  }

  get state(): ClientState {
    return { pending: this.#pending, last: this.#last };
  }

  get idle(): Promise<void> {
    return this.#queue;
  }

  post(words: readonly Token[], context: CommandContext): void {
    if (this.#pending >= WAITING_MAX) throw new RingkvError("OVERLOADED", "Too many commands wait in this client.");
    this.#pending += 1;
    this.#queue = this.#queue.then(() => this.#run(words, context));
  }

  async close(): Promise<void> {
    await this.#queue;
    await (await this.#cluster.catch(() => undefined))?.close();
  }

  async #run(words: readonly Token[], context: CommandContext): Promise<void> {
    const command = words.map(({ text }) => text).join(" ");
    const outcome = await evaluate(words, {
      signal: context.signal,
      execute: async (inner, change) => {
        context.signal.throwIfAborted();
        return context.execute(inner, { ...change, cluster: await this.#cluster, signal: context.signal });
      },
    });
    this.#last = outcome;
    this.#pending -= 1;
    this.lastCommand = command;
    this.isSeen = false;
    if (!context.signal.aborted) this.#onOutcome(command, outcome);
  }
}
