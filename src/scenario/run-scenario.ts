import type { Cluster } from "../repl/cluster.js";
import type { Command } from "../repl/command.js";
import { describeOutcome } from "../repl/evaluate.js";
import { ExpectationError } from "../repl/failure.js";
import { Interpreter, type Verdict } from "../repl/interpreter.js";
import type { Output } from "../repl/output.js";
import { PLAIN_PAINT } from "../repl/paint.js";
import type { ScriptStatement } from "../repl/script-file.js";
import { SeededRandom } from "../repl/seeded-random.js";
import { SessionState } from "../repl/session-state.js";
import { checkHistory, describeCheck } from "../testing/history-check.js";
import type { Operation } from "../testing/history.js";
import type { ScenarioEvent } from "./events.js";

export interface ScenarioOptions {
  readonly file: string;
  readonly statements: readonly ScriptStatement[];
  readonly cluster: Cluster;
  /** What the cluster's clients were told so far; grows. */
  readonly history: readonly Operation[];
  /** Of the random numbers in `repeat`. */
  readonly seed: number;
  readonly tell: (event: ScenarioEvent) => void;
  /** Stop at the first failure. */
  readonly bail: boolean;
  /** Ends it early. */
  readonly signal: AbortSignal;
}

/**
 * Runs the statements of one scenario: each `expect` is a test, and so is a statement that fails where nothing was expected of
 * it. @throws what is no failure of the scenario
 */
export async function runScenario(options: ScenarioOptions): Promise<void> {
  const { cluster, statements, tell, signal } = options;
  const account = new Account(options);
  const session = new SessionState();
  session.random = new SeededRandom(options.seed);
  session.checkHistory = () => {
    const check = checkHistory(options.history);
    return { isLinearizable: check.isLinearizable, text: describeCheck(check) };
  };
  session.clients.onOutcome = (client, command, outcome) => {
    const answers = describeOutcome(outcome).split("\n");
    const told =
      answers.length === 1 ? answers.join() : `${answers.length} answers, the last one ${answers.at(-1) ?? ""}`;
    tell({ type: "note", text: `${client}: ${command}: ${told}` });
  };
  const output = new NoteOutput(tell);
  const interpreter = new Interpreter(cluster, output, { session, onVerdict: (verdict) => account.take(verdict) });
  try {
    for (const statement of statements) {
      account.statement = statement;
      const result = await interpreter.run(statement.statement, signal);
      if (result === "quit" || signal.aborted || (options.bail && account.failed > 0)) break;
    }
    if (!signal.aborted) account.close(session);
  } finally {
    await interpreter.close();
  }
}

/** Turns verdicts into tests. */
class Account {
  statement: ScriptStatement | undefined;
  failed = 0;
  #tests = 0;
  #statements = 0;
  readonly #options: ScenarioOptions;
  /** Where each background client was given its last command. */
  readonly #posted = new Map<string, ScriptStatement>();

  constructor(options: ScenarioOptions) {
    this.#options = options;
  }

  take({ statement, command, error, failure, elapsedMs }: Verdict): void {
    this.#statements += 1;
    const [, client] = /^\s*([A-Za-z][\w-]*):\s/.exec(statement) ?? [];
    if (client !== undefined && this.statement !== undefined) this.#posted.set(client, this.statement);
    if (failure === undefined) {
      if (command?.name === "section") this.#options.tell({ type: "section", title: titleOf(statement) });
      else if (isTest(command)) this.#test(statement, elapsedMs);
      return;
    }
    const expectation = error instanceof ExpectationError ? { expected: error.expected, found: error.found } : {};
    this.#test(statement, elapsedMs, { message: `${failure.code}: ${failure.message}`, ...expectation });
  }

  /** The scenario is over: what nobody has looked at is told. */
  close(session: SessionState): void {
    for (const { client, command, outcome } of session.clients.takeUnseen()) {
      this.statement = this.#posted.get(client) ?? this.statement;
      const message = `client ${client}, and nothing expected it: ${describeOutcome(outcome)}`;
      this.#test(`${client}: ${command}`, 0, { message });
    }
    if (this.#tests === 0) this.#test(`${this.#statements} statements run`, 0);
  }

  #test(
    statement: string,
    elapsedMs: number,
    failure?: { readonly message: string; readonly expected?: string; readonly found?: string },
  ): void {
    const line = this.statement?.line ?? 0;
    const [firstLine = ""] = statement.split("\n", 1);
    this.#tests += 1;
    if (failure !== undefined) this.failed += 1;
    this.#options.tell({
      type: "test",
      ok: failure === undefined,
      name: `line ${line}: ${firstLine.trim()}`,
      elapsedMs,
      failure: failure && { file: this.#options.file, line, statement, ...failure },
    });
  }
}

function isTest(command: Command | undefined): boolean {
  return command?.name === "expect";
}

/** The words of a `section` statement. */
function titleOf(statement: string): string {
  return statement
    .trim()
    .replace(/^\S+\s+/, "")
    .replace(/^(["'])(.*)\1$/, "$2");
}

/** Answers are notes; failures are told as tests. */
class NoteOutput implements Output {
  readonly terminal = false;
  readonly paint = PLAIN_PAINT;
  readonly #tell: (event: ScenarioEvent) => void;

  constructor(tell: (event: ScenarioEvent) => void) {
    this.#tell = tell;
  }

  print(text: string): Promise<void> {
    for (const line of text.split("\n")) if (line !== "OK") this.#tell({ type: "note", text: line });
    return Promise.resolve();
  }

  fail(): Promise<void> {
    return Promise.resolve();
  }

  finish(): Promise<void> {
    return Promise.resolve();
  }
}
