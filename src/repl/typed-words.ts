import { CLIENT_PREFIX } from "./client-commands.js";
import { type Command, type Completable, findCommand } from "./command.js";
import { COMMANDS } from "./command-table.js";
import { type JsonEffort, readJsonWord } from "./json-word.js";
import { heredocMarker } from "./tokenize.js";

/** A word of a statement that is still being typed, and what it is there for. */
export interface TypedWord {
  readonly start: number;
  readonly end: number;
  /** As it is written. */
  readonly written: string;
  readonly form: "plain" | "quoted" | "open-quote" | "json" | "heredoc" | "comment";
  readonly role: Role;
}

export type Role =
  /** It names a command, or is to; undefined while there is none of that name. */
  | { readonly is: "command"; readonly command: Command | undefined }
  /** `index` counts from 0; `names` is what can stand there, as far as that is known. */
  | {
      readonly is: "argument";
      readonly command: Command | undefined;
      readonly index: number;
      readonly names: Completable | undefined;
    }
  /** `;`, or a background client's name. */
  | { readonly is: "mark" };

/**
 * The words of a statement as far as it is typed: a reading for colours, hints and completion, that takes what is not finished
 * yet as it is. What runs is read by `tokenize`.
 */
export function typedWords(statement: string): readonly TypedWord[] {
  if (/^\s*#/.test(statement)) {
    const start = statement.search(/#/);
    return [{ start, end: statement.length, written: statement.slice(start), form: "comment", role: { is: "mark" } }];
  }
  const words: TypedWord[] = [];
  let next: Role = NO_COMMAND;
  for (const word of splitWords(statement)) {
    const [role, following] = roleOf(word, next);
    words.push({ ...word, role });
    next = following;
  }
  return words;
}

/** The role of a word that follows at the end of these. */
export function roleAfter(words: readonly TypedWord[]): Role {
  const last = words.at(-1);
  return last === undefined ? NO_COMMAND : roleOf(last, last.role)[1];
}

type WrittenWord = Omit<TypedWord, "role">;

const NO_COMMAND: Role = { is: "command", command: undefined };

/** What a word is, where such a one was due, and what is due behind it. */
function roleOf({ written, form }: WrittenWord, due: Role): readonly [role: Role, following: Role] {
  if (form === "plain" && written === ";") return [{ is: "mark" }, NO_COMMAND];
  if (due.is === "mark") return [due, NO_COMMAND];
  // A word of a command that runs another one, such as `repeat`, begins that one's words.
  const isNested = due.is === "argument" && due.names === "command" && (due.command?.arity.max ?? 0) > due.index + 1;
  // What may come before that one, such as a time, begins with a digit; no command does.
  if (isNested && /^\d/.test(written)) return [due, due];
  if (due.is === "command" || isNested) {
    if (form === "plain" && CLIENT_PREFIX.test(written)) return [{ is: "mark" }, NO_COMMAND];
    const command = findCommand(COMMANDS, written);
    return [{ is: "command", command }, argument(command, 0)];
  }
  return [due, argument(due.command, due.index + 1)];
}

function argument(command: Command | undefined, index: number): Role {
  return { is: "argument", command, index, names: command?.completes?.[index] };
}

function splitWords(statement: string): readonly WrittenWord[] {
  const words: WrittenWord[] = [];
  const effort = { wastedChars: 0 };
  const heredoc = heredocMarker(statement.split("\n", 1)[0] ?? "") === undefined ? -1 : statement.search(HEREDOC);
  let at = 0;
  for (;;) {
    while (/\s/.test(statement[at] ?? "")) at += 1;
    if (at >= statement.length) return words;
    const [end, form] = at === heredoc ? ([statement.length, "heredoc"] as const) : readWord(statement, at, effort);
    words.push({ start: at, end, written: statement.slice(at, end), form });
    at = end;
  }
}

const HEREDOC = /<<[A-Za-z_][A-Za-z0-9_]*[ \t]*(?:\n|$)/;

/** Up to a quote or a blank; then what is quoted, to its closing quote or the end. */
const WORD = /[^\s"']*(?:"(?:\\[^]|[^"\\])*("?)|'(?:\\'|[^'])*('?))?/y;

function readWord(
  statement: string,
  start: number,
  effort: JsonEffort,
): readonly [end: number, form: TypedWord["form"]] {
  const json = jsonEnd(statement, start, effort);
  if (json !== undefined) return [json, "json"];
  WORD.lastIndex = start;
  const [written = "", double, single] = WORD.exec(statement) ?? [];
  const end = start + written.length;
  const closing = double ?? single;
  if (closing === undefined) return [end, "plain"];
  return [end, closing === "" ? "open-quote" : "quoted"];
}

/** The end of a JSON value; one that is not finished reaches to the end. */
function jsonEnd(statement: string, start: number, effort: JsonEffort): number | undefined {
  try {
    return readJsonWord(statement, start, effort)?.end;
  } catch {
    return statement.length;
  }
}

/** Whether a statement is for the moment in which another one waits. */
export function runsBeside(statement: string): boolean {
  const [first] = typedWords(statement);
  return first?.role.is === "command" && first.role.command?.runsBeside === true;
}

/** Whether a statement names a node, by one of its names, where its command takes one. */
export function namesNode(statement: string, names: readonly string[]): boolean {
  return typedWords(statement).some(({ role, written }) => {
    const isNode = role.is === "argument" && (role.names === "slave" || role.names === "node");
    return isNode && names.includes(written.toLowerCase());
  });
}
