import type { CommandContext } from "./command.js";
import { INTERRUPTED, describeFailure } from "./failure.js";
import { type Failure, type Output, OutputClosed } from "./output.js";
import { PLAIN_PAINT } from "./paint.js";
import type { Token } from "./tokenize.js";

/** What became of a command that was run for its outcome. */
export type Outcome =
  | { readonly ok: true; /** Its answers, one a line. */ readonly text: string }
  | {
      readonly ok: false;
      /** What it answered before it failed. */
      readonly text: string;
      readonly failure: Failure;
      readonly error: unknown;
    };

/** Runs a command and takes its answers, instead of printing them. @throws the signal's reason */
export async function evaluate(
  words: readonly Token[],
  { execute, signal }: Pick<CommandContext, "execute" | "signal">,
): Promise<Outcome> {
  const output = new TakenOutput();
  try {
    await execute(words, { output });
    return { ok: true, text: output.text };
  } catch (error) {
    if (error instanceof OutputClosed) throw error;
    return { ok: false, text: output.text, failure: signal.aborted ? INTERRUPTED : describeFailure(error), error };
  }
}

/** An outcome in a few words, for people. */
export function describeOutcome(outcome: Outcome): string {
  return outcome.ok ? outcome.text : `${outcome.failure.code} (${outcome.failure.message})`;
}

/** Answers as plain text that somebody looks at. */
class TakenOutput implements Output {
  readonly terminal = false;
  readonly paint = PLAIN_PAINT;
  readonly #answers: string[] = [];

  get text(): string {
    return this.#answers.join("\n");
  }

  print(text: string): Promise<void> {
    this.#answers.push(text);
    return Promise.resolve();
  }

  fail(failure: Failure): Promise<void> {
    return this.print(`${failure.code}: ${failure.message}`);
  }

  finish(): Promise<void> {
    return Promise.resolve();
  }
}
