import type { RingkvError } from "../../../src/protocol/errors.js";
import type { Refusals } from "../../../src/protocol/messages.js";
import type { Guest } from "../../../src/server/ports/guest.js";
import { Port } from "../../../src/server/ports/port.js";
import type { PortLimits } from "../../../src/server/ports/port-options.js";
import type { Connection, ConnectionHandlers, Transport } from "../../../src/transport/transport.js";
import { FakeConnection } from "../fake-connection.js";

/** A connection to a scripted port, with the hands of its peer. */
export class ScriptedPeer extends FakeConnection {
  handlers: ConnectionHandlers | undefined;
  guest: Guest | undefined;
  /** What has reached the port's own handlers. */
  readonly heard: (string | RingkvError)[] = [];

  says(...lines: string[]): void {
    this.handlers?.onFrames(lines);
  }

  override destroy(): void {
    if (this.isDestroyed) return;
    super.destroy();
    this.handlers?.onClose();
  }

  /** What it was told, by code. */
  get codes(): unknown[] {
    return this.sent.map((message) => (message as { readonly code?: unknown }).code);
  }
}

/** A port on no network, which answers each refused line with its code. */
export interface ScriptedPort {
  readonly port: Port;
  readonly refusals: readonly (keyof Refusals)[];
  readonly logged: readonly string[];
  /** Someone connects; the port serves it, if there is room. */
  connect(): ScriptedPeer;
}

export async function openScriptedPort(limits: Partial<PortLimits>): Promise<ScriptedPort> {
  const refusals: (keyof Refusals)[] = [];
  const logged: string[] = [];
  let accept: ((connection: Connection) => ConnectionHandlers) | undefined;
  const transport: Transport = {
    listen(options, onConnection) {
      accept = onConnection;
      return Promise.resolve({ address: options, close: () => Promise.resolve() });
    },
    connect: () => Promise.reject(new Error("a scripted port connects to nobody")),
  };
  const port = await Port.open(
    {
      name: "scripted port",
      host: "127.0.0.1",
      port: 1,
      transport,
      limits: { connectionsMax: 4, frameBytesMax: 1_024, unreadMs: 30_000, ...limits },
      onRefusal: (why) => refusals.push(why),
      log: (_, text) => logged.push(text),
    },
    (connection, guest) => {
      if (!(connection instanceof ScriptedPeer)) throw new Error("only scripted peers connect here");
      connection.guest = guest;
      return {
        onFrames: (frames) => {
          connection.heard.push(...frames);
          for (const frame of frames) if (typeof frame !== "string") connection.send({ code: frame.code });
        },
        onClose: () => undefined,
      };
    },
  );
  return {
    port,
    refusals,
    logged,
    connect() {
      const peer = new ScriptedPeer();
      peer.handlers = accept?.(peer);
      return peer;
    },
  };
}
