/** The child process of echo-child.ts: answers every line with the same success, and ends when its parent is gone. */
import { DEFAULTS, LIMITS } from "../protocol/limits.js";
import { encodeFrame } from "../protocol/framing.js";
import { tcpTransport } from "../transport/tcp.js";

const ANSWER = encodeFrame({ type: "resp", message: "Success", opId: "1.1" });

const listener = await tcpTransport.listen(
  { host: DEFAULTS.host, port: 0, frameBytesMax: LIMITS.frameBytesMax },
  (connection) => ({
    onFrames: (frames) => connection.sendLine(ANSWER.repeat(frames.length)),
    onClose: () => undefined,
  }),
);
process.on("disconnect", () => process.exit());
process.send?.(listener.address.port);
