/** What a session needs of its socket. */
export interface ByteSink {
  write(text: string, encoding: "latin1"): unknown;
}

/**
 * Told of each answer: what failed, as a word, or undefined; and how long the answer was. Answers come in the order of the
 * requests, or each names the number of its request, counted from 0.
 */
export type OnAnswer = (failure: string | undefined, bytes: number, request?: number) => void;

/** One client's conversation, over a socket that is connected. */
export interface WireSession {
  /** Resolves when requests may be sent; left out: at once. */
  readonly opened?: Promise<void>;
  /** Adds a request to those that `flush` sends. Keys and values are ASCII. */
  put(key: string, value: string): void;
  get(key: string): void;
  /** Sends what was added, in one write. */
  flush(): void;
  /** What the socket has brought. */
  take(chunk: Buffer): void;
}

/** How a kind of server is spoken to. A module that is one exports `openSession`; so generators can load any. */
export interface Wire {
  /** Answers may overtake each other, and name their requests. Default: they do not. */
  readonly answersOvertake?: boolean;
  openSession(socket: ByteSink, onAnswer: OnAnswer): WireSession;
}
