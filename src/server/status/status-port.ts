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

/** Serves one connection of the status port: a watcher, an admin or a supervisor. */
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
  const handle = (request: StatusPortRequest) => {
    switch (request.type) {
      case "subscribe":
        connection.send(host.view.snapshot());
        host.feed.subscribe(connection);
        return;
      case "statusreq":
        connection.send({ ...host.view.snapshot(), ...(request.id !== undefined && { id: request.id }) });
        return;
      case "cachereq": {
        const { id, node, from, count } = request;
        void answerLater(id, async () => ({ type: "cache", ...(await host.view.cache(node, { from, count })) }));
        return;
      }
      case "logsreq": {
        const { id, node, limit } = request;
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
  return {
    onFrames(frames) {
      for (const frame of frames) {
        try {
          if (typeof frame !== "string") throw frame;
          handle(decodeMessage(statusPortRequest, frame));
        } catch (error) {
          if (!(error instanceof RingkvError)) throw error;
          refuse(error, error instanceof InvalidMessage ? error.requestId : undefined);
        }
      }
    },
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
