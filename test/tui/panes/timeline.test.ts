import t from "tap";
import type { Second } from "../../../src/tui/model/traffic.js";
import { type TimelineView, paintTimeline } from "../../../src/tui/panes/timeline.js";
import { Surface } from "../../../src/tui/screen/surface.js";
import { ASCII, DARK, UNICODE } from "../../../src/tui/screen/theme.js";
import { golden, picture } from "./golden.js";

const NOON = 1_789_992_000;

const busyMinute: readonly Second[] = Array.from({ length: 60 }, (_, index) => ({
  atSecond: NOON + index,
  ops: Math.round(40 + 38 * Math.sin(index / 4)),
  marks:
    index === 30 ? ["abort", "down"] : index === 37 ? ["up"] : index === 31 ? ["abort"] : index === 50 ? ["ring"] : [],
}));
const view: TimelineView = { seconds: busyMinute, theme: DARK, glyphs: UNICODE };

function row(columns: number, shown: TimelineView): string {
  const surface = new Surface(columns, 1);
  paintTimeline(surface.canvas, shown);
  return surface.toLines()[0] ?? "";
}

t.test("a wide timeline shows bars, marks where something happened, and how long ago it begins", (t) => {
  const actual = picture(78, 1, (canvas) => paintTimeline(canvas, view));
  t.equal(actual, golden("timeline-78", actual));
  t.end();
});

t.test("a narrow timeline keeps the newest seconds and leaves its age out", (t) => {
  const actual = picture(30, 1, (canvas) => paintTimeline(canvas, view));
  t.equal(actual, golden("timeline-30", actual));
  t.end();
});

t.test("of several marks in one second the gravest shows", (t) => {
  const marked = (marks: Second["marks"]) => row(6, { ...view, seconds: [{ atSecond: NOON, ops: 1, marks }] });
  t.equal(marked(["up", "ring", "abort", "lost", "down"]), "✕│ now");
  t.equal(marked(["up", "ring", "abort", "lost"]), "?│ now");
  t.equal(marked(["up", "ring", "abort"]), "!│ now");
  t.equal(marked(["up", "ring"]), "◆│ now");
  t.equal(marked(["up"]), "●│ now");
  t.end();
});

t.test("seconds that are not known stay blank", (t) => {
  const seconds = [0, 3].map((offset) => ({ atSecond: NOON + offset, ops: 5, marks: [] }));
  t.equal(row(9, { ...view, seconds }), "█  █│ now");
  t.end();
});

t.test("nothing yet is said in words", (t) => {
  t.equal(row(40, { ...view, seconds: [] }), "nothing has happened yet");
  t.end();
});

t.test("in ASCII mode it is ASCII", (t) => {
  t.match(row(78, { ...view, glyphs: ASCII }), /^-1:06 [ -~]{40,}\| now$/);
  t.end();
});

t.test("no width is too small", (t) => {
  for (let columns = 0; columns < 8; columns += 1) t.equal(row(columns, view).length <= columns, true);
  t.end();
});
