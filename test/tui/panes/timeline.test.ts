import t from "tap";
import { type TimelineBucket, type TimelineView, paintTimeline } from "../../../src/tui/panes/timeline.js";
import { Surface } from "../../../src/tui/screen/surface.js";
import { ASCII, DARK, MONO, UNICODE } from "../../../src/tui/screen/theme.js";
import { golden, picture } from "./golden.js";

const utc = (atSecond: number) => new Date(atSecond * 1000).toISOString().slice(11, 19);
const NOON = 1_789_992_000;

const busyMinute: readonly TimelineBucket[] = Array.from({ length: 60 }, (_, index) => ({
  atSecond: NOON + index,
  ops: Math.round(40 + 38 * Math.sin(index / 4)),
  marks:
    index === 30 ? ["abort", "down"] : index === 37 ? ["up"] : index === 31 ? ["abort"] : index === 50 ? ["ring"] : [],
}));
const view: TimelineView = { buckets: busyMinute, theme: DARK, glyphs: UNICODE };

function row(columns: number, shown: TimelineView): string {
  const surface = new Surface(columns, 1);
  paintTimeline(surface.canvas, shown, utc);
  return surface.toLines()[0] ?? "";
}

t.test("a wide timeline shows bars, marks where something happened, and the times of both ends", (t) => {
  const actual = picture(78, 1, (canvas) => paintTimeline(canvas, view, utc));
  t.equal(actual, golden("timeline-78", actual));
  t.end();
});

t.test("a narrow timeline keeps the newest seconds and leaves the times out", (t) => {
  const actual = picture(30, 1, (canvas) => paintTimeline(canvas, view, utc));
  t.equal(actual, golden("timeline-30", actual));
  t.end();
});

t.test("of several marks in one second the gravest shows", (t) => {
  const marked = (marks: TimelineBucket["marks"]) => row(6, { ...view, buckets: [{ atSecond: NOON, ops: 1, marks }] });
  t.equal(marked(["up", "ring", "abort", "lost", "down"]), "✕│ now");
  t.equal(marked(["up", "ring", "abort", "lost"]), "?│ now");
  t.equal(marked(["up", "ring", "abort"]), "!│ now");
  t.equal(marked(["up", "ring"]), "◆│ now");
  t.equal(marked(["up"]), "●│ now");
  t.end();
});

t.test("seconds without a bucket stay blank", (t) => {
  const buckets = [0, 3].map((offset) => ({ atSecond: NOON + offset, ops: 5, marks: [] }));
  t.equal(row(9, { ...view, buckets }), "█  █│ now");
  t.end();
});

t.test("the second that is looked at is shown inverse, and only if it is in sight", (t) => {
  const inverse = (scrub: number) => {
    const surface = new Surface(15, 1);
    paintTimeline(surface.canvas, { ...view, scrub, theme: MONO }, utc);
    return surface.styles.map((style) => (style === MONO.selected ? "^" : ".")).join("");
  };
  t.equal(inverse(NOON + 57), ".......^.......");
  t.equal(inverse(NOON), "...............");
  t.end();
});

t.test("nothing yet is said in words", (t) => {
  t.equal(row(40, { ...view, buckets: [] }), "nothing has happened yet");
  t.end();
});

t.test("in ASCII mode it is ASCII", (t) => {
  t.match(row(78, { ...view, glyphs: ASCII }), /^12:00:0\d [ -~]{40,} 12:00:59$/);
  t.end();
});

t.test("no width is too small", (t) => {
  for (let columns = 0; columns < 8; columns += 1) t.equal(row(columns, view).length <= columns, true);
  t.end();
});
