import type { SeededBug } from "./seeded-bug.js";
import type { CaughtRecords } from "./records.js";

const BEGIN = "<!-- seeded-bugs:begin -->";
const END = "<!-- seeded-bugs:end -->";
/** A violation's text is cut here: it need only be recognised. */
const VIOLATION_CHARS = 120;

/** The table of bugs and the seeds that caught them, in Markdown. */
export function seededBugsTable(bugs: readonly SeededBug[], records: CaughtRecords): string {
  const rows = bugs.map(({ name, file, what }) => {
    const record = records[name];
    return [
      name,
      `\`${file}\``,
      what,
      record?.seed ?? "**not caught**",
      record === undefined ? "" : shown(record.violation),
    ];
  });
  const head = ["bug", "in src/", "what it breaks", "first seed", "how it showed"];
  return [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

/**
 * A page with the table in its place.
 * @throws Error when the page has no place for it
 */
export function withTable(page: string, table: string): string {
  const begin = page.indexOf(BEGIN);
  const end = page.indexOf(END);
  if (begin === -1 || end < begin) throw new Error(`The page has no ${BEGIN} and ${END}.`);
  return `${page.slice(0, begin + BEGIN.length)}\n${table}\n${page.slice(end)}`;
}

function shown(violation: string): string {
  const text = violation.length > VIOLATION_CHARS ? `${violation.slice(0, VIOLATION_CHARS)}…` : violation;
  return text.replaceAll("|", "\\|").replaceAll("<", "&lt;");
}
