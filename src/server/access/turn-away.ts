import type { Connection, ConnectionHandlers } from "../../transport/transport.js";

/** A peer that was turned away may take this long, in ms, to hear it and go. */
const LEAVE_WITHIN_MS = 10_000;

/** Tells a peer why it is not served, and ends its connection; what it says is not read as anything. */
export function turnAway(connection: Connection, refusal: object): ConnectionHandlers {
  connection.send(refusal);
  connection.end();
  const timer = setTimeout(() => connection.destroy(), LEAVE_WITHIN_MS);
  return {
    onFrames: () => undefined,
    onClose: () => clearTimeout(timer),
  };
}
