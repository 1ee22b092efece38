import t from "tap";
import { LOG_LINES_MAX, type LogBuffer, NO_LOGS, withLines } from "../../../src/tui/model/log-buffer.js";
import { droppedBelow, found, hasText, linesBackward, placesOf, scrolled } from "../../../src/tui/view/log-window.js";
import { type LogView, initialView } from "../../../src/tui/view/view.js";

const VIEW: LogView = initialView({ columns: 80, rows: 24, theme: "dark", startsInCommandLine: false }).log;

function bufferOf(...texts: string[]): LogBuffer {
  return withLines(
    NO_LOGS,
    texts.map((text) => ({ time: 0, source: "master", level: text.startsWith("debug") ? "debug" : "info", text })),
  );
}

function shown(buffer: LogBuffer, view: LogView): string[] {
  return [...linesBackward(buffer, view)].map(({ text }) => text).reverse();
}

const pattern = (text: string, isInverse = false, isFilter = true) => ({ text, isInverse, isFilter });
const BUFFER = bufferOf("begin a", "debug x", "vote a", "begin b", "vote b");

t.test("a view that follows shows the newest line, without those below its level", (t) => {
  t.strictSame(shown(BUFFER, VIEW), ["begin a", "vote a", "begin b", "vote b"]);
  t.strictSame(shown(BUFFER, { ...VIEW, minLevel: "debug" }).length, 5);
  t.end();
});

t.test("a view stays where it was scrolled to while lines come", (t) => {
  const up = scrolled(BUFFER, VIEW, -1);
  const later = withLines(BUFFER, [{ time: 0, source: "master", level: "info", text: "later" }]);
  t.strictSame(shown(BUFFER, up).at(-1), "begin b");
  t.strictSame(shown(later, up).at(-1), "begin b");
  t.end();
});

t.test("scrolled to the end, a view follows again", (t) => {
  const up = scrolled(BUFFER, VIEW, -2);
  t.not(up.anchor, undefined);
  t.equal(scrolled(BUFFER, up, 2).anchor, undefined);
  t.equal(scrolled(BUFFER, up, 1e9).anchor, undefined);
  t.end();
});

t.test("scrolling goes by the lines that show, and stops at the oldest", (t) => {
  t.equal(shown(BUFFER, scrolled(BUFFER, VIEW, -2)).at(-1), "vote a");
  t.equal(shown(BUFFER, scrolled(BUFFER, VIEW, -1e9)).at(-1), "begin a");
  t.strictSame(scrolled(NO_LOGS, VIEW, -1), VIEW);
  t.end();
});

t.test("a filter leaves the lines that have one of its texts; turned round, the others", (t) => {
  t.strictSame(shown(BUFFER, { ...VIEW, pattern: pattern("vote") }), ["vote a", "vote b"]);
  t.strictSame(shown(BUFFER, { ...VIEW, pattern: pattern("vote", true) }), ["begin a", "begin b"]);
  t.strictSame(shown(BUFFER, { ...VIEW, pattern: pattern("n a|e b") }), ["begin a", "vote b"]);
  t.end();
});

t.test("capitals count when the pattern has some", (t) => {
  const [line] = bufferOf("Vote A").lines;
  t.ok(line !== undefined && hasText(line, pattern("vote a")));
  t.notOk(line !== undefined && hasText(line, pattern("VOTE")));
  t.end();
});

t.test("a search goes from match to match among all lines", (t) => {
  const view = { ...VIEW, pattern: pattern("begin") };
  const first = found(BUFFER, view, -1);
  t.equal(first?.pattern?.isFilter, false);
  t.strictSame(first === undefined ? [] : shown(BUFFER, first), ["begin a", "vote a", "begin b"]);
  const second = first === undefined ? undefined : found(BUFFER, first, -1);
  t.strictSame(second === undefined ? [] : shown(BUFFER, second), ["begin a"]);
  t.equal(second === undefined ? "" : found(BUFFER, second, -1), undefined);
  t.equal(found(BUFFER, VIEW, 1), undefined, "without a pattern there is nothing to find");
  t.end();
});

t.test("one source alone can be shown", (t) => {
  const both = withLines(BUFFER, [{ time: 0, source: "monitor", level: "info", text: "mine" }]);
  t.strictSame(shown(both, { ...VIEW, source: "monitor" }), ["mine"]);
  t.end();
});

t.test("a line that has fallen out of the buffer under a paused view is counted", (t) => {
  const up = scrolled(BUFFER, VIEW, -1);
  const many = Array.from({ length: LOG_LINES_MAX * 2 }, () => ({
    time: 0,
    source: "master" as const,
    level: "info" as const,
    text: "flood",
  }));
  const flooded = withLines(BUFFER, many);
  t.equal(flooded.lines.length, LOG_LINES_MAX);
  t.equal(droppedBelow(flooded, up), LOG_LINES_MAX + 5 - 3);
  t.equal(droppedBelow(BUFFER, up), 0);
  t.end();
});

t.test("the places of a pattern are told for marking them", (t) => {
  t.strictSame(placesOf("vote yes, Vote no", pattern("vote")), [
    [0, 4],
    [10, 14],
  ]);
  t.end();
});
