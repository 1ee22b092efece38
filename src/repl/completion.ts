import type { Cluster } from "./cluster.js";
import { type Completable, findCommand } from "./command.js";
import { COMMANDS } from "./command-table.js";

/** What can stand at the end of a line, for readline: the candidates and the part of the line that they replace. */
export type Completion = [candidates: string[], word: string];

/** Who knows the names there are; each is asked only where one is wanted. */
export interface NameSources {
  readonly slaves: () => Promise<readonly string[]>;
  readonly keys: (prefix: string) => Promise<readonly string[]>;
}

/** Keys that are offered at once. */
const KEYS_MAX = 50;
/** A person who waits longer than this, in ms, for a key types on. */
const PATIENCE_MS = 400;

/** Completes the last word of a line: a command's name, then what its argument names. A unique candidate ends in a blank, ready for the next word. */
export async function complete(line: string, sources: NameSources): Promise<Completion> {
  const [, before = "", word = ""] = /^(.*?\s+|)(\S*)$/s.exec(line) ?? [];
  const earlier = before
    .trim()
    .split(/\s+/)
    .filter((part) => part !== "");
  const command = findCommand(COMMANDS, earlier[0] ?? "");
  const hits = await candidates(earlier.length, command?.completes, word, sources);
  return [hits.length === 1 ? hits.map((hit) => `${hit} `) : [...hits], word];
}

/** The names that a cluster tells; none where it does not answer. */
export function namesOf(cluster: Cluster): NameSources {
  return {
    slaves: async () => {
      try {
        const { slaves } = await cluster.info();
        return [...slaves.map((slave) => slave.name), ...slaves.map((slave) => slave.id)];
      } catch {
        return [];
      }
    },
    keys: async (prefix) => {
      const keys: string[] = [];
      try {
        for await (const key of cluster.keys({ prefix, signal: AbortSignal.timeout(PATIENCE_MS) })) {
          // What needs quotes cannot be completed word by word.
          if (/^[^\s"'\\#\p{C}]+$/u.test(key)) keys.push(key);
          if (keys.length === KEYS_MAX) break;
        }
      } catch {
        // What has come is worth showing.
      }
      return keys;
    },
  };
}

async function candidates(
  position: number,
  completes: Completable | undefined,
  word: string,
  { slaves, keys }: NameSources,
): Promise<readonly string[]> {
  const among = (names: readonly string[]) => names.filter((name) => name.startsWith(word.toLowerCase()));
  if (position === 0) return among(COMMANDS.flatMap((command) => [command.name, ...(command.aliases ?? [])]));
  if (position > 1) return [];
  switch (completes) {
    case "command":
      return among(COMMANDS.map((command) => command.name));
    case "slave":
      return among(await slaves());
    case "node":
      return among(["master", ...(await slaves())]);
    case "key":
      return keys(word);
    case undefined:
      return [];
  }
}
