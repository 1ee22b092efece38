import type { Writable } from "node:stream";
import type { Cluster } from "./cluster.js";
import { loadHistory } from "./history.js";
import { JsonOutput } from "./json-output.js";
import { type Output, PlainOutput } from "./output.js";
import { PLAIN_PAINT, paintFor } from "./paint.js";
import { Prompt } from "./prompt.js";
import { runScript } from "./script.js";

export interface SessionOptions {
  readonly cluster: Cluster;
  /** Where a script's errors go; its answers go to stdout. */
  readonly errors: Writable;
  /** Statements to run instead of what comes from standard input. */
  readonly script?: string | undefined;
  /** Answer each statement with one JSON object a line, errors too, all on stdout. */
  readonly json?: boolean;
  /** Values as they are, also on a terminal. */
  readonly raw?: boolean;
  /** Given the prompt, when there is one, before it shows. */
  readonly onPrompt?: (prompt: Prompt) => void;
}

/**
 * Talks with whoever is at standard input: a person at a terminal gets a prompt, anything else is read as a script.
 *
 * @returns the exit code: 1 when a statement of the script failed
 */
export async function runSession(options: SessionOptions): Promise<0 | 1> {
  const { cluster, errors, script, json = false, raw = false, onPrompt } = options;
  process.stdout.on("error", () => undefined);
  const outputOf = (answers: Writable, failures: Writable): Output =>
    json ? new JsonOutput(answers) : new PlainOutput({ answers, errors: failures, paint: PLAIN_PAINT });
  if (script !== undefined || !process.stdin.isTTY || !process.stdout.isTTY) {
    const input = script === undefined ? (process.stdin as AsyncIterable<Uint8Array>) : [Buffer.from(script)];
    return runScript({ input, cluster, output: outputOf(process.stdout, errors) });
  }
  const paint = paintFor(process.stdout);
  const { history, trouble } = await loadHistory();
  const prompt = new Prompt({
    cluster,
    input: process.stdin,
    output: process.stdout,
    paint,
    watch: (signal) => cluster.watch(signal),
    ...((json || raw) && { answers: (terminal) => outputOf(terminal, terminal) }),
    ...(history !== undefined && { history }),
  });
  onPrompt?.(prompt);
  if (trouble !== undefined) prompt.notify(`no history: ${trouble}`);
  await prompt.run();
  return 0;
}
