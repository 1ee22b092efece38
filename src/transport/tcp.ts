import { type Server, Socket, createServer } from "node:net";
import { RingkvError } from "../protocol/errors.js";
import { LineDecoder } from "../protocol/framing.js";
import { Sending } from "./sending.js";
import {
  type Address,
  CONNECT_TIMEOUT_MS,
  type ConnectOptions,
  type Connection,
  type ConnectionHandlers,
  type ListenOptions,
  type Listener,
  type Transport,
} from "./transport.js";

/**
 * Socket options of both sides. No Nagle: messages are small and someone waits for each. Half-open: a peer that has said
 * all still reads its answers. Keep-alive: the connection of a machine that vanished ends some day.
 */
const SOCKET_OPTIONS = { allowHalfOpen: true, noDelay: true, keepAlive: true, keepAliveInitialDelay: 30_000 } as const;

/** Frames over TCP. */
export const tcpTransport: Transport = { listen, connect };

async function listen(
  options: ListenOptions,
  onConnection: (connection: Connection) => ConnectionHandlers,
): Promise<Listener> {
  const server = createServer(SOCKET_OPTIONS, (socket) => {
    const peer = { host: plainHost(socket.remoteAddress), port: socket.remotePort ?? 0 };
    const connection = new TcpConnection(socket, peer, options.frameBytesMax);
    connection.start(onConnection(connection));
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen({ host: options.host, port: options.port }, () => {
      server.off("error", reject);
      resolve();
    });
  });
  server.on("error", (error) => options.onAcceptError?.(error));
  return new TcpListener(server);
}

async function connect(options: ConnectOptions, handlers: ConnectionHandlers): Promise<Connection> {
  const { host, port, signal, timeoutMs = CONNECT_TIMEOUT_MS } = options;
  signal?.throwIfAborted();
  const socket = new Socket({ allowHalfOpen: SOCKET_OPTIONS.allowHalfOpen });
  // Here and not among the options of `connect`, which takes them only where it makes the socket itself.
  socket
    .setNoDelay(SOCKET_OPTIONS.noDelay)
    .setKeepAlive(SOCKET_OPTIONS.keepAlive, SOCKET_OPTIONS.keepAliveInitialDelay);
  const connection = new TcpConnection(socket, { host, port }, options.frameBytesMax);
  await new Promise<void>((resolve, reject) => {
    const settle = (act: () => void) => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", onAbort);
      socket.off("error", onError);
      act();
    };
    const giveUp = (reason: unknown) =>
      settle(() => {
        socket.destroy();
        // Aborting may carry any reason, and the caller gets what he gave.
        // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors
        reject(reason);
      });
    const onAbort = () => giveUp(signal?.reason);
    const onError = (error: NodeJS.ErrnoException) =>
      giveUp(unavailable(options, error.code ?? error.message, { cause: error }));
    const timer = setTimeout(() => giveUp(unavailable(options, `no answer in ${timeoutMs} ms`)), timeoutMs);
    signal?.addEventListener("abort", onAbort, { once: true });
    socket.on("error", onError);
    try {
      socket.connect({ host, port }, () => settle(resolve));
    } catch (error) {
      giveUp(error);
    }
  });
  connection.start(handlers);
  return connection;
}

function unavailable({ host, port }: Address, why: string, options?: ErrorOptions): RingkvError {
  return new RingkvError("UNAVAILABLE", `No connection to ${host}:${port} (${why}).`, options);
}

class TcpListener implements Listener {
  readonly #server: Server;
  readonly address: Address;

  constructor(server: Server) {
    this.#server = server;
    const bound = server.address();
    if (bound === null || typeof bound === "string") throw new Error("a TCP server has an address");
    this.address = { host: bound.address, port: bound.port };
  }

  async close(): Promise<void> {
    // The port is free when the handle is closed; the server's own "close" waits for the last connection as well.
    this.#server.close();
    await new Promise((resolve) => setImmediate(resolve));
  }
}

class TcpConnection extends Sending implements Connection {
  readonly peer: Address;
  readonly #socket: Socket;
  readonly #decoder: LineDecoder;
  #handlers: ConnectionHandlers | undefined;
  /** We have said all, or the connection is gone: nothing more leaves. */
  #ended = false;
  #error: Error | undefined;

  constructor(socket: Socket, peer: Address, frameBytesMax: number) {
    super();
    this.#socket = socket;
    this.peer = peer;
    this.#decoder = new LineDecoder(frameBytesMax);
    socket.on("error", (error) => {
      this.#error = error;
    });
  }

  /** Begins to read; the socket is connected. */
  start(handlers: ConnectionHandlers): void {
    this.#handlers = handlers;
    const socket = this.#socket;
    socket.on("data", (chunk: Buffer) => this.#deliver(handlers, this.#decoder.push(chunk)));
    socket.on("end", () => {
      this.#deliver(handlers, this.#decoder.end());
      if (socket.destroyed) return;
      if (handlers.onEnd === undefined) this.end();
      else handlers.onEnd();
    });
    socket.on("close", () => {
      this.#ended = true;
      this.outbox.close();
      handlers.onClose(this.#error);
    });
  }

  get queuedBytes(): number {
    return this.#socket.destroyed ? 0 : this.outbox.size + this.#socket.writableLength;
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
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
    this.#socket.write(bytes, this.#onWritten);
  }

  #deliver(handlers: ConnectionHandlers, frames: readonly (string | RingkvError)[]): void {
    if (frames.length > 0 && !this.#socket.destroyed) handlers.onFrames(frames);
  }

  readonly #onWritten = (error?: Error | null): void => {
    if (error || this.#socket.destroyed || this.queuedBytes > 0) return;
    this.#handlers?.onDrain?.();
  };
}

/** An IPv4 peer of a dual-stack listener, written as people write it. */
function plainHost(address = "unknown"): string {
  return address.startsWith("::ffff:") ? address.slice("::ffff:".length) : address;
}
