import type { Cluster } from "./cluster.js";
import { LineDecoder } from "../protocol/framing.js";
import type { RingkvError } from "../protocol/errors.js";
import { LIMITS } from "../protocol/limits.js";
import type { StatementResult } from "./command.js";
import { describeFailure } from "./failure.js";
import { Interpreter } from "./interpreter.js";
import { type Output, OutputClosed } from "./output.js";
import { StatementReader } from "./statement-reader.js";

/**
 * Runs the statements of a stream to its end or to `quit`. A failing one does not stop it.
 *
 * @returns the exit code: 1 when any statement failed, otherwise 0
 */
export async function runScript(options: {
  readonly input: AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
  readonly cluster: Cluster;
  readonly output: Output;
}): Promise<0 | 1> {
  const interpreter = new Interpreter(options.cluster, options.output);
  let failures = 0;
  try {
    for await (const statement of statementsOf(options.input)) {
      let result: StatementResult = "failed";
      if (typeof statement === "string") result = await interpreter.run(statement);
      else await options.output.fail(describeFailure(statement));
      if (result === "quit") break;
      if (result === "failed") failures += 1;
    }
  } catch (error) {
    if (!(error instanceof OutputClosed)) throw error;
  } finally {
    await interpreter.close();
  }
  return failures === 0 ? 0 : 1;
}

/** Lines end at a newline and nowhere else (readline also cuts at U+2028), so every value survives. */
async function* statementsOf(input: AsyncIterable<Uint8Array> | Iterable<Uint8Array>) {
  const decoder = new LineDecoder(LIMITS.frameBytesMax, { keepsEmptyLines: true });
  const reader = new StatementReader();
  const statements = function* (lines: readonly (string | RingkvError)[]) {
    for (const line of lines) {
      const statement = typeof line === "string" ? reader.push(line) : line;
      if (statement !== undefined) yield statement;
    }
  };
  for await (const chunk of input) yield* statements(decoder.push(chunk));
  yield* statements(decoder.end());
  // A heredoc that is still open is refused, with its place.
  const rest = reader.cancel();
  if (rest !== undefined) yield rest;
}
