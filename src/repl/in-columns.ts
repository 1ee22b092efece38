import stringWidth from "string-width";

/** Blanks between columns. */
const GAP = 2;

/** Words in as many columns as fit a screen so wide, one column after the other, as `ls` lists files. */
export function inColumns(words: readonly string[], screenColumns: number): string {
  const width = Math.max(...words.map((word) => stringWidth(word))) + GAP;
  const columns = Math.max(1, Math.floor((screenColumns - 1 + GAP) / width));
  const rows = Math.ceil(words.length / columns);
  const lines = Array.from({ length: rows }, (_, row) => words.filter((_word, index) => index % rows === row));
  return lines
    .map((line) =>
      line
        .map((word) => word + " ".repeat(width - stringWidth(word)))
        .join("")
        .trimEnd(),
    )
    .join("\n");
}
