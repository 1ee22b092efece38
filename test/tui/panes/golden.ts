import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type Canvas, Surface } from "../../../src/tui/screen/surface.js";

/** A picture of what `paint` does on a canvas of this size: framed, so that its edges show and no editor trims it. */
export function picture(columns: number, rows: number, paint: (canvas: Canvas) => void): string {
  const surface = new Surface(columns, rows);
  paint(surface.canvas);
  const edge = `+${"-".repeat(columns)}+`;
  const lines = Array.from({ length: rows }, (_, row) => {
    return `|${surface.glyphs.slice(row * columns, (row + 1) * columns).join("")}|`;
  });
  return `${[edge, ...lines, edge].join("\n")}\n`;
}

/**
 * The golden picture of this name, after it was rewritten if `UPDATE_GOLDEN=1`; look at the change before you commit it.
 * A picture that does not exist yet is "", so its test fails.
 */
export function golden(name: string, actual: string): string {
  const file = fileURLToPath(new URL(`golden/${name}.txt`, import.meta.url));
  if (process.env["UPDATE_GOLDEN"] === "1") writeFileSync(file, actual);
  return existsSync(file) ? readFileSync(file, "utf8") : "";
}
