import fc from "fast-check";
import { type StyleParts, styleOf } from "../../../src/tui/screen/style.js";
import type { Canvas } from "../../../src/tui/screen/surface.js";

/** Something a painter does. */
export interface Stroke {
  readonly x: number;
  readonly y: number;
  readonly text: string;
  readonly style: string;
}

/** Glyphs of every kind that the writer tells apart: ASCII, shapes, wide ones, and those whose width is disputed. */
const glyph = fc.constantFrom(
  "a",
  "b",
  "Z",
  " ",
  " ",
  "─",
  "│",
  "⣿",
  "█",
  "●",
  "é",
  "…",
  "❄",
  "漢",
  "字",
  "😀",
  "⏳",
  "\u{fffd}",
);

const parts: fc.Arbitrary<StyleParts> = fc.record(
  {
    color: fc.constantFrom("red", "cyan", "gray", "brightWhite"),
    bold: fc.boolean(),
    dim: fc.boolean(),
    underline: fc.boolean(),
    inverse: fc.boolean(),
  },
  { requiredKeys: [] },
);

/** Strokes on a screen of this size, some of which run over its edges. */
export function strokes(columns: number, rows: number): fc.Arbitrary<Stroke[]> {
  return fc.array(
    fc.record({
      x: fc.integer({ min: -2, max: columns }),
      y: fc.integer({ min: -1, max: rows }),
      text: fc.string({ unit: glyph, maxLength: columns }),
      style: fc.oneof(fc.constantFrom("", "44", "38;5;208;103"), parts.map(styleOf)),
    }),
    { maxLength: 12 },
  );
}

export function paint(canvas: Canvas, painted: readonly Stroke[]): void {
  for (const { x, y, text, style } of painted) canvas.text(x, y, text, style);
}
