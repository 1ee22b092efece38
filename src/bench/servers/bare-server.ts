/**
 * The child process of bare-child.ts: a server that only answers lines, as fast as Node can. `lines` finds the ends of the
 * lines and looks at one byte of each; it is what a generator can reach at most. `json` parses each line with JSON.parse, too;
 * it is what a Node server of JSON lines can reach that has nothing else to do. The answers are made beforehand and are as
 * long as a real master's.
 */
import { type Socket, createServer } from "node:net";
import { DEFAULTS } from "../../protocol/limits.js";
import { encodeFrame } from "../../protocol/framing.js";

const NEWLINE = 0x0a;
/** Where `{"type":"getreq"` and `{"type":"putreq"` differ. */
const TYPE_AT = '{"type":"'.length;
const LETTER_G = 0x67;

const [mode, valueBytes] = [process.argv[2], Number(process.argv[3])];
const written = encodeFrame({ type: "resp", message: "Success", opId: "1.1" });
const read = encodeFrame({ type: "resp", key: "bench:100:1000", value: "v".repeat(valueBytes), opId: "1.1" });

const server = createServer({ noDelay: true }, (socket) => {
  socket.on("error", () => undefined);
  if (mode === "json") answerParsed(socket);
  else answerLines(socket);
});
server.listen(0, DEFAULTS.host, () => {
  const address = server.address();
  process.send?.(typeof address === "object" ? address?.port : undefined);
});
process.on("disconnect", () => process.exit());

function answerLines(socket: Socket): void {
  /** The next line's type, when a chunk ended before it; -1 when none was seen. */
  let type = -1;
  let seen = 0;
  socket.on("data", (chunk: Buffer) => {
    let out = "";
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, start)) {
      out += (type === -1 ? chunk[start + TYPE_AT - seen] : type) === LETTER_G ? read : written;
      start = end + 1;
      type = -1;
      seen = 0;
    }
    const rest = chunk.length - start;
    if (type === -1 && seen + rest > TYPE_AT) type = chunk[start + TYPE_AT - seen] ?? -1;
    seen += rest;
    if (out !== "") socket.write(out, "latin1");
  });
}

function answerParsed(socket: Socket): void {
  let pending = "";
  socket.setEncoding("utf8");
  socket.on("data", (text: string) => {
    const lines = (pending + text).split("\n");
    pending = lines.pop() ?? "";
    let out = "";
    for (const line of lines) out += (JSON.parse(line) as { type: string }).type === "getreq" ? read : written;
    if (out !== "") socket.write(out, "latin1");
  });
}
