import { findCommand } from "./command.js";
import { COMMANDS } from "./command-table.js";

/** What can stand at the end of a line, for readline: the candidates and the part of the line that they replace. */
export type Completion = [candidates: string[], word: string];

/**
 * Completes the last word of a line: a command's name, then what its argument names. A unique candidate ends in a blank,
 * ready for the next word.
 *
 * @param slaves names the slaves there are; called only where a slave is wanted
 */
export async function complete(line: string, slaves: () => Promise<readonly string[]>): Promise<Completion> {
  const [, before = "", word = ""] = /^(.*?\s+|)(\S*)$/s.exec(line) ?? [];
  const earlier = before
    .trim()
    .split(/\s+/)
    .filter((part) => part !== "");
  const command = findCommand(COMMANDS, earlier[0] ?? "");
  const names = await candidates(earlier.length, command?.completes, slaves);
  const hits = names.filter((name) => name.startsWith(word.toLowerCase()));
  return [hits.length === 1 ? hits.map((hit) => `${hit} `) : hits, word];
}

async function candidates(
  position: number,
  completes: "command" | "slave" | undefined,
  slaves: () => Promise<readonly string[]>,
): Promise<readonly string[]> {
  if (position === 0) return COMMANDS.flatMap((command) => [command.name, ...(command.aliases ?? [])]);
  if (position > 1) return [];
  switch (completes) {
    case "command":
      return COMMANDS.map((command) => command.name);
    case "slave":
      return slaves();
    case undefined:
      return [];
  }
}
