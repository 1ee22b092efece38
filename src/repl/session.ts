import type { Writable } from "node:stream";
import type { Cluster } from "./cluster.js";
import { loadHistory } from "./history.js";
import { PlainOutput } from "./output.js";
import { PLAIN_PAINT, paintFor } from "./paint.js";
import { Prompt } from "./prompt.js";
import { runScript } from "./script.js";

export interface SessionOptions {
  readonly cluster: Cluster;
  /** Where a script's errors go; its answers go to stdout. */
  readonly errors: Writable;
  /** Given the prompt, when there is one, before it shows. */
  readonly onPrompt?: (prompt: Prompt) => void;
}

/**
 * Talks with whoever is at standard input: a person at a terminal gets a prompt, anything else is read as a script.
 *
 * @returns the exit code: 1 when a line of the script failed
 */
export async function runSession({ cluster, errors, onPrompt }: SessionOptions): Promise<0 | 1> {
  process.stdout.on("error", () => undefined);
  if (!process.stdin.isTTY || !process.stdout.isTTY) {
    const output = new PlainOutput({ answers: process.stdout, errors, paint: PLAIN_PAINT });
    return runScript({ input: process.stdin as AsyncIterable<Uint8Array>, cluster, output });
  }
  const paint = paintFor(process.stdout);
  const { history, trouble } = await loadHistory();
  const prompt = new Prompt({
    cluster,
    input: process.stdin,
    output: process.stdout,
    paint,
    ...(history !== undefined && { history }),
  });
  onPrompt?.(prompt);
  if (trouble !== undefined) prompt.notify(`no history: ${trouble}`);
  await prompt.run();
  return 0;
}
