import { type AddressInfo, type Server, type Socket, createServer } from "node:net";
import { createInterface } from "node:readline";
import type { StatusEvent } from "../../src/protocol/messages.js";
import { snapshot } from "./sample.js";

/**
 * What a monitor sees of a master, without a cluster behind it: it answers as one and tells what it is made to tell, so that a
 * measurement knows exactly how much that is.
 */
export class ScriptedMaster {
  readonly #client: Server;
  readonly #status: Server;
  readonly #subscribers = new Set<Socket>();
  readonly #sockets = new Set<Socket>();
  #seq = 0;

  private constructor() {
    this.#client = this.#serve((request) => {
      if (request["type"] !== "inforeq") return { type: "resp", code: "BAD_REQUEST", message: "scripted" };
      return { type: "resp", info: this.#snapshot().info };
    });
    this.#status = this.#serve((request, socket) => {
      switch (request["type"]) {
        case "subscribe":
          this.#subscribers.add(socket);
          return this.#snapshot();
        case "statusreq":
          return this.#snapshot();
        case "cachereq":
          return {
            type: "cache",
            node: "master",
            sets: 64,
            ways: 4,
            used: 0,
            hits: 0,
            misses: 0,
            contents: [],
            more: false,
          };
        default:
          return { type: "resp", code: "NOT_SUPERVISED", message: "scripted" };
      }
    });
  }

  static async start(): Promise<ScriptedMaster> {
    const master = new ScriptedMaster();
    for (const server of [master.#client, master.#status]) {
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    }
    return master;
  }

  /** The client address, as `--connect` takes it. */
  get connect(): string {
    return `127.0.0.1:${portOf(this.#client)}`;
  }

  /** Tells subscribers; numbers and times are put in here. */
  tell(events: readonly StatusEvent[]): void {
    const text = events
      .map((event) => `${JSON.stringify({ ...event, seq: ++this.#seq, time: Date.now() })}\n`)
      .join("");
    for (const subscriber of this.#subscribers) subscriber.write(text);
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    for (const server of [this.#client, this.#status]) await new Promise((resolve) => server.close(resolve));
  }

  #snapshot() {
    const { info, ...rest } = snapshot({ time: Date.now() });
    const address = (server: Server) => ({ host: "127.0.0.1", port: portOf(server) });
    return { ...rest, info: { ...info, client: address(this.#client), status: address(this.#status) } };
  }

  #serve(answer: (request: Record<string, unknown>, socket: Socket) => object): Server {
    return createServer((socket) => {
      this.#sockets.add(socket);
      socket.on("close", () => {
        this.#sockets.delete(socket);
        this.#subscribers.delete(socket);
      });
      socket.on("error", () => socket.destroy());
      const lines = createInterface({ input: socket });
      lines.on("error", () => socket.destroy());
      lines.on("line", (line) => {
        const request = JSON.parse(line) as Record<string, unknown>;
        const id = request["id"] === undefined ? {} : { id: request["id"] };
        socket.write(`${JSON.stringify({ ...answer(request, socket), ...id })}\n`);
      });
    });
  }
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}
