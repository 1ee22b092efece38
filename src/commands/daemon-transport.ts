import { introducing } from "../client/introducing-transport.js";
import type { SlaveId } from "../protocol/ids.js";
import type { MasterTokens } from "../server/access/master-guards.js";
import { tcpTransport } from "../transport/tcp.js";
import { TlsTransport } from "../transport/tls.js";
import type { Transport } from "../transport/transport.js";
import { CERTIFICATE_FILES, daemonCredentials } from "./credentials.js";

/** How a daemon speaks. */
export interface DaemonTransport {
  readonly transport: Transport;
  /** Reads the certificates anew; undefined where there are none. @throws UsageError, RingkvError; then nothing has changed */
  readonly renew: (() => void) | undefined;
}

/**
 * The transport of the daemon whose certificate has this name; plain TCP without a directory of certificates.
 * @throws UsageError, RingkvError BAD_REQUEST
 */
export function daemonTransport(directory: string | undefined, name: string): DaemonTransport {
  if (directory === undefined) return { transport: tcpTransport, renew: undefined };
  const read = () => daemonCredentials(directory, name);
  const transport = new TlsTransport(read());
  return { transport, renew: () => transport.renew(read()) };
}

/**
 * How the supervisor reaches its master: as an admin, by certificate or token.
 * @throws UsageError, RingkvError BAD_REQUEST
 */
export function supervisorTransport(directory: string | undefined, { admin, client }: MasterTokens): DaemonTransport {
  const { transport, renew } = daemonTransport(directory, CERTIFICATE_FILES.admin);
  const token = admin ?? client;
  const isOpen = directory === undefined && token === undefined;
  return { transport: isOpen ? transport : introducing(transport, token), renew };
}

/** Looks whether every daemon of a ring can speak TLS, before any is started. @throws UsageError */
export function checkDaemonCredentials(directory: string, slaves: readonly SlaveId[]): void {
  daemonCredentials(directory, CERTIFICATE_FILES.master);
  for (const id of slaves) daemonCredentials(directory, CERTIFICATE_FILES.slave(id));
}
