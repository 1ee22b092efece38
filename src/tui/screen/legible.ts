import { glyphWidth, glyphsOf, truncated } from "./safe-text.js";
import type { Glyphs } from "./theme.js";

/** Longer names are cut: they come from configurations, and a ring has little room. */
export const NAME_COLUMNS_MAX = 10;

/** Safe text that the console can show: in ASCII mode everything beyond ASCII, a key's letters too, becomes `?`. */
export function legible(text: string, { ascii }: Glyphs): string {
  const glyphs = glyphsOf(text);
  if (!ascii) return glyphs.join("");
  return glyphs.map((glyph) => (/^[ -~]$/.test(glyph) ? glyph : "?".repeat(glyphWidth(glyph)))).join("");
}

/** Legible text cut to so many columns, the last one an ellipsis where something was cut. */
export function fitted(text: string, columns: number, glyphs: Glyphs): string {
  const cut = truncated(legible(text, glyphs), columns);
  return glyphs.ascii ? cut.replace("…", glyphs.ellipsis) : cut;
}
