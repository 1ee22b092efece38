import type { Connection } from "../../transport/transport.js";
import { describeIdentity } from "../../transport/peer-identity.js";
import type { Log } from "../log.js";
import { SampledLines } from "../sampled-lines.js";

/** Tells the log of peers that were refused; of a great many only some, and their number. */
export class Refusals {
  readonly #lines: SampledLines;

  constructor(log: Log) {
    this.#lines = new SampledLines("refusals", (text) => log("warn", text));
  }

  /** @param why never anything that the peer has sent */
  tell(connection: Connection, where: string, why: string): void {
    if (this.#lines.mayTell()) this.#lines.tell(`${describePeer(connection)} was refused at the ${where}: ${why}`);
  }
}

/** Who is at the other end, for the log: `127.0.0.1:40123 (certificate "admin" (urn:ringkv:admin))`. */
export function describePeer({ peer, identity }: Pick<Connection, "peer" | "identity">): string {
  const who = identity === undefined ? "" : ` (${describeIdentity(identity)})`;
  return `${peer.host}:${peer.port}${who}`;
}
