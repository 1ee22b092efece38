import type { RingkvError } from "../protocol/errors.js";
import type { PeerIdentity } from "./peer-identity.js";

/**
 * How bytes travel: connections that carry newline-delimited frames, over TCP or TLS in life and in memory in tests. Every
 * implementation passes the one suite in test/transport.
 */
export interface Transport {
  /**
   * Starts to accept connections; `onConnection` gives each its handlers.
   * @throws the system's error (EADDRINUSE, EACCES …) when the address cannot be had
   */
  listen(options: ListenOptions, onConnection: (connection: Connection) => ConnectionHandlers): Promise<Listener>;

  /**
   * @throws RingkvError UNAVAILABLE when no connection comes about (its cause is the system's error); UNAUTHORIZED when the
   *   peer does not show that it is who it should be
   */
  connect(options: ConnectOptions, handlers: ConnectionHandlers): Promise<Connection>;
}

export interface Address {
  readonly host: string;
  readonly port: number;
}

export interface ListenOptions {
  readonly host: string;
  /** 0 means any free port. */
  readonly port: number;
  /** The longest line taken from a peer, in bytes. */
  readonly frameBytesMax: number;
  /**
   * Connections at once, those included that have not finished a handshake; who comes when there are as many is dropped without
   * a word. A last bound for the system's sake, above what the listener's owner refuses in words. Default: none.
   */
  readonly connectionsMax?: number;
  /** A connection could not be accepted (no file descriptor left, or no handshake, say); the listener goes on. */
  readonly onAcceptError?: (error: Error) => void;
}

export interface ConnectOptions extends Address {
  readonly frameBytesMax: number;
  /**
   * The URI that the peer's certificate must carry, in place of the host's name; of no effect on a transport without
   * certificates. Left out: the certificate must be for the host.
   */
  readonly peerUri?: string;
  /** Give up after this many ms; default 5,000. */
  readonly timeoutMs?: number;
  /** Gives up at once; `connect` then rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

/** `timeoutMs` of those who name none: past it a person has long looked elsewhere. */
export const CONNECT_TIMEOUT_MS = 5_000;

export interface Listener {
  readonly address: Address;
  /** Stops accepting and resolves when the port is free; open connections stay. */
  close(): Promise<void>;
}

export interface Connection {
  /** The other side, for people. */
  readonly peer: Address;
  /** Whom the other side is by its certificate; undefined on a transport without certificates. */
  readonly identity?: PeerIdentity | undefined;
  /** Bytes sent and not yet taken by the system; what this turn has queued counts one byte a character until it leaves. */
  readonly queuedBytes: number;
  /** How far both directions have come: what deadlines are judged by, now and then. */
  readonly progress: Progress;
  /** Queues one message; all that is queued in one turn of the event loop leaves in one write, or a few. No effect after close. */
  send(message: object): void;
  /** Queues one line that is already encoded and ends in a newline. */
  sendLine(line: string): void;
  /**
   * Queues one line, encoded, that no one waits for: it leaves with whatever is sent next, or after a few ms. It keeps its
   * place in the order of all that is sent.
   */
  sendLineLater(line: string): void;
  /** Hands what is queued to the system now; otherwise that happens by itself. */
  flush(): void;
  /** Stops and resumes reading (no `onFrames` in between), so that a peer that outruns us waits in its own kernel. */
  pause(): void;
  resume(): void;
  /** Sends what is queued, then ends our side. */
  end(): void;
  /** Drops the connection at once; what is queued is lost. */
  destroy(): void;
}

/** A connection at one moment. */
export interface Progress {
  /** Bytes of all that was sent that the system has taken; it only grows. */
  readonly takenBytes: number;
  /** The peer has begun a line and not ended it. */
  readonly isMidLine: boolean;
  /** Bytes kept of that line. */
  readonly lineBytes: number;
  /** We do not read. */
  readonly isPaused: boolean;
}

export interface ConnectionHandlers {
  /** What one chunk of input completed, in order: lines, or the errors that answer refused lines. */
  onFrames(frames: readonly (string | RingkvError)[]): void;
  /** The peer has ended its side and may still read answers; without this handler our side ends too. */
  onEnd?(): void;
  /** `queuedBytes` is 0 again after it was not; never called from inside `send`. */
  onDrain?(): void;
  /** The connection is gone; called exactly once, and nothing is called after it. */
  onClose(error?: Error): void;
}
