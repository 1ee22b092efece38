import { join } from "node:path";
import type { SlaveId } from "../protocol/ids.js";
import type { TlsCredentials } from "../transport/tls.js";
import { isThere, readPublicFile, readSecretFile } from "./secret-file.js";

/** The names of the files in a directory of certificates: `NAME.crt` and `NAME.key` for each of them, in PEM. */
export const CERTIFICATE_FILES = {
  ca: "ca",
  master: "master",
  client: "client",
  admin: "admin",
  slave: (id: SlaveId) => `slave-${id}`,
} as const;

/**
 * What a daemon speaks TLS with.
 * @param name of its files
 * @throws UsageError when a file is not there, or others may read the key
 */
export function daemonCredentials(directory: string, name: string): Required<TlsCredentials> {
  return {
    ca: readPublicFile(join(directory, `${CERTIFICATE_FILES.ca}.crt`)),
    cert: readPublicFile(join(directory, `${name}.crt`)),
    key: readSecretFile(join(directory, `${name}.key`)),
  };
}

/**
 * What a client speaks TLS with: the admin's certificate if it is there, else the client's; with neither it knows the master by
 * the CA, and shows a token.
 * @throws UsageError
 */
export function clientCredentials(directory: string): TlsCredentials {
  const { admin, client } = CERTIFICATE_FILES;
  const name = [admin, client].find((candidate) => isThere(join(directory, `${candidate}.crt`)));
  if (name !== undefined) return daemonCredentials(directory, name);
  return { ca: readPublicFile(join(directory, `${CERTIFICATE_FILES.ca}.crt`)) };
}
