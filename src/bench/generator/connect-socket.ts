import { constants } from "node:crypto";
import { once } from "node:events";
import { type Socket, connect } from "node:net";
import { type SecureContext, connect as connectTls, createSecureContext } from "node:tls";
import { RingkvError } from "../../protocol/errors.js";
import { encodeFrame } from "../../protocol/framing.js";
import { clientResponse, decodeMessage } from "../../protocol/messages.js";
import type { TlsCredentials } from "../../transport/tls.js";
import type { Access, Entrance } from "./access.js";

const NEWLINE = 0x0a;

/** One for all connections of a load: to make it takes longer than a handshake. */
const contexts = new WeakMap<TlsCredentials, SecureContext>();

/**
 * A socket that is connected and let in, for a session of whatever protocol.
 * @throws RingkvError UNAVAILABLE; UNAUTHORIZED when the token does not open the port
 */
export async function connectSocket(entrance: Entrance): Promise<Socket> {
  const { host, port, access = {} } = entrance;
  const socket =
    access.tls === undefined
      ? connect({ host, port })
      : connectTls({ host, port, secureContext: contextOf(access.tls) });
  // Here, for TLS does not take it among the options.
  socket.setNoDelay(true);
  try {
    await once(socket, access.tls === undefined ? "connect" : "secureConnect");
    await introduce(socket, access);
    return socket;
  } catch (cause) {
    socket.on("error", () => undefined).destroy();
    if (cause instanceof RingkvError) throw cause;
    throw new RingkvError("UNAVAILABLE", `No connection to ${host}:${port}.`, { cause });
  }
}

/** As the client library has it: the newest TLS, and no session is taken up again. */
function contextOf(credentials: TlsCredentials): SecureContext {
  const known = contexts.get(credentials);
  if (known !== undefined) return known;
  const { SSL_OP_NO_TICKET: secureOptions } = constants;
  const made = createSecureContext({ ...credentials, minVersion: "TLSv1.3", secureOptions });
  contexts.set(credentials, made);
  return made;
}

/** Shows the token and waits until it is taken; nothing else is on its way then. */
async function introduce(socket: Socket, { token }: Access): Promise<void> {
  if (token === undefined) return;
  socket.write(encodeFrame({ type: "auth", id: 0, token }));
  let line = Buffer.alloc(0);
  while (line.at(-1) !== NEWLINE) {
    const chunks = (await Promise.race([once(socket, "data"), ended(socket)])) as readonly Buffer[];
    line = Buffer.concat([line, ...chunks]);
  }
  const { code, message } = decodeMessage(clientResponse, line.toString());
  if (code !== undefined) throw new RingkvError(code, message);
}

async function ended(socket: Socket): Promise<never> {
  await once(socket, "close");
  throw new RingkvError("UNAVAILABLE", "The connection was closed before it was let in.");
}
