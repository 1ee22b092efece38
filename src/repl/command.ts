import type { Cluster } from "./cluster.js";
import type { Output } from "./output.js";
import type { SessionState } from "./session-state.js";
import type { Token } from "./tokenize.js";

/** One command of the REPL: its help, its completion and its run, in one place. */
export interface Command {
  readonly name: string;
  /** Other names that it answers to. */
  readonly aliases?: readonly string[];
  /** Its arguments for people, without its name: `K V`, `[PREFIX]`. */
  readonly usage: string;
  /** One line for the list of commands. */
  readonly summary: string;
  /** More lines for `help NAME`. */
  readonly detail?: string;
  /** Lines that can be typed as they stand. */
  readonly examples: readonly string[];
  /** How many arguments it takes. */
  readonly arity: { readonly min: number; readonly max: number };
  /** What its arguments name, one after the other, for completion: a kind of name, or the words that can stand there. */
  readonly completes?: readonly Completable[];
  /** What its answers are for programs, where it gives any number of them. */
  readonly lists?: string;
  /** It is for the moment in which another command waits: it does not wait for its turn behind it. */
  readonly runsBeside?: boolean;
  /**
   * @throws RingkvError as the cluster refuses
   * @throws CommandUsageError
   * @throws ExpectationError
   */
  run(context: CommandContext, args: readonly string[]): Promise<CommandResult>;
}

/** What a word of a command can name; a node is the master or a slave. */
export type Completable = "command" | "slave" | "node" | "key" | "file" | readonly string[];

export interface CommandContext {
  readonly cluster: Cluster;
  readonly output: Output;
  /** Goes to every request: aborted by a person who no longer waits. */
  readonly signal: AbortSignal;
  /** All commands, for `help`. */
  readonly commands: readonly Command[];
  /** What lasts from statement to statement. */
  readonly session: SessionState;
  /** The words of the arguments, with how they stood. */
  readonly words: readonly Token[];
  /** Runs another command; what it throws is the caller's. */
  readonly execute: (
    words: readonly Token[],
    change?: Partial<Pick<CommandContext, "output" | "cluster" | "signal">>,
  ) => Promise<CommandResult>;
  /** Runs a whole statement as if it had been typed: its failure is told, not thrown. */
  readonly runStatement: (statement: string) => Promise<StatementResult>;
}

/** `quit` ends the session; nothing else does. `failed`: what failed in it has been told. */
export type CommandResult = "done" | "quit" | "failed";

/** What became of one statement: `nothing` for an empty line or a comment. */
export type StatementResult = CommandResult | "nothing";

/** A command that does not exist, or arguments that it does not take. */
export class CommandUsageError extends Error {
  override readonly name = "CommandUsageError";
}

/** The command of that name or alias, in upper or lower case. */
export function findCommand(commands: readonly Command[], name: string): Command | undefined {
  const wanted = name.toLowerCase();
  return commands.find((command) => command.name === wanted || command.aliases?.includes(wanted));
}
