import { ERRORS, RingkvError } from "../../protocol/errors.js";
import {
  type CacheView,
  InvalidMessage,
  type LogLines,
  type ProcessVerb,
  type RequestId,
  type Snapshot,
  type StatusPortRequest,
  decodeMessage,
  statusPortRequest,
} from "../../protocol/messages.js";
import type { Connection, ConnectionHandlers } from "../../transport/transport.js";
import { LIMITS } from "../../protocol/limits.js";
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
  };
  /** Does it and waits until it shows; resolves with a message for people. */
  readonly slaveControl: { run(verb: ProcessVerb, slave: string): Promise<string> };
}

/**
 * Serves one connection of the status port: a watcher, an admin or a supervisor. Who does not take its answers is not read
 * further until it has, and what it had sent by then is refused.
 */
export function serveStatus(host: StatusPortHost, connection: Connection): ConnectionHandlers {
  let owed = 0;
  let ending = false;
  const endIfDone = () => {
    if (ending && owed === 0) connection.end();
  };
  const refuse = (error: RingkvError, id: RequestId | undefined) => {
    const { code, message } = error;
    connection.send({
      type: "resp",
      ...(id !== undefined && { id }),
      code,
      message,
      retriable: ERRORS[code].retriable,
    });
  };
  const answerLater = async (id: RequestId | undefined, ask: () => Promise<object>) => {
    if (owed >= LIMITS.requestsInFlightMax) {
      refuse(new RingkvError("OVERLOADED"), id);
      return;
    }
    owed += 1;
    try {
      const answer = await ask();
      connection.send({ ...answer, ...(id !== undefined && { id }) });
    } catch (error) {
      if (!(error instanceof RingkvError)) throw error;
      refuse(error, id);
    }
    owed -= 1;
    endIfDone();
  };
  /** Before every answer that may be long. @throws RingkvError OVERLOADED */
  const expectRoom = () => {
    if (connection.queuedBytes >= LIMITS.writeQueueBytesMax) throw new RingkvError("OVERLOADED");
  };
  const cache = async ({ node, from, count }: Extract<StatusPortRequest, { type: "cachereq" }>) => {
    const view = await host.view.cache(node, { from, count });
    expectRoom();
    return { type: "cache", ...view };
  };
  const handle = (request: StatusPortRequest) => {
    switch (request.type) {
      case "subscribe":
        expectRoom();
        connection.send(host.view.snapshot());
        host.feed.subscribe(connection);
        return;
      case "statusreq":
        expectRoom();
        connection.send({ ...host.view.snapshot(), ...(request.id !== undefined && { id: request.id }) });
        return;
      case "cachereq":
        void answerLater(request.id, () => cache(request));
        return;
      case "logsreq": {
        const { id, node, limit } = request;
        expectRoom();
        connection.send({ type: "logs", ...(id !== undefined && { id }), lines: host.view.logs(node, limit) });
        return;
      }
      case "supervise":
        host.control.supervise(connection, request.slaves);
        return;
      case "resp": {
        const { code, message } = request;
        host.control.answered(
          connection,
          request.id,
          code === undefined ? (message ?? "done") : new RingkvError(code, message),
        );
        return;
      }
      default: {
        const { type, id, slave } = request;
        void answerLater(id, async () => ({ type: "resp", message: await host.slaveControl.run(type, slave) }));
      }
    }
  };
  const receive = (frame: string) => {
    const request = decodeMessage(statusPortRequest, frame);
    try {
      handle(request);
    } catch (error) {
      if (!(error instanceof RingkvError)) throw error;
      refuse(error, "id" in request ? request.id : undefined);
    }
  };
  return {
    onFrames(frames) {
      for (const frame of frames) {
        try {
          if (typeof frame !== "string") throw frame;
          receive(frame);
        } catch (error) {
          if (!(error instanceof RingkvError)) throw error;
          refuse(error, error instanceof InvalidMessage ? error.requestId : undefined);
        }
      }
      if (connection.queuedBytes >= LIMITS.writeQueueBytesMax) connection.pause();
    },
    onDrain: () => connection.resume(),
    onEnd() {
      ending = true;
      host.feed.unsubscribe(connection);
      endIfDone();
    },
    onClose() {
      host.feed.unsubscribe(connection);
      host.control.remove(connection);
    },
  };
}
