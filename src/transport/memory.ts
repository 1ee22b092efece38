import { RingkvError } from "../protocol/errors.js";
import { LineDecoder } from "../protocol/framing.js";
import { Sending } from "./sending.js";
import type {
  Address,
  ConnectOptions,
  Connection,
  ConnectionHandlers,
  ListenOptions,
  Listener,
  Progress,
  Transport,
} from "./transport.js";

/** The first port that port 0 gives, as systems have it. */
const FIRST_FREE_PORT = 49_152;

export interface MemoryTransportOptions {
  /** Input arrives in pieces of this many bytes; default 1,024. 1 cuts every character that can be cut. */
  readonly chunkBytes?: number;
  /** Bytes that the "system" holds for a reader before the writer's `queuedBytes` grow; default 65,536. */
  readonly windowBytes?: number;
}

/**
 * A network in one object, for tests: the same bytes through the same decoder as over TCP, delivered in later turns of the
 * event loop and in chunks, with a window, half-close and reset. Hosts do not matter, only ports do.
 */
export class MemoryTransport implements Transport {
  readonly #chunkBytes: number;
  readonly #windowBytes: number;
  readonly #listeners = new Map<number, MemoryListener>();
  #nextPort = FIRST_FREE_PORT;

  constructor({ chunkBytes = 1_024, windowBytes = 65_536 }: MemoryTransportOptions = {}) {
    this.#chunkBytes = chunkBytes;
    this.#windowBytes = windowBytes;
  }

