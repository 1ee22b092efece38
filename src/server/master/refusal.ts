import { ERRORS, type RingkvError } from "../../protocol/errors.js";
import type { Connection } from "../../transport/transport.js";

/** Tells a slave, on its registration connection, why it is no part of the ring (any more), and ends the connection. */
export function refuseSlave(registration: Connection, { code, message }: RingkvError): void {
  registration.send({ type: "resp", code, message, retriable: ERRORS[code].retriable });
  registration.end();
}
