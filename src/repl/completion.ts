import type { SlaveStatus } from "../protocol/messages.js";
import type { Cluster } from "./cluster.js";
import type { Completable } from "./command.js";
import { COMMANDS } from "./command-table.js";
import type { Completion } from "./line-editor/tab.js";
import { quote, tokenize } from "./tokenize.js";
import { type Role, roleAfter, typedWords } from "./typed-words.js";

/** Who knows the names there are; each is asked only where one is wanted. */
export interface NameSources {
  readonly slaves: () => Promise<readonly Pick<SlaveStatus, "id" | "name">[]>;
  readonly keys: (prefix: string) => Promise<Names>;
}

export interface Names {
  readonly names: readonly string[];
  readonly hasMore: boolean;
}

/** Keys that are offered at once. */
const KEYS_MAX = 200;
/** A person who waits longer than this, in ms, for a key types on. */
const PATIENCE_MS = 400;

/** Completes the last word of a statement: a command's name, or what its argument names. */
export async function complete(statement: string, sources: NameSources): Promise<Completion> {
  const words = typedWords(statement);
  const last = words.at(-1);
  const isInWord = last !== undefined && (last.end === statement.length || last.form === "open-quote");
  const written = isInWord ? last.written : "";
  const start = statement.length - written.length;
  const meaning = isInWord && last.form !== "plain" && last.form !== "open-quote" ? undefined : meaningOf(written);
  if (meaning === undefined) return { start, candidates: [], hasMore: false, replacement: written };
  const { names, hasMore } = await namesFor(isInWord ? last.role : roleAfter(words), meaning, sources);
  return { start, candidates: names.map(quote), hasMore, replacement: replacementOf(written, meaning, names, hasMore) };
}

/** The names that a cluster tells; none where it does not answer. */
export function namesOf(cluster: Cluster): NameSources {
  return {
    slaves: async () => {
      try {
        const { slaves } = await cluster.info({ signal: AbortSignal.timeout(PATIENCE_MS) });
        return slaves;
      } catch {
        return [];
      }
    },
    keys: async (prefix) => {
      const names: string[] = [];
      try {
        for await (const key of cluster.keys({ prefix, signal: AbortSignal.timeout(PATIENCE_MS) })) {
          if (names.length === KEYS_MAX) return { names, hasMore: true };
          names.push(key);
        }
        return { names, hasMore: false };
      } catch {
        // What has come is worth showing.
        return { names, hasMore: true };
      }
    },
  };
}

async function namesFor(role: Role, meaning: string, { slaves, keys }: NameSources): Promise<Names> {
  const among = (names: readonly string[]): Names => {
    return { names: names.filter((name) => name.startsWith(meaning.toLowerCase())), hasMore: false };
  };
  if (role.is === "mark") return among([]);
  const wanted: Completable | undefined = role.is === "command" ? "command" : role.names;
  switch (wanted) {
    case "command":
      // An alias is offered to those who begin to type it.
      return among(COMMANDS.flatMap(({ name, aliases = [] }) => [name, ...(meaning === "" ? [] : aliases)]));
    case "slave":
      return among(namesOfSlaves(await slaves(), meaning));
    case "node":
      return among(["master", ...namesOfSlaves(await slaves(), meaning)]);
    case "key":
      return keys(meaning);
    case "file":
    case undefined:
      return among([]);
    default:
      return among(wanted);
  }
}

/** An ID is offered to those who begin to type it. */
function namesOfSlaves(slaves: readonly Pick<SlaveStatus, "id" | "name">[], typed: string): readonly string[] {
  const names = slaves.map(({ name }) => name);
  return typed === "" ? names : [...names, ...slaves.map(({ id }) => id)];
}

/** What a word means as far as it is typed; undefined when that is not clear yet. */
function meaningOf(written: string): string | undefined {
  for (const closed of [written, `${written}"`, `${written}'`]) {
    try {
      const [word, ...others] = tokenize(closed);
      if (others.length === 0 && (word?.end ?? 0) === closed.length) return word?.text ?? "";
    } catch {
      // Closed otherwise, it may be a word.
    }
  }
  return undefined;
}

function replacementOf(written: string, meaning: string, names: readonly string[], hasMore: boolean): string {
  const [only] = names;
  if (only !== undefined && names.length === 1 && !hasMore) return `${quote(only)} `;
  const common = commonStart(names);
  // Of names that are not all known, what all begin with is not known either.
  if (hasMore || common.length <= meaning.length) return written;
  const whole = quote(common);
  if (whole === common && !written.startsWith("'") && !written.startsWith('"')) return common;
  return whole === common ? `"${common}` : whole.slice(0, -1);
}

/** Of whole characters (code points), so that none is cut in two. */
function commonStart(names: readonly string[]): string {
  const [first = "", ...others] = names;
  let length = first.length;
  for (const other of others) while (!other.startsWith(first.slice(0, length))) length -= 1;
  const common = first.slice(0, length);
  return common.isWellFormed() ? common : common.slice(0, -1);
}
