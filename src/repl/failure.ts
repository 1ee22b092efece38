import { RingkvError } from "../protocol/errors.js";
import { CommandUsageError } from "./command.js";
import { GrammarError } from "./grammar-error.js";
import { reportGrammarError } from "./grammar-report.js";
import type { Failure } from "./output.js";
import { escapeLines, escapeUnprintable } from "../protocol/unprintable.js";

/** Something is not as a script expects it. */
export class ExpectationError extends Error {
  override readonly name = "ExpectationError";
  readonly expected: string;
  readonly found: string;

  constructor(expected: string, found: string) {
    super(`expected ${expected}, found ${found}`);
    this.expected = expected;
    this.found = found;
  }
}

/** The wait for a command was ended by whoever had asked for it. */
export const INTERRUPTED: Failure = {
  code: "INTERRUPTED",
  message: "no longer waited for; an update that was sent may still take effect",
};

/**
 * An error as the REPL tells it.
 * @param statement where a grammar error shows its place
 */
export function describeFailure(error: unknown, statement = ""): Failure {
  if (error instanceof GrammarError) return { code: "SYNTAX", message: reportGrammarError(statement, error) };
  if (error instanceof CommandUsageError) return { code: "USAGE", message: escapeLines(error.message) };
  if (error instanceof ExpectationError) return { code: "EXPECTED", message: escapeUnprintable(error.message) };
  // Messages can quote what another process sent.
  if (error instanceof RingkvError) return { code: error.code, message: escapeUnprintable(error.message) };
  return { code: "INTERNAL", message: error instanceof Error ? escapeUnprintable(error.message) : "unknown error" };
}
