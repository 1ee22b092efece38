import { RingkvError } from "../protocol/errors.js";
import type { Cluster } from "./cluster.js";
import { type Command, CommandUsageError, findCommand } from "./command.js";
import { COMMANDS } from "./command-table.js";
import { reportGrammarError } from "./grammar-report.js";
import { type Output, OutputClosed } from "./output.js";
import { GrammarError } from "./grammar-error.js";
import { escapeUnprintable, tokenize } from "./tokenize.js";

/** What became of one line: `nothing` for an empty line or a comment. */
export type LineResult = "done" | "failed" | "quit" | "nothing";

/** Runs lines, one after the other: every line gets its answer or its error from `output`, and no error ends the session. */
export class Interpreter {
  readonly #cluster: Cluster;
  readonly #output: Output;

  constructor(cluster: Cluster, output: Output) {
    this.#cluster = cluster;
    this.#output = output;
  }

  /**
   * @param signal ends the wait for a command
   * @throws OutputClosed when nobody reads the answers any more
   */
  async run(line: string, signal: AbortSignal = NEVER): Promise<LineResult> {
    if (/^\s*(?:#|$)/.test(line)) return "nothing";
    try {
      const [name, ...args] = tokenize(line).map((token) => token.text);
      const command = commandNamed(name ?? "");
      if (args.length < command.arity.min || args.length > command.arity.max) {
        throw new CommandUsageError(`${`${command.name} ${command.usage}`.trimEnd()}${misquoted(command, args)}`);
      }
      return await command.run({ cluster: this.#cluster, output: this.#output, signal, commands: COMMANDS }, args);
    } catch (error) {
      if (error instanceof OutputClosed) throw error;
      await this.#output.fail(signal.aborted ? INTERRUPTED : describeFailure(error, line));
      return "failed";
    }
  }
}

const NEVER = new AbortController().signal;

const INTERRUPTED = "INTERRUPTED: no longer waited for; an update that was sent may still take effect";

/** An error as the REPL tells it: `CODE: message`. */
export function describeFailure(error: unknown, line = ""): string {
  if (error instanceof GrammarError) return reportGrammarError(line, error);
  if (error instanceof CommandUsageError) return `USAGE: ${error.message}`;
  // Messages can quote what another process sent.
  if (error instanceof RingkvError) return `${error.code}: ${escapeUnprintable(error.message)}`;
  return `INTERNAL: ${error instanceof Error ? escapeUnprintable(error.message) : "unknown error"}`;
}

function commandNamed(name: string): Command {
  const command = findCommand(COMMANDS, name);
  if (command !== undefined) return command;
  const near = COMMANDS.find((candidate) => isNear(candidate.name, name.toLowerCase()));
  const hint = near === undefined ? "`help` lists them" : `did you mean \`${near.name}\`?`;
  throw new CommandUsageError(`there is no command ${JSON.stringify(name.slice(0, 40))}; ${hint}`);
}

/** True when one letter more, less, other or swapped makes one word of the other. */
function isNear(left: string, right: string): boolean {
  let start = 0;
  while (start < left.length && left[start] === right[start]) start += 1;
  const [a, b] = [left.slice(start), right.slice(start)];
  const swapped = (a[1] ?? "") + (a[0] ?? "") + a.slice(2);
  return a.slice(1) === b || a === b.slice(1) || a.slice(1) === b.slice(1) || swapped === b;
}

function misquoted(command: Command, args: readonly string[]): string {
  return command.arity.max > 0 && args.length > command.arity.max ? " (words with blanks need quotes)" : "";
}
