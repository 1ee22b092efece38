import type { ClientResponse, RequestId } from "../../protocol/messages.js";
import type { Connection } from "../../transport/transport.js";

/** The body of an answer: everything but its type and id. */
export type Body = Omit<ClientResponse, "type" | "id">;

/** The place of one answer. */
export interface Slot {
  /** Called once. */
  fill(body: Body): void;
}

/** One client's answers: those with an id leave at once, those without in the order in which they were asked for. */
export class Answers {
  readonly #connection: Connection;
  readonly #onSent: (bytes: number) => void;
  /** Answers to requests without an id, oldest first; a filled one waits for those before it. */
  readonly #ordered: { response: ClientResponse | undefined; readonly bytes: number }[] = [];

  /** @param onSent told, with what the request was taken for, when its answer has been handed to the connection */
  constructor(connection: Connection, onSent: (bytes: number) => void) {
    this.#connection = connection;
    this.#onSent = onSent;
  }

  /** @param bytes what the request is taken for */
  slot(id: RequestId | undefined, bytes: number): Slot {
    if (id !== undefined) {
      return {
        fill: (body) => {
          this.#connection.send({ type: "resp", id, ...body });
          this.#onSent(bytes);
        },
      };
    }
    const place: { response: ClientResponse | undefined; readonly bytes: number } = { response: undefined, bytes };
    this.#ordered.push(place);
    return {
      fill: (body) => {
        place.response = { type: "resp", ...body };
        for (let head = this.#ordered[0]; head?.response !== undefined; head = this.#ordered[0]) {
          this.#ordered.shift();
          this.#connection.send(head.response);
          this.#onSent(head.bytes);
        }
      },
    };
  }

  /** Hands the answers so far to the system now. */
  flush(): void {
    this.#connection.flush();
  }

  close(): void {
    this.#ordered.length = 0;
  }
}
