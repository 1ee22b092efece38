import type { Hint } from "./line-editor/hint.js";
import { roleAfter, typedWords } from "./typed-words.js";

/**
 * The rest of the newest earlier statement that starts with this one, else the arguments that its command still takes; undefined
 * when there is neither.
 *
 * @param history oldest first
 */
export function hintFor(statement: string, history: readonly string[]): Hint | undefined {
  if (statement.trim() === "") return undefined;
  const earlier = history.findLast((entry) => entry.startsWith(statement) && entry !== statement);
  if (earlier !== undefined) return { text: earlier.slice(statement.length), canBeTaken: true };
  const usage = usageAfter(statement);
  return usage === "" ? undefined : { text: usage, canBeTaken: false };
}

/** The part of a command's usage that is still to be typed. */
function usageAfter(statement: string): string {
  if (statement.includes("\n")) return "";
  const words = typedWords(statement);
  const last = words.at(-1);
  if (last === undefined || last.form === "open-quote" || last.form === "comment" || last.form === "heredoc") return "";
  const isBlankTyped = last.end < statement.length;
  const role = roleAfter(words);
  if (role.is !== "argument" || role.command === undefined) return "";
  const typed = words.slice(words.length - role.index).map(({ written }) => written.toLowerCase());
  const usage = usageBehind(role.command.usage, typed);
  return usage === "" || isBlankTyped ? usage : ` ${usage}`;
}

/** A usage behind its first words: of `[NODE [SET]]` behind one, `[SET]` is left. Of alternatives, the one that they begin. */
function usageBehind(usage: string, typed: readonly string[]): string {
  const [first = ""] = typed;
  const alternatives = usage.split(/ \| (?![^[]*\])/);
  const chosen = alternatives.find((alternative) => alternative.split(" ")[0] === first) ?? alternatives[0] ?? "";
  const rest = typed.length === 0 ? usage : chosen.split(" ").slice(typed.length).join(" ");
  const surplus = rest.split("]").length - rest.split("[").length;
  return surplus > 0 ? rest.slice(0, -surplus) : rest;
}
