import { RingkvError } from "../protocol/errors.js";
import { clientResponse, decodeMessage } from "../protocol/messages.js";
import {
  CONNECT_TIMEOUT_MS,
  type ConnectOptions,
  type Connection,
  type ConnectionHandlers,
  type Transport,
} from "../transport/transport.js";
import { failureOf } from "./channel.js";

/**
 * A transport whose connections have been let in: each shows the token, or asks by its certificate, and is there only when the
 * server has agreed. Its `connect` throws UNAUTHORIZED, with the server's own words, when it has not.
 */
export function introducing(transport: Transport, token: string | undefined): Transport {
  return {
    listen: (options, onConnection) => transport.listen(options, onConnection),
    connect: (options, handlers) => introduce(transport, token, options, handlers),
  };
}

async function introduce(
  transport: Transport,
  token: string | undefined,
  options: ConnectOptions,
  handlers: ConnectionHandlers,
): Promise<Connection> {
  const { host, port, signal, timeoutMs = CONNECT_TIMEOUT_MS } = options;
  const deadline = performance.now() + timeoutMs;
  let isIn = false;
  let settle: (outcome: RingkvError | undefined) => void = () => undefined;
  const answered = new Promise<RingkvError | undefined>((resolve) => (settle = resolve));
  const connection = await transport.connect(options, {
    ...handlers,
    onFrames: (frames) => {
      if (isIn) handlers.onFrames(frames);
      else settle(outcomeOf(frames));
    },
    ...(handlers.onEnd !== undefined && { onEnd: () => (isIn ? handlers.onEnd?.() : connection.end()) }),
    onDrain: () => {
      if (isIn) handlers.onDrain?.();
    },
    onClose: (error) => {
      if (isIn) handlers.onClose(error);
      else settle(new RingkvError("UNAVAILABLE", `${host}:${port} closed the connection.`, error && { cause: error }));
    },
  });
  const timer = setTimeout(
    () => settle(new RingkvError("UNAVAILABLE", `No connection to ${host}:${port} (no answer in ${timeoutMs} ms).`)),
    deadline - performance.now(),
  );
  const onAbort = () => settle(new RingkvError("UNAVAILABLE"));
  signal?.addEventListener("abort", onAbort, { once: true });
  connection.send({ type: "auth", ...(token !== undefined && { token }) });
  const refusal = await answered;
  clearTimeout(timer);
  signal?.removeEventListener("abort", onAbort);
  if (refusal === undefined && signal?.aborted !== true) {
    isIn = true;
    return connection;
  }
  connection.destroy();
  signal?.throwIfAborted();
  throw refusal ?? new RingkvError("UNAVAILABLE");
}

/** Why the server does not let us in; undefined when it does. */
function outcomeOf([frame, ...more]: readonly (string | RingkvError)[]): RingkvError | undefined {
  try {
    if (typeof frame !== "string") return frame;
    const answer = failureOf(decodeMessage(clientResponse, frame));
    // Nobody has asked for anything else yet.
    return answer ?? (more.length > 0 ? new RingkvError("BAD_REQUEST", "The server speaks out of turn.") : undefined);
  } catch (error) {
    if (!(error instanceof RingkvError)) throw error;
    return new RingkvError("UNAVAILABLE", `The server's answer is malformed: ${error.message}`, { cause: error });
  }
}
