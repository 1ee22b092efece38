import type { Address } from "../transport/transport.js";
import { DEFAULTS } from "../protocol/limits.js";
import { type ClientOptions, RingkvClient } from "./client.js";

/** Hosts that mean "all of this machine's": good for listening, of no use for connecting. */
const UNSPECIFIED = ["0.0.0.0", "::", ""];

/**
 * Finds a cluster's status address through its client address, so that one address is enough for a tool.
 * @throws RingkvError UNAVAILABLE, TIMEOUT
 */
export async function findStatusAddress(options: ClientOptions = {}): Promise<Address> {
  const client = await RingkvClient.connect(options);
  try {
    const { status } = await client.info();
    const host = UNSPECIFIED.includes(status.host) ? (options.host ?? DEFAULTS.host) : status.host;
    return { host, port: status.port };
  } finally {
    await client.close();
  }
}
