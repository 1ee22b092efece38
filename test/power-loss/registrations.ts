import { LIMITS } from "../../src/protocol/limits.js";
import { type RegisterRequest, decodeMessage, registrationMessage } from "../../src/protocol/messages.js";
import { tcpTransport } from "../../src/transport/tcp.js";
import type { Address, Connection, Listener } from "../../src/transport/transport.js";

/** A master's registration port that takes every slave. */
export class Registrations {
  readonly #connections = new Set<Connection>();
  #listener: Listener | undefined;
  #onRegistered: (registration: RegisterRequest) => void = () => undefined;

  static async open(): Promise<Registrations> {
    const port = new Registrations();
    port.#listener = await tcpTransport.listen(
      { host: "127.0.0.1", port: 0, frameBytesMax: LIMITS.linkFrameBytesMax },
      (connection) => {
        port.#connections.add(connection);
        return {
          onFrames(frames) {
            for (const frame of frames) port.#receive(connection, frame);
          },
          onClose: () => port.#connections.delete(connection),
        };
      },
    );
    return port;
  }

  get address(): Address {
    if (this.#listener === undefined) throw new Error("the port is open");
    return this.#listener.address;
  }

  /** The next registration. */
  next(): Promise<RegisterRequest> {
    return new Promise((resolve) => (this.#onRegistered = resolve));
  }

  async close(): Promise<void> {
    await this.#listener?.close();
    for (const connection of this.#connections) connection.destroy();
  }

  #receive(connection: Connection, frame: string | Error): void {
    if (typeof frame !== "string") throw frame;
    const message = decodeMessage(registrationMessage, frame);
    if (message.type !== "register") return;
    connection.send({ type: "resp", epoch: message.epochSeen });
    this.#onRegistered(message);
  }
}
