import type { Values } from "../config.js";
import { ConnectedCluster } from "../repl/connected-cluster.js";
import { runSession } from "../repl/session.js";
import { targetOf } from "./connection.js";
import type { REPL } from "./settings.js";

/** `ringkv repl`: answers on stdout, errors on stderr. */
export async function run({ connect, eval: script, json, raw, ...security }: Values<typeof REPL>): Promise<number> {
  const cluster = await ConnectedCluster.connect({ ...targetOf(connect, security), isPatient: process.stdin.isTTY });
  try {
    return await runSession({ cluster, errors: process.stderr, script, json, raw });
  } finally {
    await cluster.close();
  }
}
