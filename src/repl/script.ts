import type { Cluster } from "./cluster.js";
import { LineDecoder } from "../protocol/framing.js";
import { LIMITS } from "../protocol/limits.js";
import { Interpreter, type LineResult, describeFailure } from "./interpreter.js";
import { type Output, OutputClosed } from "./output.js";

/**
 * Runs the lines of a stream to its end or to `quit`. A failing line does not stop it.
 *
 * @returns the exit code: 1 when any line failed, otherwise 0
 */
export async function runScript(options: {
  readonly input: AsyncIterable<Uint8Array>;
  readonly cluster: Cluster;
  readonly output: Output;
}): Promise<0 | 1> {
  const interpreter = new Interpreter(options.cluster, options.output);
  let failures = 0;
  try {
    for await (const line of linesOf(options.input)) {
      let result: LineResult = "failed";
      if (typeof line === "string") result = await interpreter.run(line);
      else await options.output.fail(describeFailure(line));
      if (result === "quit") break;
      if (result === "failed") failures += 1;
    }
  } catch (error) {
    if (!(error instanceof OutputClosed)) throw error;
  }
  return failures === 0 ? 0 : 1;
}

/** Lines end at a newline and nowhere else (readline also cuts at U+2028), so every value survives. */
async function* linesOf(input: AsyncIterable<Uint8Array>) {
  const decoder = new LineDecoder(LIMITS.frameBytesMax);
  for await (const chunk of input) yield* decoder.push(chunk);
  yield* decoder.end();
}
