import type { Cluster } from "./cluster.js";
import type { Output } from "./output.js";

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
  /** What its first argument names, for completion. */
  readonly completes?: Completable;
  /**
   * @throws RingkvError as the cluster refuses
   * @throws CommandUsageError
   */
  run(context: CommandContext, args: readonly string[]): Promise<CommandResult>;
}

/** What a word of a command can name; a node is the master or a slave. */
export type Completable = "command" | "slave" | "node" | "key";

export interface CommandContext {
  readonly cluster: Cluster;
  readonly output: Output;
  /** Goes to every request: aborted by a person who no longer waits. */
  readonly signal: AbortSignal;
  /** All commands, for `help`. */
  readonly commands: readonly Command[];
}

/** `quit` ends the session; nothing else does. */
export type CommandResult = "done" | "quit";

/** A command that does not exist, or arguments that it does not take. */
export class CommandUsageError extends Error {
  override readonly name = "CommandUsageError";
}

/** The command of that name or alias, in upper or lower case. */
export function findCommand(commands: readonly Command[], name: string): Command | undefined {
  const wanted = name.toLowerCase();
  return commands.find((command) => command.name === wanted || command.aliases?.includes(wanted));
}
