import fc from "fast-check";
import t from "tap";
import { glyphWidth } from "../../../src/tui/screen/safe-text.js";
import { Surface } from "../../../src/tui/screen/surface.js";
import { paint, strokes } from "./paintings.js";

t.test("text is cut at every edge of its canvas", (t) => {
  const surface = new Surface(8, 3);
  const canvas = surface.canvas.part({ x: 2, y: 1, width: 4, height: 1 });
  t.equal(canvas.text(-2, 0, "abcdefgh"), 6);
  canvas.text(0, -1, "above");
  canvas.text(0, 1, "below");
  t.same(surface.toLines(), ["", "  cdef", ""]);
  t.end();
});

t.test("text tells the column behind it, wide glyphs and what lies outside counted in", (t) => {
  const { canvas } = new Surface(4, 1);
  t.equal(canvas.text(0, 0, "a漢b"), 4);
  t.equal(canvas.text(1, 0, "漢字漢字"), 9);
  t.equal(canvas.text(9, 5, "\u{9b}é"), 11);
  t.end();
});

t.test("a wide glyph that an edge cuts through is a blank inside", (t) => {
  const surface = new Surface(4, 1);
  surface.canvas.text(0, 0, "wxyz");
  surface.canvas.text(-1, 0, "漢");
  surface.canvas.text(3, 0, "字");
  t.same(surface.glyphs, [" ", "x", "y", " "]);
  t.end();
});

t.test("half of a wide glyph does not stay, though another canvas painted it", (t) => {
  const surface = new Surface(6, 1);
  surface.canvas.text(0, 0, "漢字漢");
  surface.canvas.part({ x: 1, y: 0, width: 1, height: 1 }).text(0, 0, "a");
  t.same(surface.glyphs, [" ", "a", "字", "", "漢", ""]);
  surface.canvas.part({ x: 3, y: 0, width: 2, height: 1 }).text(0, 0, "山");
  t.same(surface.glyphs, [" ", "a", " ", "山", "", " "]);
  t.end();
});

t.test("a part of a canvas reaches no further than the canvas", (t) => {
  const surface = new Surface(6, 3);
  const canvas = surface.canvas.part({ x: 1, y: 1, width: 3, height: 1 });
  canvas.part({ x: 1, y: -5, width: 99, height: 99 }).clear("7");
  canvas.part({ x: 9, y: 0, width: 5, height: 5 }).text(0, 0, "far");
  t.same(
    surface.styles.flatMap((style, index) => (style === "7" ? [index] : [])),
    [8, 9],
  );
  t.same(surface.toLines(), ["", "", ""]);
  t.end();
});

t.test("every wide glyph has its right half and every right half its glyph, whatever was painted where", (t) => {
  const corner = fc.record({ x: fc.nat(9), y: fc.nat(3), width: fc.nat(9), height: fc.nat(3) });
  fc.assert(
    fc.property(fc.array(fc.tuple(corner, strokes(6, 3)), { maxLength: 4 }), (painted) => {
      const surface = new Surface(9, 3);
      for (const [rect, strokes] of painted) paint(surface.canvas.part(rect), strokes);
      for (const [index, glyph] of surface.glyphs.entries()) {
        const isLeft = glyph !== "" && glyphWidth(glyph) === 2;
        const isInLine = (index + 1) % 9 !== 0;
        if (isLeft !== (isInLine && surface.glyphs[index + 1] === "")) return false;
      }
      return surface.glyphs[0] !== "";
    }),
  );
  t.end();
});
