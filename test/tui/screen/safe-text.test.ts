import assert from "node:assert/strict";
import fc from "fast-check";
import t from "tap";
import { glyphWidth, glyphsOf, safeText, truncated, widthOf } from "../../../src/tui/screen/safe-text.js";
import { Surface } from "../../../src/tui/screen/surface.js";
import { Emulator } from "../emulator.js";

/** What could move the cursor, turn text round, be invisible, or join what stands beside it. */
const UNSAFE =
  /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{M}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\p{Emoji_Modifier}\p{Regional_Indicator}\u1160-\u11ff]/u;

const anyText = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.string({ unit: fc.nat({ max: 0xffff }).map((code) => String.fromCharCode(code)) }),
  fc.string({
    unit: fc.constantFrom(
      ...["\u001b[2J", "\u001b]0;title\u0007", "\u009b1m", "\r", "\n", "\t", "\b", "\0", "\u007f", "\u0085"],
      ...[
        "\u202e",
        "\u2066",
        "\u200b",
        "\u200d",
        "\u{fe0f}",
        "\u{301}",
        "\u{1160}",
        "\u3164",
        "👩‍👩‍👧",
        "👍🏽",
        "🇩🇪",
        "❤️",
        "a",
        "漢",
      ],
    ),
  }),
);

t.test("no control, escape, bidi control, joiner or invisible character gets onto a surface", (t) => {
  fc.assert(
    fc.property(anyText, (text) => {
      const surface = new Surface(40, 1);
      surface.canvas.text(0, 0, text);
      return surface.glyphs.every((glyph) => glyph === "" || (/^.$/u.test(glyph) && !UNSAFE.test(glyph)));
    }),
    { numRuns: 1_000 },
  );
  t.end();
});

t.test("control characters show as their pictures, and the rest of an escape sequence as text", (t) => {
  t.equal(safeText("\u001b[31mred\u001b[0m\t\0\u007f"), "␛[31mred␛[0m␉␀␡");
  t.end();
});

t.test("what has no width or joins its neighbour becomes a replacement character", (t) => {
  t.equal(safeText("e\u{301}"), "e\u{fffd}");
  t.equal(safeText("a\u202eb\u200dc\u{fe0f}"), "a\u{fffd}b\u{fffd}c\u{fffd}");
  t.equal(safeText("\u1100\u1161\u3164"), "\u1100\u{fffd}\u{fffd}");
  t.equal(safeText("👍🏽🇩"), "👍\u{fffd}\u{fffd}");
  t.end();
});

t.test("letters, symbols, CJK and single emoji stay as they are", (t) => {
  const text = "naïve Ελλάδα Привет 漢字 한글 かな → ● ◆ ─ ⣿ █ 😀 €";
  t.equal(safeText(text), text);
  t.end();
});

t.test("text is never wider than its columns when it is truncated, and whole when it fits", (t) => {
  fc.assert(
    fc.property(anyText, fc.nat(30), (text, columns) => {
      const cut = truncated(text, columns);
      if (widthOf(text) <= columns) return cut === safeText(text);
      return widthOf(cut) <= columns && (columns === 0 ? cut === "" : cut.endsWith("…"));
    }),
  );
  t.end();
});

t.test("a text is as wide as its glyphs", (t) => {
  fc.assert(
    fc.property(anyText, (text) => widthOf(text) === glyphsOf(text).reduce((sum, glyph) => sum + glyphWidth(glyph), 0)),
  );
  t.end();
});

t.test(
  "a terminal with the tables of Unicode 6 gives every glyph that was settled by then the same width",
  async () => {
    const blocks: readonly (readonly [from: number, to: number])[] = [
      ...([
        [0x20, 0x7e],
        [0xa1, 0x52f],
        [0x5d0, 0x5ea],
        [0x1e00, 0x1eff],
        [0x2010, 0x2027],
        [0x2070, 0x2bff],
      ] as const),
      ...([
        [0x3001, 0x3247],
        [0x3250, 0x4dbf],
        [0x4e00, 0x9fcb],
        [0xac00, 0xd7a3],
        [0xff01, 0xff9f],
      ] as const),
    ];
    const settledGlyph = fc
      .oneof(...blocks.map(([min, max]) => fc.integer({ min, max })))
      .map((code) => String.fromCodePoint(code))
      // Emoji became wide in Unicode 9, and the hexagrams' lines in Unicode 16.
      .filter(
        (glyph) => safeText(glyph) === glyph && !/\p{Emoji_Presentation}|[\u2630-\u2637\u268a-\u268f]/u.test(glyph),
      );
    await fc.assert(
      fc.asyncProperty(fc.array(settledGlyph, { minLength: 1, maxLength: 30 }), async (glyphs) => {
        const emulator = new Emulator({ columns: 80, rows: 1, widths: "unicode-6" });
        emulator.feed(glyphs.join(""));
        await emulator.settled();
        assert.equal(emulator.cursor?.x, widthOf(glyphs.join("")), glyphs.join(""));
      }),
      { numRuns: 300 },
    );
  },
);
