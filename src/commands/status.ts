import type { Values } from "../config.js";
import { describeStatus } from "../repl/cluster-text.js";
import { ConnectedCluster } from "../repl/connected-cluster.js";
import { jsonText } from "../repl/json-text.js";
import { paintFor } from "../repl/paint.js";
import { writeText } from "../repl/output.js";
import { targetOf } from "./connection.js";
import { EXIT } from "./exit-code.js";
import type { CONNECT, JSON_OUTPUT } from "./settings.js";

/** `ringkv status [--json]` */
export async function run({
  connect,
  json,
  ...security
}: Values<typeof CONNECT & typeof JSON_OUTPUT>): Promise<number> {
  const cluster = await ConnectedCluster.connect(targetOf(connect, security));
  try {
    const snapshot = await cluster.snapshot();
    const text = json ? jsonText(snapshot) : describeStatus(snapshot, paintFor(process.stdout));
    await writeText(process.stdout, `${text}\n`);
    return EXIT.done;
  } finally {
    await cluster.close();
  }
}
