import { findCommand } from "../../repl/command.js";
import { COMMANDS } from "../../repl/command-table.js";
import { GrammarError } from "../../repl/grammar-error.js";
import { tokenize } from "../../repl/tokenize.js";

/** Whether a line is for the moment in which another command waits: it does not wait for its turn behind it. */
export function runsBeside(line: string): boolean {
  try {
    const [first] = tokenize(line);
    return findCommand(COMMANDS, first?.text ?? "")?.runsBeside === true;
  } catch (error) {
    if (error instanceof GrammarError) return false;
    throw error;
  }
}
