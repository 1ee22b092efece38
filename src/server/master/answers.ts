import { encodeFrame } from "../../protocol/framing.js";
import type { ClientResponse, RequestId } from "../../protocol/messages.js";
import type { Connection } from "../../transport/transport.js";

/** The body of an answer: everything but its type and id. */
export type Body = Omit<ClientResponse, "type" | "id">;

/** The place of one answer. */
export interface Slot {
  /**
   * Called once.
   * @param line the whole answer, as `answerLine` makes it
   */
  fill(line: string): void;
}

const HEAD = '{"type":"resp"';

/** The line of an answer without an id. */
export function answerLine(body: Body): string {
  return encodeFrame({ type: "resp", ...body });
}

/** The same answer to a request with this id. */
function withId(id: RequestId, line: string): string {
  return `${HEAD},"id":${JSON.stringify(id)}${line.slice(HEAD.length)}`;
}

/** A place among the answers without an id. */
interface OrderedPlace {
  /** The whole answer; undefined until it is there. */
  line: string | undefined;
  readonly bytes: number;
}

/** One client's answers: those with an id leave at once, those without in the order in which they were asked for. */
export class Answers {
  readonly #connection: Connection;
  readonly #onSent: (bytes: number) => void;
  /** Answers to requests without an id, oldest first; a filled one waits for those before it. */
  readonly #ordered: OrderedPlace[] = [];

  /** @param onSent told, with what the request was taken for, when its answer has been handed to the connection */
  constructor(connection: Connection, onSent: (bytes: number) => void) {
    this.#connection = connection;
    this.#onSent = onSent;
  }

  /** @param bytes what the request is taken for */
  slot(id: RequestId | undefined, bytes: number): Slot {
    if (id !== undefined) {
      return {
        fill: (line) => {
          this.#connection.sendLine(withId(id, line));
          this.#onSent(bytes);
        },
      };
    }
    const place: OrderedPlace = { line: undefined, bytes };
    this.#ordered.push(place);
    return {
      fill: (line) => {
        place.line = line;
        for (let head = this.#ordered[0]; head?.line !== undefined; head = this.#ordered[0]) {
          this.#ordered.shift();
          this.#connection.sendLine(head.line);
          this.#onSent(head.bytes);
        }
      },
    };
  }

  /** Whether a request that is taken now may be answered at once: no other one goes before it. */
  canTell(id: RequestId | undefined): boolean {
    return id !== undefined || this.#ordered.length === 0;
  }

  /**
   * Answers a request of which `canTell` is true, without a slot.
   * @param line the answer of `answerLine`, without an id
   */
  tell(id: RequestId | undefined, line: string): void {
    this.#connection.sendLine(id === undefined ? line : withId(id, line));
  }

  /** Hands the answers so far to the system now. */
  flush(): void {
    this.#connection.flush();
  }

  close(): void {
    this.#ordered.length = 0;
  }
}
