import { tcpTransport } from "../transport/tcp.js";
import { type TlsOptions, TlsTransport } from "../transport/tls.js";
import type { Transport } from "../transport/transport.js";
import { introducing } from "./introducing-transport.js";

/** How a client shows who it is, and knows who the master is. */
export interface SecurityOptions {
  /** The token that the master asks for: the admin's opens both ports, the client's the client port. Never logged. */
  readonly token?: string;
  /** Speak TLS 1.3, with these certificates; default plain TCP. */
  readonly tls?: TlsOptions;
  /** How bytes travel, in place of TCP or TLS. */
  readonly transport?: Transport;
}

/**
 * The way to a master.
 * @throws RingkvError BAD_REQUEST when the certificates cannot be used
 */
export function transportFor({ token, tls, transport }: SecurityOptions): Transport {
  const way = transport ?? (tls === undefined ? tcpTransport : new TlsTransport(tls));
  return token === undefined && tls === undefined ? way : introducing(way, token);
}
