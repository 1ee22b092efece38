import type { CacheView, LoggedLine, Snapshot } from "../protocol/messages.js";
import { describeUnresolved } from "./cluster-text.js";
import { type Command, CommandUsageError } from "./command.js";
import type { Paint } from "./paint.js";
import { layOut } from "./table.js";
import { quote } from "./tokenize.js";
import { escapeUnprintable } from "../protocol/unprintable.js";

/** How nodes may be named, told wherever one is asked for. */
const NODE_NAMES = "NODE is `master`, or a slave by its position in the ring (`1` or `s1`) or its full ID.";

const LINES = { usual: 20, max: 2_000 };

/** Looking into the master and the slaves. */
export const NODE_COMMANDS: readonly Command[] = [
  {
    name: "cache",
    usage: "[NODE [SET]]",
    summary: "show a cache: its figures and its sets, from SET on, each front to back; * marks a reference bit",
    detail: `${NODE_NAMES} Without one, the master's.`,
    examples: ["cache", "cache s1", "cache master 100"],
    arity: { min: 0, max: 2 },
    completes: ["node"],
    async run({ cluster, output, signal }, [node = "master", from = "0"]) {
      const view = await cluster.cache(node, { from: wholeNumber(from, "SET", 1_048_575), signal });
      await output.print(describeCache(view, output.paint), view);
      return "done";
    },
  },
  {
    name: "log",
    usage: "[NODE [N]]",
    summary: `show the newest N log lines of a node (${LINES.usual} if left out), or of all`,
    detail: `${NODE_NAMES} \`all\` is all of them. The steps of two-phase commit are among them, a sample under load.`,
    examples: ["log", "log s1", "log all 100"],
    arity: { min: 0, max: 2 },
    completes: ["node"],
    async run({ cluster, output, signal }, [node = "all", count = LINES.usual.toString()]) {
      const limit = wholeNumber(count, "N", LINES.max);
      if (limit === 0) return "done";
      const [lines, { slaves }] = await Promise.all([
        cluster.logs({ ...(node !== "all" && { node }), limit, signal }),
        cluster.snapshot({ signal }),
      ]);
      if (lines.length > 0) await output.print(describeLines(lines, slaves, output.paint), { lines });
      return "done";
    },
  },
  {
    name: "unresolved",
    usage: "",
    summary: "list the updates that are not settled, and the slaves they wait for",
    examples: ["unresolved"],
    arity: { min: 0, max: 0 },
    async run({ cluster, output, signal }) {
      const snapshot = await cluster.snapshot({ signal });
      const { unresolved } = snapshot;
      await output.print(describeUnresolved(snapshot, output.paint), { unresolved });
      return "done";
    },
  },
];

function wholeNumber(text: string, what: string, max: number): number {
  const number = /^[0-9]{1,7}$/.test(text) ? Number(text) : Number.NaN;
  if (number <= max) return number;
  throw new CommandUsageError(`${what} is a whole number, 0 to ${max}`);
}

function describeCache({ node, sets, ways, used, hits, misses, evictions, contents, more }: CacheView, paint: Paint) {
  const reads = hits + misses;
  const rate = reads === 0 ? "" : ` (${((100 * hits) / reads).toFixed(1)} %)`;
  const evicted = evictions === undefined ? "" : `, ${evictions} evicted`;
  const head = `${paint.name(escapeUnprintable(node))}: ${sets} sets of ${ways}, ${used} entries; ${hits} hits, ${misses} misses${rate}${evicted}`;
  const rows = contents.map(({ set, entries, omitted }) => [
    set.toString(),
    [
      ...entries.map(({ key, referenced }) => quote(key) + (referenced ? paint.good("*") : "")),
      ...(omitted === undefined ? [] : [`and ${omitted} more`]),
    ].join("  "),
  ]);
  const last = contents.at(-1)?.set ?? 0;
  const rest = more ? [paint.dim(`more from set ${last + 1} on`)] : [];
  return [head, ...(rows.length === 0 ? [] : [layOut(rows)]), ...rest].join("\n");
}

function describeLines(lines: readonly LoggedLine[], slaves: Snapshot["slaves"], paint: Paint): string {
  return layOut(
    lines.map(({ time, slave, level, text }) => [
      paint.dim(new Date(time).toISOString()),
      paint.name(slave === undefined ? "master" : (slaves.find(({ id }) => id === slave)?.name ?? slave)),
      { debug: paint.dim, info: String, warn: paint.warning, error: paint.bad }[level](level),
      escapeUnprintable(text),
    ]),
  );
}
