import { Writable } from "node:stream";
import { isDeepStrictEqual } from "node:util";
import { GrammarError } from "../../src/repl/grammar-error.js";
import { reportGrammarError } from "../../src/repl/grammar-report.js";
import { Interpreter } from "../../src/repl/interpreter.js";
import { JsonOutput } from "../../src/repl/json-output.js";
import { type Output, PlainOutput, TerminalOutput } from "../../src/repl/output.js";
import { PLAIN_PAINT } from "../../src/repl/paint.js";
import { parseScript } from "../../src/repl/script-file.js";
import { StatementReader } from "../../src/repl/statement-reader.js";
import { quote, tokenize } from "../../src/repl/tokenize.js";
import { typedWords } from "../../src/repl/typed-words.js";
import { Random } from "../random.js";
import { corpusStatements } from "./corpus.js";
import { type BatchResult, Crashes, type Fuzzer, crashOf } from "./fuzzing.js";
import { HostileCluster } from "./hostile-cluster.js";
import { mutated } from "./mutator.js";
import { rawControlIn } from "./raw-controls.js";
import { shorterLists } from "./smaller.js";

const STATEMENTS_PER_BATCH = 200;
/** One statement of so many is a very long one, such as a script may have. */
const LONG_EVERY = 100;
const LONG_CHARS = 200_000;
/** How long reading one statement may take, of CPU; what is quadratic takes minutes for the long ones. */
const READ_CPU_MS = 3_000;
/** After so long whoever typed it no longer waits. */
const INTERRUPT_MS = 4;
const RUN_MS = 20_000;

/** Commands that leave this process, or the fuzzer's hands. */
const LEAVES = /record|source|replay|bench|history|cluster/i;

/**
 * Statements as people and scripts may write them: the grammar takes or refuses each of them, soon, and the interpreter answers
 * it, with nothing in the answer that acts on a terminal. The cluster behind it is as hostile as its contents can be.
 */
export class LanguageFuzzer implements Fuzzer {
  readonly #crashes = new Crashes();
  readonly #corpus = corpusStatements();

