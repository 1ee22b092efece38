import type { Socket } from "node:net";
import { RingkvError } from "../protocol/errors.js";
import { LineDecoder } from "../protocol/framing.js";
import { LIMITS } from "../protocol/limits.js";
import type { PeerIdentity } from "./peer-identity.js";
import { Sending } from "./sending.js";
import type { Address, Connection, ConnectionHandlers, Progress } from "./transport.js";

/**
 * Socket options of both sides. No Nagle: messages are small and someone waits for each. Half-open: a peer that has said
 * all still reads its answers. Keep-alive: the connection of a machine that vanished ends some day.
 */
export const SOCKET_OPTIONS = {
  allowHalfOpen: true,
  noDelay: true,
  keepAlive: true,
  keepAliveInitialDelay: 30_000,
} as const;

/** The first byte of what TLS sends: an alert or a handshake. No JSON begins with either. */
const TLS_FIRST_BYTES = [0x15, 0x16];

/** True where these first bytes of a connection are TLS. */
export function looksLikeTls(bytes: Uint8Array): boolean {
  return TLS_FIRST_BYTES.includes(bytes[0] ?? 0);
}

export interface StreamConnectionOptions {
  readonly peer: Address;
  readonly frameBytesMax: number;
  /** Left out where the connection has no certificates, since it is no TLS. */
  readonly identity?: PeerIdentity;
}

/** Frames over a connected socket, of TCP or of TLS. */
export class StreamConnection extends Sending implements Connection {
  readonly peer: Address;
  readonly identity: PeerIdentity | undefined;
  readonly #socket: Socket;
  readonly #decoder: LineDecoder;
  #handlers: ConnectionHandlers | undefined;
  /** Nothing came so far. */
  #isNew = true;
  /** What comes is no text, and is not read. */
  #isForeign = false;
  /** We have said all, or the connection is gone: nothing more leaves. */
  #ended = false;
  #error: Error | undefined;
  #isPaused = false;
  /** Runs while a line that is too long is not read on. */
  #rest: NodeJS.Timeout | undefined;
  /** Handed to the socket since the start. */
  #writtenBytes = 0;
  /** Something was handed to the socket since drain was last told. */
  #isDrainDue = false;

  constructor(socket: Socket, { peer, frameBytesMax, identity }: StreamConnectionOptions) {
    super();
    this.#socket = socket;
    this.peer = peer;
    this.identity = identity;
    this.#decoder = new LineDecoder(frameBytesMax);
    socket.on("error", (error) => {
      this.#error = error;
    });
  }

  /** Begins to read; the socket is connected. */
  start(handlers: ConnectionHandlers): void {
    this.#handlers = handlers;
    const socket = this.#socket;
    socket.on("data", (chunk: Buffer) => this.#take(handlers, chunk));
    socket.on("end", () => {
      if (!this.#isForeign) this.#deliver(handlers, this.#decoder.end());
      if (socket.destroyed) return;
      if (handlers.onEnd === undefined) this.end();
      else handlers.onEnd();
    });
    socket.on("close", () => {
      this.#ended = true;
      clearTimeout(this.#rest);
      this.outbox.close();
      handlers.onClose(this.#error);
    });
  }

  get queuedBytes(): number {
    return this.#socket.destroyed ? 0 : this.outbox.size + this.#socket.writableLength;
  }

  get progress(): Progress {
    return {
      takenBytes: this.#writtenBytes - this.#socket.writableLength,
      isMidLine: this.#decoder.isMidLine,
      lineBytes: this.#decoder.pendingBytes,
      isPaused: this.#isPaused,
    };
  }

  pause(): void {
    this.#isPaused = true;
    this.#socket.pause();
  }

  resume(): void {
    this.#isPaused = false;
    if (this.#rest === undefined) this.#socket.resume();
  }

  end(): void {
    if (this.#ended) return;
    this.outbox.flush();
    this.outbox.close();
    this.#ended = true;
    this.#socket.end();
  }

  destroy(): void {
    this.#ended = true;
    this.outbox.close();
    this.#socket.destroy();
  }

  protected write(bytes: Buffer): void {
    this.#writtenBytes += bytes.length;
    this.#isDrainDue = true;
    this.#socket.write(bytes, this.#onWritten);
  }

  #take(handlers: ConnectionHandlers, chunk: Buffer): void {
    if (this.#isForeign) return;
    if (this.#isNew && this.identity === undefined && looksLikeTls(chunk)) {
      // Said at once, because such a peer may wait for our half of the handshake without ever sending a newline.
      this.#isForeign = true;
      this.#deliver(handlers, [new RingkvError("BAD_FRAME", "The peer speaks TLS, and this connection does not.")]);
      this.end();
      return;
    }
    this.#isNew = false;
    this.#deliver(handlers, this.#decoder.push(chunk));
    if (this.#decoder.isSkipping && !this.#ended) this.#restAWhile();
  }

  #restAWhile(): void {
    this.#socket.pause();
    this.#rest ??= setTimeout(() => {
      this.#rest = undefined;
      if (!this.#isPaused) this.#socket.resume();
    }, LIMITS.skippedChunkMs);
  }

  #deliver(handlers: ConnectionHandlers, frames: readonly (string | RingkvError)[]): void {
    if (frames.length > 0 && !this.#socket.destroyed) handlers.onFrames(frames);
  }

  readonly #onWritten = (error?: Error | null): void => {
    if (error || !this.#isDrainDue || this.#socket.destroyed || this.queuedBytes > 0) return;
    this.#isDrainDue = false;
    this.#handlers?.onDrain?.();
  };
}
