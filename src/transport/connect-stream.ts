import type { Socket } from "node:net";
import { RingkvError } from "../protocol/errors.js";
import { SOCKET_OPTIONS, type StreamConnection } from "./stream-connection.js";
import { type Address, CONNECT_TIMEOUT_MS, type ConnectOptions } from "./transport.js";

/** How a socket of some kind is connected. */
export interface StreamKind<Made extends Socket> {
  /** Told when the socket can be used. */
  readonly readyEvent: "connect" | "secureConnect";
  /** Begins to connect. @throws the system's error for an address that is none */
  readonly connect: () => Made;
  /** Takes the socket over, its errors included; called as soon as it is ready. */
  readonly onReady: (socket: Made) => StreamConnection;
  /** What the socket's error means to the caller. */
  readonly failureOf: (error: NodeJS.ErrnoException) => RingkvError;
}

/**
 * Connects a socket, or gives it up after `timeoutMs` or with the signal.
 * @throws RingkvError as `failureOf` says, UNAVAILABLE when nobody answers in time; the signal's reason
 */
export async function connectStream<Made extends Socket>(
  options: ConnectOptions,
  { readyEvent, connect, onReady, failureOf }: StreamKind<Made>,
): Promise<StreamConnection> {
  const { signal, timeoutMs = CONNECT_TIMEOUT_MS } = options;
  signal?.throwIfAborted();
  const socket = connect();
  // Here and not among the options of `connect`, which takes them only where it makes the socket itself.
  socket
    .setNoDelay(SOCKET_OPTIONS.noDelay)
    .setKeepAlive(SOCKET_OPTIONS.keepAlive, SOCKET_OPTIONS.keepAliveInitialDelay);
  return new Promise((resolve, reject) => {
    const settle = (act: () => void) => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", onAbort);
      socket.off("error", onError);
      act();
    };
    const giveUp = (reason: unknown) =>
      settle(() => {
        // Errors that come late have nobody left to hear them.
        socket.on("error", () => undefined).destroy();
        // Aborting may carry any reason, and the caller gets what he gave.
        // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors
        reject(reason);
      });
    const onAbort = () => giveUp(signal?.reason);
    const onError = (error: NodeJS.ErrnoException) => giveUp(failureOf(error));
    const timer = setTimeout(() => giveUp(unavailable(options, `no answer in ${timeoutMs} ms`)), timeoutMs);
    signal?.addEventListener("abort", onAbort, { once: true });
    socket.on("error", onError);
    socket.once(readyEvent, () => settle(() => resolve(onReady(socket))));
  });
}

/** No connection to this address came about. */
export function unavailable({ host, port }: Address, why: string, options?: ErrorOptions): RingkvError {
  return new RingkvError("UNAVAILABLE", `No connection to ${host}:${port} (${why}).`, options);
}
