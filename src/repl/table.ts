/** Lays rows out in columns, two blanks apart; a row's last cell may be of any width. `width` measures a cell (paint has none). */
export function layOut(
  rows: readonly (readonly string[])[],
  width: (cell: string) => number = widthWithoutPaint,
): string {
  const widths: number[] = [];
  for (const row of rows) {
    row.slice(0, -1).forEach((cell, column) => (widths[column] = Math.max(widths[column] ?? 0, width(cell))));
  }
  return rows
    .map((row) =>
      row
        .map((cell, column) =>
          column === row.length - 1 ? cell : cell + " ".repeat((widths[column] ?? 0) - width(cell)),
        )
        .join("  "),
    )
    .join("\n");
}

function widthWithoutPaint(cell: string): number {
  return cell.replaceAll(/\x1b\[[0-9;]*m/g, "").length;
}
