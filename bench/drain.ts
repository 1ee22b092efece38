/**
 * The watchers of bench/watchers.ts, in a process of their own: some that take every byte off the status port as fast as it
 * comes and look at none, and one that subscribes and never reads. Told to stop, it reads what the stuck one was left and
 * tells its parent how many events that one missed.
 */
import { once } from "node:events";
import { type Socket, connect } from "node:net";

/** So many snapshots asked for and never read fill every buffer up to the master's own queue. */
const SNAPSHOTS_UNREAD = 1_500;
/** How long the end of the stuck watcher's queue may take to arrive. */
const LAST_BYTES_MS = 10_000;

/** What the parent is told at the end. */
export interface DrainReport {
  readonly bytesRead: number;
  /** Events that the stuck watcher missed, as its gap told; 0 when none came. */
  readonly missedByStuck: number;
}

const [port, readers] = process.argv.slice(2).map(Number);
if (port === undefined || readers === undefined || process.send === undefined) {
  throw new Error("bench/watchers.ts starts this");
}
let bytesRead = 0;
const sockets = await Promise.all(Array.from({ length: readers + 1 }, () => subscribe(port)));
const stuck = sockets.pop();
if (stuck === undefined) throw new Error("one is stuck");
for (const socket of sockets) socket.on("data", (chunk: Buffer) => (bytesRead += chunk.length));
stuck.write('{"type":"statusreq"}\n'.repeat(SNAPSHOTS_UNREAD));
process.send("watching");
await once(process, "message");
const report: DrainReport = { bytesRead, missedByStuck: await missedBy(stuck) };
process.send(report);
process.disconnect();
for (const socket of [...sockets, stuck]) socket.destroy();

async function subscribe(to: number): Promise<Socket> {
  const socket = connect(to, "127.0.0.1");
  await once(socket, "connect");
  socket.write('{"type":"subscribe"}\n');
  return socket;
}

async function missedBy(socket: Socket): Promise<number> {
  const timer = setTimeout(() => socket.destroy(), LAST_BYTES_MS);
  let tail = "";
  try {
    for await (const chunk of socket) {
      tail = tail.slice(-100) + String(chunk);
      const missed = /"type":"gap","missed":(\d+)/.exec(tail)?.[1];
      if (missed !== undefined) return Number(missed);
    }
  } catch {
    // Destroyed by the timer: no gap came.
  } finally {
    clearTimeout(timer);
  }
  return 0;
}