  async run(seed: number): Promise<BatchResult> {
    const statements = this.#statements(seed);
    const violations: string[] = [];
    for (const statement of statements) violations.push(...(await this.#faultsOf(statement)));
    return { inputs: statements.length, violations, counts: {} };
  }

  async input(seed: number): Promise<unknown> {
    for (const statement of this.#statements(seed)) {
      if ((await this.#faultsOf(statement)).length > 0) return statement;
    }
    return undefined;
  }

  replay(input: unknown): Promise<readonly string[]> {
    return this.#faultsOf(input as string);
  }

  *smaller(input: unknown): Iterable<unknown> {
    for (const lines of shorterLists((input as string).split("\n"))) yield lines.join("\n");
    for (const words of shorterLists((input as string).split(" "))) yield words.join(" ");
    for (const units of shorterLists((input as string).split(""))) yield units.join("");
  }

  settle(): Promise<readonly string[]> {
    return Promise.resolve([]);
  }

  close(): Promise<void> {
    this.#crashes.close();
    return Promise.resolve();
  }

  #statements(seed: number): readonly string[] {
    const random = new Random(seed);
    const donors = this.#corpus.map((statement) => Buffer.from(statement));
    return Array.from({ length: STATEMENTS_PER_BATCH }, (_, index) => {
      const bytes = mutated(random, random.pick(donors), donors);
      // As text: a person types, and may paste half of a pair.
      const text = random.next() < 0.9 ? Buffer.from(bytes).toString() : Buffer.from(bytes).toString("utf16le");
      if (index % LONG_EVERY !== 0) return text;
      const unit = random.pick([
        "[a ",
        "{i} ",
        "[ ",
        '"',
        "\\",
        "<<A ",
        "<<A\n",
        "{",
        "[[",
        " ",
        "\\u{",
        "'",
        "a; ",
        `${text} `,
      ]);
      return text + unit.repeat(Math.ceil(LONG_CHARS / Math.max(1, unit.length)));
    });
  }

  async #faultsOf(statement: string): Promise<readonly string[]> {
    const faults = [...readingFaults(statement)];
    if (faults.length === 0 && !LEAVES.test(statement) && statement.length < 10_000) {
      for (const kind of ["terminal", "plain", "json"] as const) faults.push(...(await answerFaults(statement, kind)));
    }
    faults.push(...this.#crashes.take());
    return faults.map((fault) => `${fault}, of ${JSON.stringify(statement.slice(0, 100))}`);
  }
}

function readingFaults(statement: string): readonly string[] {
  const before = process.cpuUsage();
  const faults: string[] = [];
  try {
    faults.push(...tokenFaults(statement));
  } catch (error) {
    if (!(error instanceof GrammarError)) return [`the grammar crashes: ${crashOf(error)}`];
    const control = rawControlIn(reportGrammarError(statement, error));
    if (control !== undefined) faults.push(`the report of a grammar error has ${control}`);
    if (error.column < 0 || error.column > statement.length) faults.push(`the error is at ${error.column}`);
  }
  const reader = new StatementReader();
  const read: string[] = [];
  for (const line of statement.split("\n")) {
    const whole = reader.push(line);
    if (whole !== undefined) read.push(whole);
  }
  const rest = reader.cancel();
  if (rest !== undefined) read.push(rest);
  if (read.join("\n") !== statement) faults.push("the statements of a script are not its text");
  parseScript(statement);
  typedWords(statement);
  const cpuMs = process.cpuUsage(before).user / 1_000;
  return cpuMs > READ_CPU_MS
    ? [...faults, `reading ${statement.length} characters took ${Math.round(cpuMs)} ms`]
    : faults;
}

function tokenFaults(statement: string): readonly string[] {
  const words = tokenize(statement);
  const isInOrder = words.every(({ start, end }, index) => start < end && start >= (words[index - 1]?.end ?? 0));
  if (!isInOrder) return ["words overlap"];
  const again = tokenize(words.map(({ text }) => quote(text)).join(" "));
  const isSame = isDeepStrictEqual(
    again.map(({ text }) => text),
    words.map(({ text }) => text),
  );
  return isSame ? [] : ["words that were quoted come back as others"];
}

async function answerFaults(statement: string, kind: "terminal" | "plain" | "json"): Promise<readonly string[]> {
  const answers = new Collected();
  const errors = new Collected();
  const output: Output = {
    terminal: () => new TerminalOutput(answers, PLAIN_PAINT),
    plain: () => new PlainOutput({ answers, errors, paint: PLAIN_PAINT }),
    json: () => new JsonOutput(answers),
  }[kind]();
  const cluster = new HostileCluster();
  const interpreter = new Interpreter(cluster, output);
  const interrupt = new AbortController();
  const timer = setTimeout(() => interrupt.abort(), INTERRUPT_MS);
  const startedMs = performance.now();
  try {
    await interpreter.run(statement, interrupt.signal);
  } catch (error) {
    return [`the interpreter crashes: ${crashOf(error)}`];
  } finally {
    clearTimeout(timer);
    await interpreter.close();
  }
  const faults = performance.now() - startedMs > RUN_MS ? [`it ran for more than ${RUN_MS} ms`] : [];
  if (errors.text.includes("INTERNAL")) faults.push(`an internal error: ${errors.text}`);
  const shown = rawControlIn(kind === "terminal" ? answers.text : errors.text);
  if (shown !== undefined) faults.push(`the ${kind} output shows ${shown}`);
  if (kind === "json") faults.push(...jsonFaults(answers.text));
  return faults;
}

function jsonFaults(text: string): readonly string[] {
  try {
    for (const line of text.split("\n").filter((each) => each !== "")) JSON.parse(line);
    return [];
  } catch {
    return [`the JSON output is none: ${text.slice(0, 200)}`];
  }
}

/** A stream that keeps what is written. */
class Collected extends Writable {
  text = "";

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.text += chunk.toString();
    done();
  }
}
