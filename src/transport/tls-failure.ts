import { RingkvError } from "../protocol/errors.js";
import { unavailable } from "./connect-stream.js";
import type { Address } from "./transport.js";

/** What the codes of a failed check of a certificate mean, for people. */
const CERTIFICATE_FAULTS: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: "it has expired",
  CERT_NOT_YET_VALID: "it is not valid yet",
  DEPTH_ZERO_SELF_SIGNED_CERT: "it is signed by itself and not by the CA that is trusted here",
  SELF_SIGNED_CERT_IN_CHAIN: "another CA signed it than the one that is trusted here",
  UNABLE_TO_GET_ISSUER_CERT: "another CA signed it than the one that is trusted here",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "another CA signed it than the one that is trusted here",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "another CA signed it than the one that is trusted here",
  CERT_SIGNATURE_FAILURE: "another CA signed it than the one that is trusted here",
  INVALID_PURPOSE: "it was made for another purpose",
};

/** Codes of OpenSSL for an answer that is no TLS at all. */
const NOT_TLS = [
  "ERR_SSL_WRONG_VERSION_NUMBER",
  "ERR_SSL_PACKET_LENGTH_TOO_LONG",
  "ERR_SSL_UNEXPECTED_MESSAGE",
  "ERR_SSL_HTTP_REQUEST",
];

/** Why a certificate counts for nothing, from the code of its check. */
export function certificateFault(code: string): string {
  return CERTIFICATE_FAULTS[code] ?? code;
}

/** What the error of a TLS connection that did not come about means. */
export function tlsFailure(target: Address, error: NodeJS.ErrnoException & { readonly reason?: unknown }): RingkvError {
  const { host, port } = target;
  const code = error.code ?? "";
  if (code === "ERR_TLS_CERT_ALTNAME_INVALID") {
    const why = typeof error.reason === "string" ? error.reason : error.message;
    return new RingkvError("UNAUTHORIZED", `The certificate of ${host}:${port} is for another: ${why}`, {
      cause: error,
    });
  }
  if (code in CERTIFICATE_FAULTS) {
    const message = `The certificate of ${host}:${port} does not hold: ${certificateFault(code)}.`;
    return new RingkvError("UNAUTHORIZED", message, { cause: error });
  }
  if (NOT_TLS.includes(code)) return unavailable(target, "it does not speak TLS", { cause: error });
  if (code === "ECONNRESET")
    return unavailable(target, "it closed the connection during the TLS handshake", { cause: error });
  return unavailable(target, code === "" ? error.message : code, { cause: error });
}
