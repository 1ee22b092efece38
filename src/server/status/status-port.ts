import { ERRORS, RingkvError } from "../../protocol/errors.js";
import type { SlaveId } from "../../protocol/ids.js";
import { LIMITS } from "../../protocol/limits.js";
import {
  type CacheView,
  type CopiesView,
  InvalidMessage,
  type LinkFault,
  type LogLines,
  type ProcessVerb,
  type RequestId,
  type SlaveStatus,
  type Snapshot,
  type StatusPortRequest,
  type StepMode,
  decodeMessage,
  statusPortRequest,
} from "../../protocol/messages.js";
import type { Connection, ConnectionHandlers } from "../../transport/transport.js";
import type { Done } from "../master/master-control.js";
import { MASTER } from "../node-names.js";
import type { StatusFeed } from "./feed.js";
import type { ProcessControl } from "./process-control.js";

/** What the status port needs of the master around it. */
export interface StatusPortHost {
  readonly feed: StatusFeed;
  readonly control: ProcessControl;
  readonly view: {
    snapshot(): Snapshot;
    cache(
      node: string,
      page: { readonly from: number; readonly count: number },
    ): Promise<Omit<CacheView, "type" | "id">>;
    logs(node: string | undefined, limit: number): LogLines["lines"];
    copies(
      slave: string,
      page: { readonly after: string; readonly limit: number },
    ): Promise<Omit<CopiesView, "type" | "id">>;
    find(slave: string): Pick<SlaveStatus, "id" | "name">;
  };
  /** Does it and waits until it shows; resolves with a message for people. */
  readonly slaveControl: { run(verb: ProcessVerb, slave: string, point?: string): Promise<string> };
  readonly masterControl: { run(verb: ProcessVerb, point?: string): Promise<Done> };
  readonly faults: { set(slave: SlaveId, fault: LinkFault): string };
  readonly stepMode: { run(mode: StepMode): string };
}

/** Serves one connection of the status port: a watcher, an admin or a supervisor. */
export function serveStatus(host: StatusPortHost, connection: Connection): ConnectionHandlers {
  const visitor = new Visitor(host, connection);
  return {
    onFrames(frames) {
      for (const frame of frames) visitor.receive(frame);
      visitor.regulate();
    },
    onDrain: () => visitor.regulate(),
    onEnd() {
      host.feed.unsubscribe(connection);
      visitor.endWhenDone();
    },
    onClose() {
      host.feed.unsubscribe(connection);
      host.control.remove(connection);
    },
  };
}

/**
 * Who is at the other end of a connection of the status port. One that does not take its answers is not read further until it
 * has, and what it had asked by then is refused: it costs a bounded queue, whatever it asks.
 */
class Visitor {
  readonly #host: StatusPortHost;
  readonly #connection: Connection;
  /** Answers that take their time and are still to come. */
  #owed = 0;
  #isEnding = false;
  #isPaused = false;

  constructor(host: StatusPortHost, connection: Connection) {
    this.#host = host;
    this.#connection = connection;
  }

  receive(frame: string | RingkvError): void {
    let id: RequestId | undefined;
    try {
      if (typeof frame !== "string") throw frame;
      const request = decodeMessage(statusPortRequest, frame);
      id = "id" in request ? request.id : undefined;
      this.#handle(request);
    } catch (error) {
      if (!(error instanceof RingkvError)) throw error;
      this.#refuse(error, error instanceof InvalidMessage ? error.requestId : id);
    }
  }

  /** Reads on or waits, by what the peer has not taken yet. */
  regulate(): void {
    if (this.#isFull === this.#isPaused) return;
    this.#isPaused = this.#isFull;
    if (this.#isPaused) this.#connection.pause();
    else this.#connection.resume();
  }

  endWhenDone(): void {
    this.#isEnding = true;
    if (this.#owed === 0) this.#connection.end();
  }

  /** @throws RingkvError when it cannot be done */
  #handle(request: StatusPortRequest): void {
    const { feed, view, control, slaveControl, faults, stepMode } = this.#host;
    switch (request.type) {
      case "auth":
        throw new RingkvError("BAD_REQUEST", "`auth` is the first message of a connection, or none.");
      case "subscribe":
        this.#expectRoom();
        this.#connection.send(view.snapshot());
        feed.subscribe(this.#connection);
        return;
      case "statusreq":
        this.#expectRoom();
        this.#answer(request.id, view.snapshot());
        return;
      case "cachereq": {
        const { id, node, from, count } = request;
        this.#answerLater(id, async () => {
          const page = await view.cache(node, { from, count });
          this.#expectRoom();
          return { type: "cache", ...page };
        });
        return;
      }
      case "logsreq":
        this.#expectRoom();
        this.#answer(request.id, { type: "logs", lines: view.logs(request.node, request.limit) });
        return;
      case "supervise":
        control.supervise(this.#connection, request.slaves);
        return;
      case "resp": {
        const { id, code, message } = request;
        const result = code === undefined ? (message ?? "done") : new RingkvError(code, message);
        control.answered(this.#connection, id, result);
        return;
      }
      case "copiesreq": {
        const { id, slave, after, limit } = request;
        this.#answerLater(id, async () => {
          const page = await view.copies(slave, { after, limit });
          this.#expectRoom();
          return { type: "copies", ...page };
        });
        return;
      }
      case "fault":
        this.#answer(request.id, { type: "resp", message: faults.set(view.find(request.slave).id, request.fault) });
        return;
      case "step":
        this.#answer(request.id, { type: "resp", message: stepMode.run(request.mode) });
        return;
      default: {
        const { type, id, slave, point } = request;
        if (slave === MASTER) this.#runOnMaster(id, type, point);
        else this.#answerLater(id, async () => ({ type: "resp", message: await slaveControl.run(type, slave, point) }));
      }
    }
  }

  /** The master may die of it: not before the answer has been handed to the system. */
  #runOnMaster(id: RequestId | undefined, verb: ProcessVerb, point: string | undefined): void {
    this.#answerLater(
      id,
      () => this.#host.masterControl.run(verb, point),
      ({ message, afterwards }) => {
        this.#answer(id, { type: "resp", message });
        if (afterwards === undefined) return;
        this.#connection.flush();
        afterwards();
      },
    );
  }

  get #isFull(): boolean {
    return this.#connection.queuedBytes >= LIMITS.writeQueueBytesMax;
  }

  /** Before every answer that may be long. @throws RingkvError OVERLOADED */
  #expectRoom(): void {
    if (this.#isFull) throw new RingkvError("OVERLOADED", "You have not taken your earlier answers.");
  }

  #answer(id: RequestId | undefined, answer: object): void {
    this.#connection.send(id === undefined ? answer : { ...answer, id });
  }

  /** @throws RingkvError OVERLOADED when too many answers are owed */
  #answerLater<Result extends object>(
    id: RequestId | undefined,
    ask: () => Promise<Result>,
    answer = (result: Result) => this.#answer(id, result),
  ): void {
    if (this.#owed >= LIMITS.requestsInFlightMax) throw new RingkvError("OVERLOADED");
    this.#owed += 1;
    void ask()
      .then(answer, (error: unknown) => {
        if (!(error instanceof RingkvError)) throw error;
        this.#refuse(error, id);
      })
      .then(() => {
        this.#owed -= 1;
        if (this.#isEnding) this.endWhenDone();
      });
  }

  #refuse({ code, message }: RingkvError, id: RequestId | undefined): void {
    this.#answer(id, { type: "resp", code, message, retriable: ERRORS[code].retriable });
  }
}
