import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import chalk from "chalk";
import t, { type Test } from "tap";
import { Compositor } from "../../src/tui/compositor.js";
import type { Heard } from "../../src/tui/model/reduce-feed.js";
import type { Scene } from "../../src/tui/scene.js";
import { ScreenWriter } from "../../src/tui/screen/screen-writer.js";
import { ASCII, MONO } from "../../src/tui/screen/theme.js";
import { lineOf } from "../../src/repl/line-editor/edited-line.js";
import { Emulator } from "./emulator.js";
import { IDS, event } from "./sample.js";
import { demoModel, scene, stepping } from "./scenes.js";

/**
 * Whole screens, as a terminal shows them: Ink and the painters, through the writer, into an emulator. `UPDATE_GOLDEN=1`
 * writes the pictures anew; look at what has changed.
 */

chalk.level = 1;

async function shown(of: Scene): Promise<readonly string[]> {
  const { columns, rows } = of.view;
  const emulator = new Emulator({ columns, rows });
  const compositor = new Compositor();
  const { surface, cursor } = compositor.compose(of);
  new ScreenWriter((text) => emulator.feed(text)).show(surface, cursor);
  await emulator.settled();
  compositor.close();
  return emulator.lines;
}

async function isGolden(t: Test, name: string, of: Scene): Promise<void> {
  const folder = new URL("golden/", import.meta.url);
  const file = new URL(`${name}.txt`, folder);
  const lines = await shown(of);
  const picture = lines.map((line) => `${line}\n`).join("");
  if (process.env["UPDATE_GOLDEN"] === "1") {
    mkdirSync(folder, { recursive: true });
    writeFileSync(file, picture);
  }
  t.equal(lines.length, of.view.rows);
  t.equal(picture, existsSync(file) ? readFileSync(file, "utf8") : "no golden picture yet");
}

const LOST: readonly Heard[] = [{ type: "lost", reason: "Connection refused." }];
const HOSTILE = event(50, "log", { slave: IDS[1], level: "error", text: "\u001b[2Jgone\u001b]0;title\u0007\r\n‮rtl" });

const SCREENS: readonly (readonly [name: string, of: Scene])[] = [
  ["40x10", scene(40, 10)],
  ["60x16", scene(60, 16)],
  ["80x24", scene(80, 24)],
  ["120x36", scene(120, 36)],
  ["160x48", scene(160, 48)],
  ["80x24-ascii", { ...scene(80, 24), glyphs: ASCII, theme: MONO }],
  ["80x24-lost", scene(80, 24, {}, LOST)],
  ["80x24-frozen", scene(80, 24, { frozen: demoModel() }, [HOSTILE])],
  ["80x24-hostile-line", scene(80, 24, {}, [HOSTILE])],
  ["80x24-confirm", scene(80, 24, { input: { mode: "confirm", verb: "kill", slave: IDS[2] ?? raise(), name: "s3" } })],
  ["80x24-help", scene(80, 24, { input: { mode: "help", scroll: 0 } })],
  [
    "80x24-filter",
    scene(80, 24, { focus: "log", input: { mode: "filter", line: lineOf("vote") }, log: filtered("vote") }),
  ],
  [
    "80x24-command",
    scene(80, 24, {
      input: { mode: "command" },
      line: lineOf('put user:42 "alice"'),
      console: ["> get user:42", '"alice"', "  (0.412 ms)"],
      isConsoleOpen: true,
    }),
  ],
  ["80x24-zoomed-log", scene(80, 24, { focus: "log", isZoomed: true })],
  ["60x16-step", scene(60, 16, {}, stepping("vote"))],
  ["80x24-step", scene(80, 24, {}, stepping("vote"))],
  ["120x36-step", scene(120, 36, {}, stepping("vote"))],
  ["160x48-step", scene(160, 48, {}, stepping("vote"))],
  ["80x24-step-prepare", scene(80, 24, {}, stepping("prepare"))],
  ["80x24-step-ascii", { ...scene(80, 24, {}, stepping("vote")), glyphs: ASCII, theme: MONO }],
  ["80x24-cache", scene(80, 24, { focus: "cache", isZoomed: true })],
];

function filtered(text: string) {
  return { ...scene(80, 24).view.log, pattern: { text, isInverse: false, isFilter: true } };
}

for (const [name, of] of SCREENS) t.test(`the screen ${name} is as its golden picture`, (t) => isGolden(t, name, of));

t.test("each line of a screen is exactly as wide as the terminal allows", async (t) => {
  for (const [name, of] of SCREENS) {
    for (const line of await shown(of)) t.ok(line.length <= of.view.columns, name);
  }
});

function raise(): never {
  throw new Error("the sample has six slaves");
}
