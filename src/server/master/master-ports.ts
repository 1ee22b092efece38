import { LIMITS } from "../../protocol/limits.js";
import type { PortLimits } from "../ports/port-options.js";

/** The limits of a master's three ports. */
export interface MasterPortLimits {
  readonly client: PortLimits;
  readonly registration: PortLimits;
  readonly status: PortLimits;
}

/** A master that cannot have so many clients is of no use, whatever is left of its descriptors. */
const CLIENTS_MIN = 16;

/**
 * How many connections each port may have: clients get what the system's limit of open files leaves when the slaves, the status
 * port and the master's own files have theirs, so that no number of clients keeps a slave or an admin out.
 *
 * @param slaves of the ring
 * @param filesMax what the system lets this process have open
 */
export function masterPortLimits(slaves: number, filesMax: number): MasterPortLimits {
  const registrations = 2 * slaves + LIMITS.registrationConnectionsSpare;
  const reserved =
    LIMITS.filesReserved +
    LIMITS.statusConnectionsMax +
    registrations +
    // The links to the slaves' ports, the new ones beside the old.
    2 * slaves +
    3 * LIMITS.leavingConnectionsMax;
  const clients = Math.max(CLIENTS_MIN, Math.min(LIMITS.clientConnectionsMax, filesMax - reserved));
  const { frameBytesMax } = LIMITS;
  return {
    client: {
      connectionsMax: clients,
      frameBytesMax,
      idleMs: LIMITS.clientIdleMs,
      unreadMs: LIMITS.clientUnreadMs,
    },
    registration: {
      connectionsMax: registrations,
      frameBytesMax,
      introductionWithinMs: LIMITS.introductionWithinMs,
      unreadMs: LIMITS.clientUnreadMs,
      messagesPerSecondMax: LIMITS.registrationMessagesPerSecondMax,
    },
    status: { connectionsMax: LIMITS.statusConnectionsMax, frameBytesMax, unreadMs: LIMITS.watcherUnreadMs },
  };
}
