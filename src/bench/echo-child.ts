import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { RingkvError } from "../protocol/errors.js";

/**
 * Runs `use` with the port of a bare server in a child process, which answers every line and does nothing else: the same
 * distance as to a master (another process, loopback TCP, the same transport) without its work.
 * @throws RingkvError INTERNAL when the child does not start
 */
export async function withEchoServer<Result>(use: (port: number) => Promise<Result>): Promise<Result> {
  // The loaders of a program that runs from its TypeScript sources come along in execArgv.
  const child = fork(new URL(import.meta.resolve("./echo-server.js")), {
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  try {
    return await use(await portOf(child));
  } finally {
    if (child.exitCode === null && child.kill("SIGKILL")) await once(child, "exit");
  }
}

async function portOf(child: ChildProcess): Promise<number> {
  const exited = once(child, "exit").then(() => undefined);
  const told = once(child, "message").then(([port]: unknown[]) => port);
  const port = await Promise.race([told, exited]);
  if (typeof port !== "number") throw new RingkvError("INTERNAL", "The bench's echo server did not start.");
  return port;
}
