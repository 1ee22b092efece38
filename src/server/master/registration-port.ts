import { RingkvError } from "../../protocol/errors.js";
import type { SlaveId } from "../../protocol/ids.js";
import { type RegistrationMessage, decodeMessage, registrationMessage } from "../../protocol/messages.js";
import type { Connection, ConnectionHandlers } from "../../transport/transport.js";
import type { Master } from "./master.js";
import { refuseSlave } from "./refusal.js";

/** How long a peer may take to say who it is. */
const REGISTER_WITHIN_MS = 10_000;

/**
 * Serves one connection of the registration port: a slave that registers, then sends heartbeats and its log lines.
 * @param expectSlave throws RingkvError where the peer has not shown that it is this slave
 */
export function serveRegistration(
  master: Master,
  connection: Connection,
  expectSlave: (id: SlaveId) => void = () => undefined,
): ConnectionHandlers {
  let registered: SlaveId | undefined;
  let isIgnored = false;
  const timer = setTimeout(
    () => refuseSlave(connection, new RingkvError("TIMEOUT", "No registration came.")),
    REGISTER_WITHIN_MS,
  );

  const handle = (message: RegistrationMessage) => {
    if (message.type === "register") {
      if (registered !== undefined) throw new RingkvError("BAD_REQUEST", "This connection has registered already.");
      expectSlave(message.slaveId);
      if (!master.faults.admits(message.slaveId, connection)) {
        isIgnored = true;
        clearTimeout(timer);
        return;
      }
      const { id, epoch } = master.register(message, connection);
      registered = id;
      clearTimeout(timer);
      connection.send({
        type: "resp",
        message: `Successfully registered ${id}@${connection.peer.host}:${message.port}`,
        epoch,
      });
      void master.link(id, connection);
    } else if (registered === undefined) throw new RingkvError("UNAUTHORIZED", "Register first.");
    else if (message.type === "heartbeat") master.heartbeat(registered, connection, message);
    else master.logLine(registered, message);
  };
  return {
    onFrames(frames) {
      for (const frame of frames) {
        if (isIgnored || (registered !== undefined && master.faults.isSilent(registered))) return;
        try {
          if (typeof frame !== "string") throw frame;
          handle(decodeMessage(registrationMessage, frame));
        } catch (error) {
          if (!(error instanceof RingkvError)) throw error;
          refuseSlave(connection, error);
          return;
        }
      }
    },
    onClose() {
      clearTimeout(timer);
      master.faults.forget(connection);
      if (registered !== undefined) master.unregister(registered, connection);
    },
  };
}
