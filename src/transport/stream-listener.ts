import { type Server, type Socket, createServer } from "node:net";
import { SOCKET_OPTIONS } from "./stream-connection.js";
import type { Address, ListenOptions, Listener } from "./transport.js";

/**
 * Listens for sockets, which the caller makes connections of.
 * @throws the system's error when the address cannot be had
 */
export async function listenForStreams(
  { host, port, connectionsMax, onAcceptError }: ListenOptions,
  onSocket: (socket: Socket) => void,
): Promise<Listener> {
  const server = createServer(SOCKET_OPTIONS, onSocket);
  if (connectionsMax !== undefined) server.maxConnections = connectionsMax;
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen({ host, port }, () => {
      server.off("error", reject);
      resolve();
    });
  });
  server.on("error", (error) => onAcceptError?.(error));
  return new StreamListener(server);
}

class StreamListener implements Listener {
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

/** Where an accepted socket comes from; an IPv4 peer of a dual-stack listener is written as people write it. */
export function peerOf({ remoteAddress = "unknown", remotePort = 0 }: Socket): Address {
  const host = remoteAddress.startsWith("::ffff:") ? remoteAddress.slice("::ffff:".length) : remoteAddress;
  return { host, port: remotePort };
}