  async listen(
    options: ListenOptions,
    onConnection: (connection: Connection) => ConnectionHandlers,
  ): Promise<Listener> {
    await nextTurn();
    const port = options.port === 0 ? this.#freePort() : options.port;
    if (this.#listeners.has(port)) throw systemError("EADDRINUSE", `listen EADDRINUSE: ${options.host}:${port}`);
    const address = { host: options.host, port };
    const listener = new MemoryListener(address, options.frameBytesMax, onConnection, () => {
      if (this.#listeners.get(port) === listener) this.#listeners.delete(port);
    });
    this.#listeners.set(port, listener);
    return listener;
  }

  async connect(options: ConnectOptions, handlers: ConnectionHandlers): Promise<Connection> {
    const { host, port, signal } = options;
    signal?.throwIfAborted();
    await nextTurn();
    signal?.throwIfAborted();
    const listener = this.#listeners.get(port);
    if (listener === undefined) {
      const cause = systemError("ECONNREFUSED", `connect ECONNREFUSED ${host}:${port}`);
      throw new RingkvError("UNAVAILABLE", `No connection to ${host}:${port} (ECONNREFUSED).`, { cause });
    }
    const sizes = { chunkBytes: this.#chunkBytes, windowBytes: this.#windowBytes };
    const near = new MemoryConnection({ host, port }, options.frameBytesMax, sizes);
    const far = new MemoryConnection({ host: "memory", port: this.#freePort() }, listener.frameBytesMax, sizes);
    near.join(far);
    // In a turn of its own, so that what the acceptor throws does not look like a failure to connect.
    setImmediate(() => far.start(listener.accept(far)));
    near.start(handlers);
    return near;
  }

  /** Resets every connection to the listener on this port: both sides close with ECONNRESET. */
  cut(port: number): void {
    for (const connection of this.#listeners.get(port)?.connections ?? []) connection.reset();
  }

  #freePort(): number {
    while (this.#listeners.has(this.#nextPort)) this.#nextPort++;
    return this.#nextPort++;
  }
}

class MemoryListener implements Listener {
  readonly connections = new Set<MemoryConnection>();
  readonly #onConnection: (connection: Connection) => ConnectionHandlers;
  readonly #onClose: () => void;

  constructor(
    readonly address: Address,
    readonly frameBytesMax: number,
    onConnection: (connection: Connection) => ConnectionHandlers,
    onClose: () => void,
  ) {
    this.#onConnection = onConnection;
    this.#onClose = onClose;
  }

  accept(connection: MemoryConnection): ConnectionHandlers {
    this.connections.add(connection);
    connection.onGone = () => this.connections.delete(connection);
    return this.#onConnection(connection);
  }

  async close(): Promise<void> {
    this.#onClose();
    await nextTurn();
  }
}

/** One side: bytes wait in its outbox, move to the other side's inbox as its window allows, and arrive chunk by chunk. */
class MemoryConnection extends Sending implements Connection {
  onGone: (() => void) | undefined;
  readonly #chunkBytes: number;
  readonly #windowBytes: number;
  readonly #decoder: LineDecoder;
  #remote: MemoryConnection = this;
  #handlers: ConnectionHandlers | undefined;
  #paused = false;
  #closed = false;
  /** Our output: bytes that the window did not take yet, and whether more can come. */
  #unsent: Buffer[] = [];
  #unsentBytes = 0;
  #writtenBytes = 0;
  #ended = false;
  #drainDue = false;
  /** Our input: what has travelled and was not delivered yet, and whether the other side has ended. */
  #inbox: Buffer = Buffer.alloc(0);
  #remoteEnded = false;
  #endSeen = false;
  #deliveryDue = false;

  constructor(
    readonly peer: Address,
    frameBytesMax: number,
    sizes: Required<MemoryTransportOptions>,
  ) {
    super();
    this.#decoder = new LineDecoder(frameBytesMax);
    this.#chunkBytes = sizes.chunkBytes;
    this.#windowBytes = sizes.windowBytes;
  }

  join(remote: MemoryConnection): void {
    this.#remote = remote;
    remote.#remote = this;
  }

  start(handlers: ConnectionHandlers): void {
    this.#handlers = handlers;
    this.#scheduleDelivery();
  }

  get queuedBytes(): number {
    return this.#closed ? 0 : this.outbox.size + this.#unsentBytes;
  }

  get progress(): Progress {
    return {
      takenBytes: this.#writtenBytes - this.#unsentBytes,
      isMidLine: this.#decoder.isMidLine,
      lineBytes: this.#decoder.pendingBytes,
      isPaused: this.#paused,
    };
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    this.#scheduleDelivery();
  }

  end(): void {
    if (this.#ended) return;
    this.outbox.flush();
    this.outbox.close();
    this.#ended = true;
    this.#travel();
  }

  destroy(): void {
    if (this.#closed) return;
    this.outbox.close();
    this.#unsent = [];
    this.#unsentBytes = 0;
    this.#ended = true;
    this.#close();
    this.#travel();
  }

  /** What a broken network does to both sides. */
  reset(): void {
    for (const side of [this, this.#remote]) side.#close(systemError("ECONNRESET", "read ECONNRESET"));
  }

  protected write(bytes: Buffer): void {
    if (this.#remote.#closed) {
      this.#close(systemError("EPIPE", "write EPIPE"));
      return;
    }
    this.#writtenBytes += bytes.length;
    this.#unsent.push(bytes);
    this.#unsentBytes += bytes.length;
    this.#drainDue = true;
    this.#travel();
  }

  /** Moves what fits into the other side's window, and the end of our output after the last of it. */
  #travel(): void {
    const remote = this.#remote;
    const taken = this.#take(this.#windowBytes - remote.#inbox.length);
    if (taken.length > 0) remote.#inbox = Buffer.concat([remote.#inbox, ...taken]);
    if (this.#ended && this.#unsentBytes === 0) remote.#remoteEnded = true;
    remote.#scheduleDelivery();
    if (this.#drainDue && this.#unsentBytes === 0) {
      this.#drainDue = false;
      setImmediate(() => {
        if (!this.#closed && this.queuedBytes === 0) this.#handlers?.onDrain?.();
      });
    }
    this.#closeIfDone();
  }

  /** So many bytes, or all there are, of what was not sent. */
  #take(bytes: number): Buffer[] {
    const taken: Buffer[] = [];
    let left = bytes;
    for (let head = this.#unsent[0]; head !== undefined && left > 0; head = this.#unsent[0]) {
      const part = head.subarray(0, left);
      if (part.length < head.length) this.#unsent[0] = head.subarray(part.length);
      else this.#unsent.shift();
      taken.push(part);
      left -= part.length;
    }
    this.#unsentBytes -= bytes - left;
    return taken;
  }

  #scheduleDelivery(): void {
    if (this.#deliveryDue) return;
    this.#deliveryDue = true;
    setImmediate(this.#deliver);
  }

  readonly #deliver = (): void => {
    this.#deliveryDue = false;
    const handlers = this.#handlers;
    if (handlers === undefined || this.#paused || this.#closed) return;
    if (this.#inbox.length > 0) {
      const chunk = this.#inbox.subarray(0, this.#chunkBytes);
      this.#inbox = this.#inbox.subarray(chunk.length);
      this.#scheduleDelivery();
      if (!this.#remote.#closed) this.#remote.#travel();
      const frames = this.#decoder.push(chunk);
      if (frames.length > 0) handlers.onFrames(frames);
    } else if (this.#remoteEnded && !this.#endSeen) {
      this.#endSeen = true;
      this.#scheduleDelivery();
      const frames = this.#decoder.end();
      if (frames.length > 0) handlers.onFrames(frames);
      if (handlers.onEnd === undefined) this.end();
      else if (!this.#isGone()) handlers.onEnd();
    } else {
      this.#closeIfDone();
    }
  };

  /** Read anew, because a handler may have closed us. */
  #isGone(): boolean {
    return this.#closed;
  }

  #closeIfDone(): void {
    if (this.#ended && this.#unsentBytes === 0 && this.#endSeen) this.#close();
  }

  #close(error?: Error): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#ended = true;
    this.outbox.close();
    this.onGone?.();
    setImmediate(() => this.#handlers?.onClose(error));
  }
}

function systemError(code: string, message: string): Error {
  return Object.assign(new Error(message), { code });
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
