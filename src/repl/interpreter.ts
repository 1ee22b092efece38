import type { Cluster } from "./cluster.js";
import { CLIENT_PREFIX } from "./client-commands.js";
import {
  type Command,
  type CommandContext,
  type CommandResult,
  CommandUsageError,
  type StatementResult,
  findCommand,
} from "./command.js";
import { COMMANDS } from "./command-table.js";
import { INTERRUPTED, describeFailure } from "./failure.js";
import { GrammarError } from "./grammar-error.js";
import { type Failure, type Output, OutputClosed } from "./output.js";
import { SessionState } from "./session-state.js";
import { type Token, tokenize } from "./tokenize.js";

/** How a statement went, for those who keep account of it. */
export interface Verdict {
  readonly statement: string;
  /** The command that it named first; undefined where it named none. */
  readonly command: Command | undefined;
  /** What it threw. */
  readonly error: unknown;
  readonly failure: Failure | undefined;
  readonly elapsedMs: number;
}

export interface InterpreterOptions {
  /** Default a new one, which ends with the interpreter. */
  readonly session?: SessionState;
  /** Told of every statement that is over, before its output is finished. */
  readonly onVerdict?: (verdict: Verdict) => void;
}

/** Runs statements, one after the other: each gets its answer or its error from `output`, and no error ends the session. */
export class Interpreter {
  readonly session: SessionState;
  readonly #cluster: Cluster;
  readonly #output: Output;
  readonly #onVerdict: (verdict: Verdict) => void;

  constructor(cluster: Cluster, output: Output, options: InterpreterOptions = {}) {
    this.#cluster = cluster;
    this.#output = output;
    this.session = options.session ?? new SessionState();
    this.#onVerdict = options.onVerdict ?? (() => undefined);
  }

  /**
   * Runs a statement, or several with a lone `;` between them: a failure does not keep the next one from running.
   * @param signal ends the wait for a command
   * @throws OutputClosed when nobody reads the answers any more
   */
  async run(statement: string, signal: AbortSignal = NEVER): Promise<StatementResult> {
    if (/^\s*(?:#|$)/.test(statement)) return "nothing";
    await this.session.recorder?.add(statement);
    return this.#runAll(statement, signal);
  }

  /** Ends what the session keeps open: background clients, a trace, a recording. */
  close(): Promise<void> {
    return this.session.close();
  }

  async #runAll(statement: string, signal: AbortSignal): Promise<StatementResult> {
    if (/^\s*(?:#|$)/.test(statement)) return "nothing";
    let worst: StatementResult = "done";
    try {
      for (const words of commandsOf(tokenize(statement))) {
        const result = await this.#runOne(statement, words, signal);
        if (result === "quit") return "quit";
        if (result === "failed") worst = "failed";
        if (signal.aborted) break;
      }
    } catch (error) {
      if (!(error instanceof GrammarError)) throw error;
      await this.#fail({
        statement,
        command: undefined,
        error,
        failure: describeFailure(error, statement),
        elapsedMs: 0,
      });
      worst = "failed";
    }
    return worst;
  }

  async #runOne(statement: string, words: readonly Token[], signal: AbortSignal): Promise<StatementResult> {
    const startedMs = performance.now();
    const command = findCommand(COMMANDS, words[0]?.text ?? "");
    const verdict = () => ({ statement, command, elapsedMs: performance.now() - startedMs });
    try {
      const result = await this.#execute(words, { cluster: this.#cluster, output: this.#output, signal });
      const told = { ...verdict(), error: undefined, failure: undefined };
      this.#onVerdict(told);
      await this.#output.finish({ elapsedMs: told.elapsedMs, list: command?.lists });
      return result;
    } catch (error) {
      if (error instanceof OutputClosed) throw error;
      const failure = signal.aborted ? INTERRUPTED : describeFailure(error, statement);
      await this.#fail({ ...verdict(), error, failure });
      return "failed";
    }
  }

  async #fail(verdict: Verdict & { readonly failure: Failure }): Promise<void> {
    this.#onVerdict(verdict);
    await this.#output.fail(verdict.failure);
    await this.#output.finish({ elapsedMs: verdict.elapsedMs, list: undefined });
  }

  /** @throws what the command throws */
  async #execute(
    words: readonly Token[],
    base: Pick<CommandContext, "cluster" | "output" | "signal">,
  ): Promise<CommandResult> {
    const [first, ...rest] = words;
    const context: CommandContext = {
      ...base,
      commands: COMMANDS,
      session: this.session,
      words: rest,
      execute: (inner, change) => this.#execute(inner, { ...base, ...change }),
      runStatement: (inner) => this.#runAll(inner, base.signal),
    };
    if (first?.isPlain === true && CLIENT_PREFIX.test(first.text)) {
      return this.session.clients.post(first.text.slice(0, -1), rest, context);
    }
    const command = commandNamed(first?.text ?? "");
    if (rest.length < command.arity.min || rest.length > command.arity.max) {
      throw new CommandUsageError(`${`${command.name} ${command.usage}`.trimEnd()}${misquoted(command, rest)}`);
    }
    return command.run(
      context,
      rest.map(({ text }) => text),
    );
  }
}

const NEVER = new AbortController().signal;

/** The commands of a statement: between words that are `;` and nothing else. */
function commandsOf(words: readonly Token[]): readonly (readonly Token[])[] {
  const commands: Token[][] = [[]];
  for (const word of words) {
    if (word.isPlain && word.text === ";") commands.push([]);
    else commands.at(-1)?.push(word);
  }
  return commands.filter((command) => command.length > 0);
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

function misquoted(command: Command, args: readonly unknown[]): string {
  return command.arity.max > 0 && args.length > command.arity.max ? " (words with blanks need quotes)" : "";
}
