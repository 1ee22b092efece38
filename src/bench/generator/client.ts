import type { Socket } from "node:net";
import { RingkvError } from "../../protocol/errors.js";
import type { Operation } from "../load/request-source.js";
import type { Entrance } from "./access.js";
import { connectSocket } from "./connect-socket.js";
import { SentInAnyOrder, SentInOrder, type SentRequests } from "./sent-requests.js";
import type { Wire, WireSession } from "./wire.js";

/** What a client's owner is told. */
export interface ClientHandlers {
  /** An answer came; `startMs` is what the request was sent with. */
  onAnswer(operation: Operation, startMs: number, failure: string | undefined, bytes: number): void;
  /** All answers of a chunk were told: there may be room for more requests. */
  onRoom(client: BenchClient): void;
  onLost(error: RingkvError): void;
}

/** One connection of a load, with at most `depth` requests in flight. It keeps what each of them was sent with, in order. */
export class BenchClient {
  readonly #socket: Socket;
  readonly #session: WireSession;
  readonly #depth: number;
  readonly #sent: SentRequests;
  #inFlight = 0;
  #isClosed = false;

  private constructor(socket: Socket, wire: Wire, depth: number, handlers: ClientHandlers) {
    this.#socket = socket;
    this.#depth = depth;
    const sent = wire.answersOvertake === true ? new SentInAnyOrder() : new SentInOrder(depth);
    this.#sent = sent;
    this.#session = wire.openSession(socket, (failure, bytes, request) => {
      this.#inFlight--;
      sent.take(request);
      handlers.onAnswer(sent.operation, sent.startMs, failure, bytes);
    });
    socket.on("data", (chunk: Buffer) => {
      this.#session.take(chunk);
      handlers.onRoom(this);
    });
    let cause: Error | undefined;
    socket.on("error", (error) => (cause = error));
    socket.on("close", () => {
      if (this.#isClosed) return;
      handlers.onLost(new RingkvError("UNAVAILABLE", "A connection of the load was lost.", { cause }));
    });
  }

  /** @throws RingkvError UNAVAILABLE, UNAUTHORIZED */
  static async connect(entrance: Entrance, wire: Wire, depth: number, handlers: ClientHandlers): Promise<BenchClient> {
    const client = new BenchClient(await connectSocket(entrance), wire, depth, handlers);
    await client.#session.opened;
    return client;
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  get hasRoom(): boolean {
    return this.#inFlight < this.#depth;
  }

  /** Adds a request; there must be room. `flush` sends it. */
  put(key: string, value: string, startMs: number): void {
    this.#started("put", startMs);
    this.#session.put(key, value);
  }

  get(key: string, startMs: number): void {
    this.#started("get", startMs);
    this.#session.get(key);
  }

  flush(): void {
    this.#session.flush();
  }

  close(): void {
    this.#isClosed = true;
    this.#socket.destroy();
  }

  #started(operation: Operation, startMs: number): void {
    this.#sent.add(operation, startMs);
    this.#inFlight++;
  }
}
