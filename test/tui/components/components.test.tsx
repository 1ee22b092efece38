import chalk from "chalk";
import { Box } from "ink";
import { render } from "ink-testing-library";
import type { ReactElement } from "react";
import t from "tap";
import { CommandLine } from "../../../src/tui/components/command-line.js";
import { Footer } from "../../../src/tui/components/footer.js";
import { Frame } from "../../../src/tui/components/frame.js";
import { OverlayBox } from "../../../src/tui/components/overlay-box.js";
import { Screen } from "../../../src/tui/components/screen.js";
import { layoutOf } from "../../../src/tui/layout.js";
import { overlaysOf } from "../../../src/tui/overlays.js";
import { ASCII, DARK, MONO, UNICODE } from "../../../src/tui/screen/theme.js";
import { KEY_MAP } from "../../../src/tui/view/key-map.js";
import { lineOf } from "../../../src/repl/line-editor/edited-line.js";
import type { View } from "../../../src/tui/view/view.js";
import { IDS } from "../sample.js";
import { scene } from "../scenes.js";

chalk.level = 0;

/** The lines that Ink draws on a screen; the components take no room of their own, since each has its place on it. */
function drawn(element: ReactElement, columns = 80, rows = 24): string[] {
  const { lastFrame, unmount } = render(
    <Box width={columns} height={rows}>
      {element}
    </Box>,
  );
  const lines = (lastFrame() ?? "").trimEnd().split("\n");
  unmount();
  return lines;
}

const at = (changed: Partial<View> = {}) => scene(80, 24, changed);
const ROW = { x: 0, y: 0, width: 80, height: 1 };

t.test("a frame has its title in its upper edge, and is heavier when it has the focus", (t) => {
  const frame = { rect: { x: 0, y: 0, width: 20, height: 3 }, title: "3 Log", theme: DARK, glyphs: UNICODE };
  t.strictSame(drawn(<Frame {...frame} isFocused={false} />), [
    "╭─ 3 Log ──────────╮",
    "│                  │",
    "╰──────────────────╯",
  ]);
  t.equal(drawn(<Frame {...frame} isFocused={true} />)[0], "┏━ 3 Log ━━━━━━━━━━┓");
  t.equal(drawn(<Frame {...frame} glyphs={ASCII} isFocused={false} />)[0], "+- 3 Log ----------+");
  t.end();
});

t.test("a title that is too long is cut, and one that is hostile is made safe", (t) => {
  const frame = { rect: { x: 0, y: 0, width: 16, height: 2 }, isFocused: false, theme: MONO, glyphs: UNICODE };
  t.equal(drawn(<Frame {...frame} title="filter /a very long one" />)[0], "╭─ filter /a …─╮");
  t.equal(drawn(<Frame {...frame} title={"\u001b[2J"} />)[0], "╭─ ␛[2J ───────╮");
  t.end();
});

t.test("the footer shows the hints of the highest rank that fit", (t) => {
  const hints = (width: number) => drawn(<Footer scene={at()} rect={{ ...ROW, width }} />, 120)[0] ?? "";
  t.match(hints(33), /^ \? help +q quit +: command/);
  t.notMatch(hints(33), /freeze/);
  t.match(hints(120), /freeze/);
  t.end();
});

t.test("in each mode the footer tells that mode's keys", (t) => {
  const footer = (input: View["input"]) => drawn(<Footer scene={at({ input })} rect={ROW} />)[0];
  t.match(footer({ mode: "command" }), "Enter run");
  t.match(footer({ mode: "filter", line: lineOf("") }), "Esc no filter");
  t.match(footer({ mode: "confirm", verb: "kill", slave: IDS[0] ?? raise(), name: "s1" }), "y yes");
  t.match(footer({ mode: "help", scroll: 0 }), "scroll");
  t.end();
});

t.test("the command line shows what is typed, with its end in sight when it is long", (t) => {
  const line = (text: string) =>
    drawn(<CommandLine scene={at({ input: { mode: "command" }, line: lineOf(text) })} rect={ROW} />)[0];
  t.equal(line('put a "b c"'), ' : put a "b c"');
  t.match(line(`put ${"x".repeat(200)}END`), /xEND$/);
  t.match(line("put a \u001b[2J"), "␛[2J");
  t.end();
});

t.test("while a command runs, the command line says how to end the wait", (t) => {
  t.match(
    drawn(<CommandLine scene={at({ input: { mode: "command" }, isRunning: true })} rect={ROW} />)[0],
    "Ctrl-C ends the wait",
  );
  t.end();
});

t.test("what a key did stands where commands are typed", (t) => {
  t.match(
    drawn(<CommandLine scene={at({ notice: { text: "s3 killed", kind: "good" } })} rect={ROW} />)[0],
    " s3 killed",
  );
  t.end();
});

t.test("the overlay of the keys lists every key of the map", (t) => {
  const tall = scene(100, 80, { input: { mode: "help", scroll: 0 } });
  const [overlay] = overlaysOf(tall.view, layoutOf(100, 80, undefined, "ring"));
  const text = overlay === undefined ? "" : drawn(<OverlayBox overlay={overlay} scene={tall} />, 100, 80).join("\n");
  for (const { label, help } of KEY_MAP.flatMap(({ bindings }) => bindings)) {
    t.ok(text.includes(label), label);
    t.ok(text.includes(help.slice(0, 40)), help);
  }
  t.end();
});

t.test("on a small screen the overlay of the keys scrolls to its end", (t) => {
  const { view } = scene(80, 24, { input: { mode: "help", scroll: 1_000 } });
  const [overlay] = overlaysOf(view, layoutOf(80, 24, undefined, "ring"));
  const last = KEY_MAP.at(-1)?.bindings.at(-1);
  t.match(overlay, { kind: "help" });
  t.ok(overlay?.kind === "help" && overlay.lines.some((line) => line.kind === "key" && line.label === last?.label));
  t.end();
});

t.test("a question names the slave and the two answers", (t) => {
  const asked = at({ input: { mode: "confirm", verb: "kill", slave: IDS[2] ?? raise(), name: "s3" } });
  t.match(drawn(<Screen scene={asked} />).join("\n"), /kill s3\? {3}y yes, any other key no/);
  t.end();
});

t.test("answers stand above the command line, the newest last, at most half of the screen", (t) => {
  const console = Array.from({ length: 40 }, (_, index) => `answer ${index}`);
  const lines = drawn(<Screen scene={at({ console, isConsoleOpen: true })} />);
  t.match(lines[20], "answer 39");
  t.ok(lines.filter((line) => line.includes("answer ")).length <= 12);
  t.end();
});

t.test("without room for borders there are none", (t) => {
  t.notMatch(drawn(<Screen scene={scene(40, 10)} />).join("\n"), /[╭┏]/);
  t.end();
});

function raise(): never {
  throw new Error("the sample has six slaves");
}
