import { createServer } from "node:net";
import type { Random } from "../random.js";

/** Below the ports that systems give to those who ask for any (Linux from 32,768, others from 49,152). */
const RANGE = { first: 15_000, count: 15_000 };

/**
 * Flags for ports that are free and stay so while nobody listens on them: for a master that is killed and comes back on its
 * old ports again and again, while other tests take any port that is free.
 */
export async function lastingPorts(random: Random): Promise<readonly string[]> {
  const flags: string[] = [];
  for (const flag of ["--client-port", "--registration-port", "--status-port"]) {
    flags.push(flag, (await freePort(random, flags)).toString());
  }
  return flags;
}

async function freePort(random: Random, taken: readonly string[]): Promise<number> {
  for (;;) {
    const port = RANGE.first + random.below(RANGE.count);
    if (!taken.includes(port.toString()) && (await isFree(port))) return port;
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}
