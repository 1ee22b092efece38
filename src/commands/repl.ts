import type { Values } from "../config.js";
import { ConnectedCluster } from "../repl/connected-cluster.js";
import { runSession } from "../repl/session.js";
import type { CONNECT } from "./settings.js";

/** `ringkv repl`: answers on stdout, errors on stderr. */
export async function run({ connect }: Values<typeof CONNECT>): Promise<number> {
  const cluster = await ConnectedCluster.connect(connect);
  try {
    return await runSession({ cluster, errors: process.stderr });
  } finally {
    await cluster.close();
  }
}
