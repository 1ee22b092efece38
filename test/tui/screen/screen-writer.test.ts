import assert from "node:assert/strict";
import fc from "fast-check";
import t from "tap";
import { hasCertainWidth } from "../../../src/tui/screen/frame-text.js";
import { glyphWidth } from "../../../src/tui/screen/safe-text.js";
import { ScreenWriter } from "../../../src/tui/screen/screen-writer.js";
import { Surface } from "../../../src/tui/screen/surface.js";
import { Emulator, type EmulatorOptions, type WidthTable } from "../emulator.js";
import { paint, strokes } from "./paintings.js";

const COLUMNS = 12;
const ROWS = 4;

/** A terminal that does not wrap, with a writer to it and all that was written. */
function writerTo(options: EmulatorOptions) {
  const emulator = new Emulator(options);
  emulator.feed("\u001b[?7l");
  const writes: string[] = [];
  const writer = new ScreenWriter((text) => {
    writes.push(text);
    emulator.feed(text);
  });
  return { emulator, writer, writes };
}

/** Glyphs and styles; the right half of a wide glyph looks as its left half does. */
function cellsOf({ glyphs, styles }: Surface): string[] {
  return glyphs.map((glyph, index) => (glyph === "" ? "" : `${glyph} ${styles[index] ?? ""}`));
}

function surfaceWith(text: string, columns = COLUMNS, rows = ROWS): Surface {
  const surface = new Surface(columns, rows);
  for (const [y, line] of text.split("\n").entries()) surface.canvas.text(0, y, line);
  return surface;
}

const frame = fc.record({
  strokes: strokes(COLUMNS, ROWS),
  isAnew: fc.boolean(),
  before: fc.constantFrom("nothing", "nothing", "nothing", "forget", "garbage", "resize"),
  cursor: fc.option(
    fc.tuple(fc.nat(COLUMNS - 3), fc.nat(ROWS - 2)).map(([x, y]) => ({ x, y })),
    { nil: undefined },
  ),
});

t.test("the terminal shows the surface after any frames, resizes and disturbances", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(frame, { minLength: 1, maxLength: 6 }), async (frames) => {
      const { emulator, writer } = writerTo({ columns: COLUMNS, rows: ROWS });
      let surface = new Surface(COLUMNS, ROWS);
      for (const { strokes, isAnew, before, cursor } of frames) {
        if (before === "resize") {
          surface = new Surface(surface.columns === COLUMNS ? COLUMNS - 2 : COLUMNS, ROWS);
          emulator.resize(surface.columns, ROWS);
        } else if (isAnew) surface.canvas.clear();
        if (before === "garbage") emulator.feed("\u001b[2;3H\u001b[7;41mgarbage漢\u001b[?25h");
        if (before === "garbage" || before === "forget") writer.forget();
        paint(surface.canvas, strokes);
        writer.show(surface, cursor);
        await emulator.settled();
        assert.deepEqual(cellsOf(emulator.surface()), cellsOf(surface));
        assert.deepEqual(emulator.cursor, cursor);
      }
      assert.deepEqual(emulator.blankedRows, []);
      assert.equal(emulator.clears, 0);
    }),
    { numRuns: 300 },
  );
});

t.test("a terminal that draws glyphs wider or narrower shows all others in their places", async () => {
  const contrary: WidthTable = (codePoint) => {
    const glyph = String.fromCodePoint(codePoint);
    return hasCertainWidth(glyph) || glyphWidth(glyph) === 2 ? 1 : 2;
  };
  await fc.assert(
    fc.asyncProperty(fc.array(strokes(COLUMNS, ROWS), { minLength: 1, maxLength: 6 }), async (frames) => {
      const { emulator, writer } = writerTo({ columns: COLUMNS, rows: ROWS, widths: contrary });
      const surface = new Surface(COLUMNS, ROWS);
      for (const strokes of frames) {
        paint(surface.canvas, strokes);
        writer.show(surface);
        await emulator.settled();
        const seen = emulator.surface();
        for (const [index, glyph] of surface.glyphs.entries()) {
          if (glyph !== "" && !hasCertainWidth(glyph)) continue;
          // Blanks and right halves may be covered by the glyph before, or not.
          const shown = seen.glyphs[index]?.trim();
          assert.equal(shown, glyph.trim(), `at ${index}`);
        }
      }
    }),
    { numRuns: 300 },
  );
});

t.test("a surface that has not changed costs no byte", (t) => {
  const { writer, writes } = writerTo({ columns: COLUMNS, rows: ROWS });
  const surface = surfaceWith("ring ●\nkeys 漢");
  writer.show(surface, { x: 1, y: 1 });
  writer.show(surface, { x: 1, y: 1 });
  writer.show(surfaceWith("ring ●\nkeys 漢"), { x: 1, y: 1 });
  t.equal(writes.length, 1);
  t.end();
});

t.test("only what has changed is sent, as one write and one synchronised update", (t) => {
  const { writer, writes } = writerTo({ columns: COLUMNS, rows: ROWS });
  writer.show(surfaceWith("one\ntwo\nsix"));
  const surface = surfaceWith("one\ntoo\nsix");
  surface.canvas.text(4, 2, "7", "1;36");
  writer.show(surface);
  t.same(writes.slice(1), ["\u001b[?2026h\u001b[2;2H\u001b[0mo\u001b[3;5H\u001b[0;1;36m7\u001b[0m\u001b[?2026l"]);
  t.end();
});

t.test("the cursor alone moves without a cell being written", (t) => {
  const { writer, writes } = writerTo({ columns: COLUMNS, rows: ROWS });
  const surface = surfaceWith("> put");
  writer.show(surface, { x: 5, y: 0 });
  writer.show(surface, { x: 4, y: 0 });
  writer.show(surface);
  t.same(writes.slice(1), [
    "\u001b[?2026h\u001b[?25l\u001b[1;5H\u001b[?25h\u001b[?2026l",
    "\u001b[?2026h\u001b[?25l\u001b[?2026l",
  ]);
  t.end();
});

t.test("after a glyph of disputed width the cursor is placed anew, and what it may cover is written again", (t) => {
  const { writer, writes } = writerTo({ columns: COLUMNS, rows: ROWS });
  writer.show(surfaceWith("●up"));
  writer.show(surfaceWith("○up"));
  t.equal(writes[1], "\u001b[?2026h\u001b[1;1H\u001b[0m○\u001b[1;2Hu\u001b[?2026l");
  t.end();
});

t.test("what is forgotten is sent whole", async (t) => {
  const { emulator, writer } = writerTo({ columns: COLUMNS, rows: ROWS });
  const surface = surfaceWith("one\n\nthree");
  writer.show(surface);
  emulator.feed("\u001b[H\u001b[Kshell$\n\n\nfoo");
  writer.forget();
  writer.show(surface);
  await emulator.settled();
  t.same(emulator.lines, ["one", "", "three", ""]);
});

t.test("the surface may be painted on after it was shown", async (t) => {
  const { emulator, writer } = writerTo({ columns: COLUMNS, rows: ROWS });
  const surface = surfaceWith("first");
  writer.show(surface);
  surface.canvas.text(0, 0, "later");
  writer.show(surface);
  await emulator.settled();
  t.same(emulator.lines, ["later", "", "", ""]);
});
