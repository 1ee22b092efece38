/**
 * A process that attacks a port, so that the tests' own clients keep a process to themselves.
 *
 * usage: attacker ATTACK HOST PORT AMOUNT. It prints what it has seen as a JSON line three times: when it is ready, upon which a
 * line on its standard input lets it begin; when the attack is at its height; and when its standard input has ended, until when
 * it holds its connections.
 */
import { once } from "node:events";
import { type Socket, connect } from "node:net";

const [attack = "", host = "", port = "", amount = "0"] = process.argv.slice(2);
const CONNECTIONS_AT_ONCE = 1_000;
/** How long an attack goes on that could be over sooner. */
const ONSLAUGHT_MS = 3_000;

/** What the peers of this process said and did. */
const seen = { connected: 0, closed: 0, failed: 0, codes: {} as Record<string, number> };
const sockets = new Set<Socket>();

/** @param reads whether what comes is taken; its codes are counted then */
async function open(reads = true): Promise<Socket> {
  const socket = connect({ host, port: Number(port), allowHalfOpen: true });
  sockets.add(socket);
  socket.on("close", () => {
    seen.closed += 1;
    sockets.delete(socket);
  });
  if (reads) {
    socket.on("data", (chunk: Buffer) => {
      for (const [, code = ""] of chunk.toString("latin1").matchAll(/"code":"([A-Z_]+)"/g))
        seen.codes[code] = (seen.codes[code] ?? 0) + 1;
    });
    socket.on("end", () => socket.end());
  }
  await new Promise<void>((resolve) => {
    socket.on("connect", () => {
      seen.connected += 1;
      resolve();
    });
    socket.on("error", () => {
      seen.failed += 1;
      resolve();
    });
  });
  return socket;
}

/** Writes as fast as the other side takes it; false when the connection is gone. */
async function write(socket: Socket, bytes: Buffer | string): Promise<boolean> {
  if (socket.destroyed) return false;
  if (socket.write(bytes)) return true;
  const waiting = new AbortController();
  const { signal } = waiting;
  await Promise.race([once(socket, "drain", { signal }), once(socket, "close", { signal })]).catch(() => undefined);
  waiting.abort();
  return !socket.destroyed;
}

/** Does something over and over, for long enough that the tests see what it does to others. */
async function repeat(attack: () => Promise<void>): Promise<void> {
  const startMs = performance.now();
  while (performance.now() - startMs < ONSLAUGHT_MS) await attack();
}

const ATTACKS: Readonly<Record<string, (amount: number) => Promise<void>>> = {
  /** One line without an end, of so many bytes. */
  async "endless-line"(bytes) {
    const socket = await open();
    const chunk = Buffer.alloc(1_048_576, "x");
    for (let sent = 0; sent < bytes; sent += chunk.length) if (!(await write(socket, chunk))) return;
  },

  /** So many connections that each begin a line and go on with a byte a second. */
  async dribble(count) {
    const dribbling = await Promise.all(Array.from({ length: count }, () => open()));
    const timer = setInterval(() => {
      for (const socket of dribbling) if (!socket.destroyed) socket.write("{");
    }, 1_000);
    timer.unref();
  },

  /** So many requests for a large value on one connection that does not read. */
  async "never-read"(requests) {
    const socket = await open(false);
    const batch = '{"type":"getreq","key":"large"}\n'.repeat(1_000);
    // What the daemon does not read stays in the system's buffers and here.
    for (let sent = 0; sent < requests; sent += 1_000) socket.write(batch);
  },

  /** Brackets, so many levels deep, in lines of the longest length that is taken, and in one line; over and over. */
  async nesting(depth) {
    const socket = await open();
    await repeat(async () => {
      for (let sent = 0; sent < depth; sent += 1_000_000) await write(socket, `${"[".repeat(1_000_000)}\n`);
      await write(socket, `${"[".repeat(depth)}\n`);
    });
  },

  /** So many connections at once; each stays as long as it may. */
  async connections(count) {
    for (let begun = 0; begun < count; begun += CONNECTIONS_AT_ONCE)
      await Promise.all(Array.from({ length: Math.min(CONNECTIONS_AT_ONCE, count - begun) }, () => open()));
  },

  /** So many connections that ask, say that they are done, and do not read; then as many others in their place. */
  async "half-open"(count) {
    await repeat(async () => {
      const opened = await Promise.all(Array.from({ length: count }, () => open(false)));
      for (const socket of opened) socket.end('{"type":"getreq","key":"small"}\n');
      await Promise.all(opened.map((socket) => once(socket, "finish")));
      for (const socket of opened) socket.destroy();
    });
  },
};

const run = ATTACKS[attack];
if (run === undefined) throw new Error(`no attack \`${attack}\`; there are: ${Object.keys(ATTACKS).join(", ")}`);
const tell = () => process.stdout.write(`${JSON.stringify(seen)}\n`);
const over = once(process.stdin, "end");
tell();
await once(process.stdin, "data");
await run(Number(amount));
tell();
process.stdin.resume();
await over;
tell();
for (const socket of sockets) socket.destroy();
