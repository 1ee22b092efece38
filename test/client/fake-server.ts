import type { Test } from "tap";
import { tcpTransport } from "../../src/transport/tcp.js";
import type { Connection, Listener, Transport } from "../../src/transport/transport.js";

/** A request as a fake server sees it. */
export interface FakeRequest {
  readonly type: string;
  readonly id: number;
  readonly key?: string;
  readonly value?: string;
  readonly prefix?: string;
  readonly after?: string;
  readonly slave?: string;
}

type Answer = (request: FakeRequest, connection: Connection) => void;

/** A server that a test scripts: it writes down what it gets and answers as it is told. */
export class FakeServer {
  readonly requests: FakeRequest[] = [];
  readonly connections: Connection[] = [];
  /** What to do with each request; a test may replace it. */
  answer: Answer;
  closed = 0;
  readonly #transport: Transport;
  readonly #waiting = new Set<() => void>();
  #listener: Listener | undefined;
  port = 0;

  private constructor(answer: Answer, transport: Transport) {
    this.answer = answer;
    this.#transport = transport;
  }

  static async start(t: Test, answer: Answer, transport: Transport = tcpTransport): Promise<FakeServer> {
    const server = new FakeServer(answer, transport);
    await server.listen();
    t.teardown(() => server.stop());
    return server;
  }

  /** Listens, again on the same port after `stop`. */
  async listen(): Promise<void> {
    const options = { host: "127.0.0.1", port: this.port, frameBytesMax: 2_000_000 };
    this.#listener = await this.#transport.listen(options, (connection) => {
      this.connections.push(connection);
      this.#tell();
      return {
        onFrames: (frames) => {
          for (const frame of frames) {
            const request = JSON.parse(String(frame)) as FakeRequest;
            this.requests.push(request);
            this.answer(request, connection);
          }
          this.#tell();
        },
        onClose: () => {
          this.closed++;
          this.#tell();
        },
      };
    });
    this.port = this.#listener.address.port;
  }

  /** Drops every connection and listens no more. */
  async stop(): Promise<void> {
    const listener = this.#listener;
    this.#listener = undefined;
    await listener?.close();
    this.drop();
  }

  /** Drops every connection; new ones are still taken. */
  drop(): void {
    for (const connection of this.connections) connection.destroy();
  }

  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise<void>((resolve) => this.#waiting.add(resolve));
  }

  requestsReach(count: number): Promise<void> {
    return this.until(() => this.requests.length >= count);
  }

  #tell(): void {
    for (const resolve of this.#waiting) resolve();
    this.#waiting.clear();
  }
}

/** Answers as a store would that holds every key with its own name as the value. */
export function echo({ id, type, key }: FakeRequest, connection: Connection): void {
  if (type === "getreq") connection.send({ type: "resp", id, key, value: key, opId: "1.1" });
  else connection.send({ type: "resp", id, message: "Success", opId: "1.2" });
}

/** Answers nothing. */
export function silent(): void {
  // Half-dead: it takes requests and that is all.
}
