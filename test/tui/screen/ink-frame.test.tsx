import chalk from "chalk";
import { Box, type Instance, Text, render } from "ink";
import type { ReactNode } from "react";
import t, { type Test } from "tap";
import { paintInkFrame } from "../../../src/tui/screen/ink-frame.js";
import { StandIn } from "../../../src/tui/screen/stand-in.js";
import { Surface } from "../../../src/tui/screen/surface.js";

chalk.level = 3;

/** Renders into a stand-in and collects the frames. */
function rendered(t: Test, node: ReactNode): { frames: string[]; standIn: StandIn; ink: Instance } {
  const frames: string[] = [];
  const standIn = new StandIn(20, 5, (frame) => frames.push(frame));
  const ink = render(node, { stdout: standIn.stdout, debug: true, patchConsole: false, exitOnCtrlC: false });
  t.teardown(() => ink.unmount());
  return { frames, standIn, ink };
}

function painted(frame: string, columns = 20, rows = 5): Surface {
  const surface = new Surface(columns, rows);
  paintInkFrame(frame, surface.canvas);
  return surface;
}

function stylesOf(surface: Surface, y: number, columns: number): string[] {
  return surface.styles.slice(y * surface.columns, y * surface.columns + columns);
}

t.test("what Ink lays out gets onto the surface, each cell in its style", (t) => {
  const { frames } = rendered(
    t,
    <Box borderStyle="round" width={20} height={5} flexDirection="column">
      <Text>
        ab<Text color="red">cd</Text>
        <Text bold dimColor inverse color="cyanBright">
          ef
        </Text>
      </Text>
      <Text underline backgroundColor="blue">
        漢字
      </Text>
    </Box>,
  );
  const surface = painted(frames.at(-1) ?? "");
  t.same(surface.toLines(), [
    "╭──────────────────╮",
    "│abcdef            │",
    "│漢字              │",
    "│                  │",
    "╰──────────────────╯",
  ]);
  t.same(stylesOf(surface, 1, 8), ["", "", "", "31", "31", "1;2;7;96", "1;2;7;96", ""]);
  t.same(stylesOf(surface, 2, 6), ["", "4;44", "4;44", "4;44", "4;44", ""]);
  t.end();
});

t.test("Ink lays out for the stand-in's size, and anew when that changes", (t) => {
  const node = (
    <Box width="100%" justifyContent="flex-end">
      <Text>end</Text>
    </Box>
  );
  const { frames, standIn, ink } = rendered(t, node);
  t.equal(painted(frames.at(-1) ?? "").toLines()[0], "                 end");
  standIn.resize(12, 5);
  // In CI Ink does not hear of the resize itself.
  ink.rerender(<Box width="100%">{node}</Box>);
  t.equal(painted(frames.at(-1) ?? "").toLines()[0], "         end");
  t.end();
});

t.test("every commit is one frame, there when rendering returns", (t) => {
  const { frames, ink } = rendered(t, <Text>one</Text>);
  const before = frames.length;
  ink.rerender(<Text>two</Text>);
  t.same(frames.slice(before), ["two"]);
  t.end();
});

t.test("unmounting hands over no frame without its content", async (t) => {
  const { frames, ink } = rendered(t, <Text>last</Text>);
  const ended = ink.waitUntilExit();
  ink.unmount();
  await ended;
  t.same([...new Set(frames)], ["last"]);
});

t.test("attributes begin and end with their SGR parameters, in any order", (t) => {
  const surface = painted("\u001b[7;1;2ma\u001b[22mb\u001b[4mc\u001b[27md\u001b[24me\u001b[1mf\u001b[mg");
  t.same(stylesOf(surface, 0, 7), ["1;2;7", "7", "4;7", "4", "", "1", ""]);
  t.end();
});

t.test("colours are kept as they are, of the palette, of 256 and of 24 bits", (t) => {
  const colors = ["31", "97", "44", "103", "38;5;208", "48;5;17", "38;2;1;20;255", "48;2;0;0;0"];
  for (const color of colors) t.equal(painted(`\u001b[1;${color};4mx`).styles[0], `1;4;${color}`);
  t.same(stylesOf(painted("\u001b[44;31ma\u001b[39mb\u001b[31;49mc\u001b[0md"), 0, 4), ["31;44", "44", "31", ""]);
  t.end();
});

t.test("parameters that are unknown or cut short change nothing", (t) => {
  const surface = painted("\u001b[31m\u001b[3;9;58ma\u001b[38;5mb\u001b[38;7mc\u001b[4:3m\u001b[>4;1md");
  t.same(surface.toLines()[0], "abcd");
  t.same(stylesOf(surface, 0, 4), ["31", "31", "31", "31"]);
  t.end();
});

t.test("other escape sequences are dropped, and what is left of broken ones is made safe", (t) => {
  const dropped = [
    "\u001b[2J",
    "\u001b[1;1H",
    "\u001b[?25l",
    "\u001b]0;title\u0007",
    "\u001b]8;;http://x\u001b\\",
    "\u001b7",
    "\u001bPq\u001b\\",
  ];
  t.equal(painted(`a${dropped.join("")}b`).toLines()[0], "ab");
  t.equal(painted("a\u001b]0;title\tb\r").toLines()[0], "a␛]0;title␉b␍");
  t.end();
});

t.test("what lies outside the canvas is cut, and what the frame does not reach stays", (t) => {
  const surface = new Surface(6, 3);
  surface.canvas.text(0, 0, "......");
  surface.canvas.text(0, 2, "......");
  paintInkFrame("abcdefgh\nx\ny\nz", surface.canvas.part({ x: 1, y: 0, width: 3, height: 2 }));
  t.same(surface.toLines(), [".abc..", " x", "......"]);
  t.end();
});
