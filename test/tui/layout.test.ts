import fc from "fast-check";
import t from "tap";
import { type Layout, PANES, interiorOf, layoutOf } from "../../src/tui/layout.js";
import type { Rect } from "../../src/tui/screen/surface.js";

function rectsOf(layout: Layout): Rect[] {
  const { header, panes, timeline, commandLine, footer } = layout;
  return [header, ...panes.map(({ rect }) => rect), timeline, commandLine, footer].filter((rect) => rect !== undefined);
}

/** How many rectangles each cell belongs to. */
function covered({ columns, rows }: Layout, rects: readonly Rect[]): number[] {
  const counts = new Array<number>(columns * rows).fill(0);
  for (const { x, y, width, height } of rects) {
    for (let row = y; row < y + height; row += 1) {
      for (let column = x; column < x + width; column += 1)
        counts[row * columns + column] = (counts[row * columns + column] ?? NaN) + 1;
    }
  }
  return counts;
}

t.test("on a screen of any size each cell belongs to exactly one part", (t) => {
  const size = fc.record({
    columns: fc.integer({ min: 1, max: 220 }),
    rows: fc.integer({ min: 3, max: 80 }),
    zoomed: fc.option(fc.constantFrom(...PANES), { nil: undefined }),
    focused: fc.constantFrom(...PANES),
  });
  const result = fc.check(
    fc.property(size, ({ columns, rows, zoomed, focused }) => {
      const layout = layoutOf(columns, rows, zoomed, focused);
      return covered(layout, rectsOf(layout)).every((count) => count === 1);
    }),
  );
  t.notOk(result.failed, JSON.stringify(result.counterexample));
  t.end();
});

t.test("on a screen of one or two rows nothing lies outside of it", (t) => {
  for (const rows of [1, 2]) {
    const layout = layoutOf(80, rows, undefined, "ring");
    t.ok(
      rectsOf(layout).every(({ y, height }) => height === 0 || y + height <= rows),
      `${rows}`,
    );
  }
  t.end();
});

const SHAPES: readonly (readonly [columns: number, rows: number, panes: string])[] = [
  [40, 10, "log"],
  [60, 16, "slaves log"],
  [80, 24, "ring slaves log ops"],
  [120, 36, "ring slaves log ops unresolved"],
  [160, 48, "ring slaves log ops cache unresolved"],
  [300, 90, "ring slaves log ops cache unresolved"],
];

for (const [columns, rows, panes] of SHAPES) {
  t.test(`${columns}x${rows} shows ${panes}`, (t) => {
    const layout = layoutOf(columns, rows, undefined, "log");
    t.equal(layout.panes.map(({ name }) => name).join(" "), panes);
    t.end();
  });
}

t.test("a zoomed pane is alone, whatever the size", (t) => {
  for (const [columns, rows] of SHAPES) {
    t.strictSame(
      layoutOf(columns, rows, "cache", "cache").panes.map(({ name }) => name),
      ["cache"],
    );
  }
  t.end();
});

t.test("every pane that shows has room for at least two lines within its border", (t) => {
  for (const [columns, rows] of SHAPES) {
    const layout = layoutOf(columns, rows, undefined, "log");
    for (const { name, rect } of layout.panes)
      t.ok(interiorOf(rect, layout.isBare).height >= 2, `${name} at ${columns}x${rows}`);
  }
  t.end();
});
