/** Columns aligned under their titles and a rule; words (`columns` that end in a blank) to the left, numbers to the right. */
export function textTable(titles: readonly string[], rows: readonly (readonly string[])[]): string {
  const isLeft = titles.map((title) => title.endsWith(" "));
  const all = [titles.map((title) => title.trimEnd()), ...rows];
  const widths = titles.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  const lines = all.map((row) => row.map((cell, column) => pad(cell, widths[column] ?? 0, isLeft[column])));
  const [head = [], ...body] = lines;
  const rule = widths.map((width) => "-".repeat(width));
  return [head, rule, ...body].map((cells) => `${cells.join("  ").trimEnd()}\n`).join("");
}

/** The same for a document in Markdown. */
export function markdownTable(titles: readonly string[], rows: readonly (readonly string[])[]): string {
  const rule = titles.map((title) => (title.endsWith(" ") ? "---" : "---:"));
  return [titles.map((title) => title.trimEnd()), rule, ...rows].map((cells) => `| ${cells.join(" | ")} |\n`).join("");
}

function pad(cell: string, width: number, isLeft: boolean | undefined): string {
  return isLeft ? cell.padEnd(width) : cell.padStart(width);
}
