import type { MasterCore } from "../../core/master.js";
import type { Failure } from "../../core/result.js";
import { ERRORS, RingkvError } from "../../protocol/errors.js";
import { scanClientRequest } from "../../protocol/hot-lines.js";
import { LIMITS } from "../../protocol/limits.js";
import {
  type ClientRequest,
  type ClientResponse,
  type ClusterInfo,
  InvalidMessage,
  type RequestId,
  clientRequest,
  decodeMessage,
} from "../../protocol/messages.js";
import type { Connection, ConnectionHandlers } from "../../transport/transport.js";
import type { MasterFailpoints } from "../failpoints.js";
import type { RequestMeter } from "../status/request-meter.js";

/** What the client port needs of the master around it. */
export interface ClientPortHost {
  readonly core: MasterCore;
  readonly failpoints: MasterFailpoints;
  readonly meter: RequestMeter;
  readonly view: { info(): ClusterInfo };
  /** True once the master has begun to stop: new requests are refused. */
  readonly stopping: boolean;
}

/**
 * Serves one client. Requests with an `id` are answered as soon as they are done, those without in the order they came; a
 * refused line is answered like a request. A client with too much under way is not read further until it has less.
 */
export function serveClient(host: ClientPortHost, connection: Connection): ConnectionHandlers {
  const answers = new Answers(connection);
  return {
    onFrames(frames) {
      for (const frame of frames) {
        if (typeof frame === "string") handleLine(host, answers, frame);
        else answers.slot(undefined).fill(failureOf(frame));
      }
    },
    onDrain: () => answers.regulate(),
    onEnd: () => answers.endWhenDone(),
    onClose: () => answers.close(),
  };
}

function handleLine(host: ClientPortHost, answers: Answers, line: string): void {
  let request: ClientRequest;
  try {
    request = scanClientRequest(line) ?? decodeMessage(clientRequest, line);
  } catch (error) {
    if (!(error instanceof RingkvError)) throw error;
    answers.slot(error instanceof InvalidMessage ? error.requestId : undefined).fill(failureOf(error));
    return;
  }
  const slot = answers.slot(request.id);
  if (host.stopping) slot.fill(failureOf(new RingkvError("SHUTTING_DOWN")));
  else handle(host, request, slot, answers);
}

function handle(host: ClientPortHost, request: ClientRequest, slot: Slot, answers: Answers): void {
  const { core, meter, failpoints } = host;
  switch (request.type) {
    case "getreq": {
      const done = meter.start("get");
      core.get(request.key, (result) => {
        done(result);
        if (result.ok) slot.fill({ key: request.key, value: result.value, opId: result.opId });
        else slot.fill({ key: request.key, ...failureOf(result) });
      });
      return;
    }
    case "putreq":
    case "delreq": {
      const kind = request.type === "putreq" ? "put" : "del";
      const value = request.type === "putreq" ? request.value : undefined;
      const done = meter.start(kind);
      core.update({ kind, key: request.key, value }, (result) => {
        done(result);
        failpoints.armed?.before("answer");
        slot.fill(result.ok ? { message: "Success", opId: result.opId } : failureOf(result));
        failpoints.armed?.after("answer", answers);
      });
      return;
    }
    case "keysreq":
      core.keys(request, (result) =>
        slot.fill(result.ok ? { keys: result.keys, more: result.more } : failureOf(result)),
      );
      return;
    case "wherereq": {
      const place = core.locate(request.key);
      if (place === undefined) slot.fill(failureOf(new RingkvError("RING_INCOMPLETE")));
      else {
        const { hash, set, replicas } = place;
        slot.fill({ key: request.key, hash: hash.toString(), set, replicas: [...replicas] });
      }
      return;
    }
    case "auth":
      slot.fill(failureOf(new RingkvError("BAD_REQUEST", "`auth` is the first message of a connection, or none.")));
      return;
    case "ping":
      slot.fill({ message: "pong" });
      return;
    case "inforeq":
      slot.fill({ info: host.view.info() });
  }
}

/** The body of an answer: everything but its type and id. */
type Body = Omit<ClientResponse, "type" | "id">;

function failureOf({ code, message }: Failure | RingkvError): Body {
  return { code, message, retriable: ERRORS[code].retriable };
}

/** The place of one answer. */
interface Slot {
  fill(body: Body): void;
}

/** One client's answers: their order, and how many are still owed. */
class Answers {
  readonly #connection: Connection;
  /** Answers to requests without an id, oldest first; a filled one waits for those before it. */
  readonly #ordered: { response: ClientResponse | undefined }[] = [];
  #owed = 0;
  #paused = false;
  #ending = false;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  slot(id: RequestId | undefined): Slot {
    this.#owed += 1;
    this.regulate();
    if (id !== undefined) return { fill: (body) => this.#answered({ type: "resp", id, ...body }) };
    const place: { response: ClientResponse | undefined } = { response: undefined };
    this.#ordered.push(place);
    return {
      fill: (body) => {
        place.response = { type: "resp", ...body };
        for (let head = this.#ordered[0]; head?.response !== undefined; head = this.#ordered[0]) {
          this.#ordered.shift();
          this.#answered(head.response);
        }
      },
    };
  }

  /** Reads on or waits, by what is under way and what the client has not taken yet. */
  regulate(): void {
    const full = this.#owed >= LIMITS.requestsInFlightMax || this.#connection.queuedBytes >= LIMITS.writeQueueBytesMax;
    if (full === this.#paused) return;
    this.#paused = full;
    if (full) this.#connection.pause();
    else this.#connection.resume();
  }

  /** Hands the answers so far to the system now. */
  flush(): void {
    this.#connection.flush();
  }

  endWhenDone(): void {
    this.#ending = true;
    if (this.#owed === 0) this.#connection.end();
  }

  close(): void {
    this.#ordered.length = 0;
  }

  #answered(response: ClientResponse): void {
    this.#connection.send(response);
    this.#owed -= 1;
    this.regulate();
    if (this.#ending && this.#owed === 0) this.#connection.end();
  }
}
