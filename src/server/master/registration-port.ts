import { RingkvError } from "../../protocol/errors.js";
import type { SlaveId } from "../../protocol/ids.js";
import { type RegistrationMessage, decodeMessage, registrationMessage } from "../../protocol/messages.js";
import type { Connection, ConnectionHandlers } from "../../transport/transport.js";
import type { Master } from "./master.js";
import { refuseSlave } from "./refusal.js";

/** What the port around a registration is asked and told. */
export interface RegistrationHost {
  /** @throws RingkvError where the peer has not shown that it is this slave */
  expectSlave(id: SlaveId): void;
  /** The peer is a slave of the ring. */
  onTaken(): void;
}

/** Serves one connection of the registration port: a slave that registers, then sends heartbeats and its log lines. */
export function serveRegistration(master: Master, connection: Connection, host: RegistrationHost): ConnectionHandlers {
  let registered: SlaveId | undefined;
  let isIgnored = false;

  const handle = (message: RegistrationMessage) => {
    if (message.type === "register") {
      if (registered !== undefined) throw new RingkvError("BAD_REQUEST", "This connection has registered already.");
      host.expectSlave(message.slaveId);
      if (!master.faults.admits(message.slaveId, connection)) {
        isIgnored = true;
        host.onTaken();
        return;
      }
      const { id, epoch } = master.register(message, connection);
      registered = id;
      host.onTaken();
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
      master.faults.forget(connection);
      if (registered !== undefined) master.unregister(registered, connection);
    },
  };
}
