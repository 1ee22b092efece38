import type { Look } from "./line-editor/cells.js";
import type { Span } from "./line-editor/layout.js";
import { COMMANDS } from "./command-table.js";
import { type TypedWord, typedWords } from "./typed-words.js";

/** How a statement looks while it is typed: commands that there are and those that there are not, quotes, numbers, comments. */
export function highlight(statement: string): readonly Span[] {
  const spans: Span[] = [];
  for (const word of typedWords(statement)) {
    spans.push({ start: word.start, look: lookOf(word, statement) }, { start: word.end, look: "plain" });
  }
  return [{ start: 0, look: "plain" }, ...spans];
}

function lookOf({ form, role, written, end }: TypedWord, statement: string): Look {
  switch (form) {
    case "comment":
      return "comment";
    case "open-quote":
      return "bad";
    case "quoted":
    case "json":
    case "heredoc":
      return "string";
    case "plain":
      break;
  }
  switch (role.is) {
    case "mark":
      return "name";
    case "command":
      if (role.command !== undefined) return "name";
      // A word that is still being typed may become one.
      return end === statement.length && startsACommand(written) ? "plain" : "bad";
    case "argument":
      if (Array.isArray(role.names) && role.names.includes(written.toLowerCase())) return "name";
      return /^-?\d+(?:\.\d+)?$/.test(written) ? "number" : "plain";
  }
}

function startsACommand(written: string): boolean {
  const start = written.toLowerCase();
  return COMMANDS.some(({ name, aliases = [] }) => [name, ...aliases].some((candidate) => candidate.startsWith(start)));
}
