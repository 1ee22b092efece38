import { constants } from "node:crypto";
import type { Socket } from "node:net";
import {
  type PeerCertificate,
  type SecureContext,
  type TLSSocket,
  checkServerIdentity,
  connect as connectTls,
  createSecureContext,
  createServer,
} from "node:tls";
import { RingkvError } from "../protocol/errors.js";
import { encodeFrame } from "../protocol/framing.js";
import { connectStream } from "./connect-stream.js";
import { type PeerIdentity, urisOf } from "./peer-identity.js";
import { SOCKET_OPTIONS, StreamConnection, looksLikeTls } from "./stream-connection.js";
import { listenForStreams, peerOf } from "./stream-listener.js";
import { certificateFault, tlsFailure } from "./tls-failure.js";
import type {
  ConnectOptions,
  Connection,
  ConnectionHandlers,
  ListenOptions,
  Listener,
  Transport,
} from "./transport.js";

/** What TLS needs, in PEM. */
export interface TlsCredentials {
  /** The certificates of the CAs that are trusted; default: those that Node knows. */
  readonly ca?: string;
  /** Our own certificate and its key; without them we can connect only, and show none. */
  readonly cert?: string;
  readonly key?: string;
}

export interface TlsOptions extends TlsCredentials {
  /** The name that a server's certificate must be for; default: the host that is connected to. */
  readonly serverName?: string;
}

/** A peer that has not finished its handshake within this time, in ms, is no peer. */
const HANDSHAKE_WITHIN_MS = 10_000;

/**
 * Frames over TLS 1.3. A listener asks each peer for a certificate and takes those without a good one, too: what a peer is
 * (`identity`) decides above, where a refusal can be told in words, what it may do. Whoever connects checks the server's
 * certificate before anything is said.
 */
export class TlsTransport implements Transport {
  readonly #serverName: string | undefined;
  #credentials: TlsCredentials;
  #context: SecureContext;
  readonly #servers = new Set<{ renew(): void }>();

  /** @throws RingkvError BAD_REQUEST when the credentials are damaged or the key is another's */
  constructor({ serverName, ...credentials }: TlsOptions) {
    this.#serverName = serverName;
    this.#credentials = credentials;
    this.#context = contextOf(credentials);
  }

  /**
   * From now on connections are made and taken with these credentials; those that are open stay.
   * @throws RingkvError BAD_REQUEST when they are damaged or the key is another's; then nothing has changed
   */
  renew(credentials: TlsCredentials): void {
    this.#context = contextOf(credentials);
    this.#credentials = credentials;
    for (const server of this.#servers) server.renew();
  }

  async listen(
    options: ListenOptions,
    onConnection: (connection: Connection) => ConnectionHandlers,
  ): Promise<Listener> {
    const server = createServer({
      ...secure(this.#credentials),
      handshakeTimeout: HANDSHAKE_WITHIN_MS,
      requestCert: true,
      rejectUnauthorized: false,
    });
    server.on("secureConnection", (socket) => {
      const { frameBytesMax } = options;
      const connection = new StreamConnection(socket, {
        peer: peerOf(socket),
        frameBytesMax,
        identity: identityOf(socket),
      });
      connection.start(onConnection(connection));
    });
    server.on("tlsClientError", (error) => options.onAcceptError?.(error));
    const listener = await listenForStreams(options, (socket) =>
      whenTls(socket, () => server.emit("connection", socket)),
    );
    const renewable = { renew: () => server.setSecureContext(secure(this.#credentials)) };
    this.#servers.add(renewable);
    return {
      address: listener.address,
      close: () => {
        this.#servers.delete(renewable);
        return listener.close();
      },
    };
  }

  async connect(options: ConnectOptions, handlers: ConnectionHandlers): Promise<Connection> {
    const { host, port, frameBytesMax, peerUri } = options;
    const secured = {
      host,
      port,
      secureContext: this.#context,
      checkServerIdentity: (_: string, certificate: PeerCertificate) => this.#misfit(host, peerUri, certificate),
      // Unknown to the types of `connect`, not to Node.
      allowHalfOpen: SOCKET_OPTIONS.allowHalfOpen,
    };
    const connection = await connectStream(options, {
      readyEvent: "secureConnect",
      connect: () => connectTls(secured),
      onReady: (socket) =>
        new StreamConnection(socket, { peer: { host, port }, frameBytesMax, identity: identityOf(socket) }),
      failureOf: (error) => tlsFailure(options, error),
    });
    connection.start(handlers);
    return connection;
  }

  /** Why a certificate that holds is not that of whom we want; undefined when it is. */
  #misfit(host: string, peerUri: string | undefined, certificate: PeerCertificate): Error | undefined {
    if (peerUri === undefined) return checkServerIdentity(this.#serverName ?? host, certificate);
    const uris = urisOf(certificate.subjectaltname ?? "");
    if (uris.includes(peerUri)) return undefined;
    const reason = `it is for ${uris.join(", ") || "nobody in a ring"}, not for ${peerUri}.`;
    return Object.assign(new Error(reason), { code: "ERR_TLS_CERT_ALTNAME_INVALID", reason });
  }
}

/** The newest TLS only; no tickets, so that nobody comes back by a certificate that was checked some time ago. */
function secure(credentials: TlsCredentials) {
  return { ...credentials, minVersion: "TLSv1.3", secureOptions: constants.SSL_OP_NO_TICKET } as const;
}

/** @throws RingkvError BAD_REQUEST */
function contextOf(credentials: TlsCredentials): SecureContext {
  try {
    return createSecureContext(secure(credentials));
  } catch (error) {
    const why = error instanceof Error ? error.message : "unknown";
    throw new RingkvError("BAD_REQUEST", `The certificates and the key cannot be used: ${why}.`, { cause: error });
  }
}

function identityOf(socket: TLSSocket): PeerIdentity {
  const certificate = socket.getPeerCertificate();
  // Node gives an empty object where the peer has shown none.
  if (!("subject" in certificate)) return { kind: "none" };
  // Node's type says Error, but it is the code.
  if (!socket.authorized) return { kind: "invalid", reason: certificateFault(String(socket.authorizationError)) };
  const { subject, subjectaltname } = certificate;
  return { kind: "certificate", name: String(subject.CN), uris: urisOf(subjectaltname ?? "") };
}

/**
 * Looks at the first bytes of an accepted socket before they are taken for TLS: a peer that speaks plain text is told in plain
 * text what is wrong, which no handshake could tell it.
 */
function whenTls(socket: Socket, onTls: () => void): void {
  const timer = setTimeout(() => socket.destroy(), HANDSHAKE_WITHIN_MS);
  const onError = () => socket.destroy();
  socket
    .on("error", onError)
    .once("close", () => clearTimeout(timer))
    .once("end", () => socket.destroy())
    .once("data", (bytes: Buffer) => {
      clearTimeout(timer);
      socket.pause().removeAllListeners("end");
      if (looksLikeTls(bytes)) {
        socket.off("error", onError).unshift(bytes);
        onTls();
      } else socket.end(encodeFrame(PLAIN_TEXT_REFUSAL)).resume();
    });
}

const PLAIN_TEXT_REFUSAL = {
  type: "resp",
  code: "UNAUTHORIZED",
  message: "This port speaks TLS only.",
  retriable: false,
};
