import { parseSlaveId } from "../../src/protocol/ids.js";
import { startComposedSlave } from "./composed-slave.js";
import { DISHONEST_FILES, type Dishonesty } from "./dishonest-files.js";

// A slave whose forces are not what they say; run as a process by the tests that must catch it.
const [, , dishonesty, idText = "", data, port, segmentBytes] = process.argv;
const id = parseSlaveId(idText);
if (dishonesty === undefined || !(dishonesty in DISHONEST_FILES) || id === undefined || data === undefined) {
  throw new Error("usage: dishonest-slave DISHONESTY ID DATA MASTER_PORT SEGMENT_BYTES");
}
const slave = await startComposedSlave({
  id,
  data,
  master: { host: "127.0.0.1", port: Number(port) },
  segmentBytes: Number(segmentBytes),
  files: DISHONEST_FILES[dishonesty as Dishonesty],
  onFatal: (error) => {
    throw error;
  },
});
await slave.registered;
process.stdout.write(`${JSON.stringify({ event: "ready", pid: process.pid })}\n`);
