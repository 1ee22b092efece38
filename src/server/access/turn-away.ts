import { LIMITS } from "../../protocol/limits.js";
import type { Connection, ConnectionHandlers } from "../../transport/transport.js";

/** Tells a peer why it is not served, and ends its connection; what it says is not read as anything. */
export function turnAway(connection: Connection, refusal: object): ConnectionHandlers {
  connection.send(refusal);
  connection.end();
  const timer = setTimeout(() => connection.destroy(), LIMITS.leaveWithinMs);
  return {
    onFrames: () => undefined,
    onClose: () => clearTimeout(timer),
  };
}
