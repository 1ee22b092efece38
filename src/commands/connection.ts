import { transportFor } from "../client/secured.js";
import type { Values } from "../config.js";
import type { Address, Transport } from "../transport/transport.js";
import { clientCredentials } from "./credentials.js";
import type { SECURITY } from "./settings.js";
import { ownToken } from "./tokens.js";

/** A master's client address, and the way there. */
export interface Target extends Address {
  readonly transport: Transport;
}

/**
 * Where the settings of a client point, and how: plain, over TLS, with a token.
 * @throws UsageError
 */
export function targetOf(address: Address, { tls, tokenFile }: Values<typeof SECURITY>): Target {
  const token = ownToken({ tokenFile });
  const transport = transportFor({
    ...(token !== undefined && { token }),
    ...(tls !== undefined && { tls: clientCredentials(tls) }),
  });
  return { ...address, transport };
}
