import type { TlsCredentials } from "../../transport/tls.js";

/** How a load's connections come in: over TLS, with a token, with both, or by an open door. It travels to the generators as JSON. */
export interface Access {
  /** Speak TLS with these; default plain TCP. */
  readonly tls?: TlsCredentials;
  /** Shown as each connection's first message. */
  readonly token?: string;
}

/** A server, and how one comes in there. */
export interface Entrance {
  readonly host: string;
  readonly port: number;
  readonly access?: Access | undefined;
}
