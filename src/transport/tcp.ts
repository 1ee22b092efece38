import { Socket } from "node:net";
import { connectStream, unavailable } from "./connect-stream.js";
import { SOCKET_OPTIONS, StreamConnection } from "./stream-connection.js";
import { listenForStreams, peerOf } from "./stream-listener.js";
import type {
  ConnectOptions,
  Connection,
  ConnectionHandlers,
  ListenOptions,
  Listener,
  Transport,
} from "./transport.js";

/** Frames over TCP. */
export const tcpTransport: Transport = { listen, connect };

function listen(
  options: ListenOptions,
  onConnection: (connection: Connection) => ConnectionHandlers,
): Promise<Listener> {
  return listenForStreams(options, (socket) => {
    const connection = new StreamConnection(socket, { peer: peerOf(socket), frameBytesMax: options.frameBytesMax });
    connection.start(onConnection(connection));
  });
}

async function connect(options: ConnectOptions, handlers: ConnectionHandlers): Promise<Connection> {
  const { host, port, frameBytesMax } = options;
  const connection = await connectStream(options, {
    readyEvent: "connect",
    connect: () => new Socket({ allowHalfOpen: SOCKET_OPTIONS.allowHalfOpen }).connect({ host, port }),
    onReady: (socket) => new StreamConnection(socket, { peer: { host, port }, frameBytesMax }),
    failureOf: (error) => unavailable(options, error.code ?? error.message, { cause: error }),
  });
  connection.start(handlers);
  return connection;
}
