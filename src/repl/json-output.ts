import type { Writable } from "node:stream";
import { type Failure, type FinishedStatement, type Output, writeText } from "./output.js";
import { jsonText } from "./json-text.js";
import { PLAIN_PAINT } from "./paint.js";

/**
 * One JSON object a line for each statement: `{"ok":true, …, "ms":1.2}` with what the command answers, or
 * `{"ok":false,"code":…,"message":…,"ms":…}`. Answers of a command that gives any number of them are an array under its name for
 * them.
 */
export class JsonOutput implements Output {
  readonly terminal = false;
  readonly paint = PLAIN_PAINT;
  readonly #stream: Writable;
  #answers: object[] = [];
  #failure: Failure | undefined;

  constructor(stream: Writable) {
    this.#stream = stream;
  }

  print(text: string, data: object = { text }): Promise<void> {
    this.#answers.push(data);
    return Promise.resolve();
  }

  fail(failure: Failure): Promise<void> {
    this.#failure = failure;
    return Promise.resolve();
  }

  finish({ elapsedMs, list }: FinishedStatement): Promise<void> {
    const answers = this.#answers;
    const failure = this.#failure;
    this.#answers = [];
    this.#failure = undefined;
    const ms = Math.round(elapsedMs * 1_000) / 1_000;
    const told = failure === undefined ? { ok: true, ...combined(answers, list), ms } : { ok: false, ...failure, ms };
    return writeText(this.#stream, `${jsonText(told)}\n`);
  }
}

function combined(answers: readonly object[], list: string | undefined): object {
  if (list !== undefined) return { [list]: answers.map(onlyField) };
  return answers.length <= 1 ? { ...answers[0] } : { answers };
}

/** `{key: "a"}` in a list of keys is `"a"`. */
function onlyField(answer: object): unknown {
  const values: unknown[] = Object.values(answer);
  return values.length === 1 ? values[0] : answer;
}
