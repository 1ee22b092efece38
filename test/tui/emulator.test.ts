import t from "tap";
import { Emulator } from "./emulator.js";

const BEGIN = "\u001b[?2026h";
const END = "\u001b[?2026l";

/** A screen of 10x3 that says `one`, `two` and has taken these pieces after that. */
async function screenAfter(...pieces: readonly string[]): Promise<Emulator> {
  const emulator = new Emulator({ columns: 10, rows: 3 });
  emulator.feed("one\r\ntwo");
  for (const piece of pieces) emulator.feed(piece);
  await emulator.settled();
  return emulator;
}

t.test("it shows lines, styles, the cursor and which buffer is active", async (t) => {
  const emulator = await screenAfter("\u001b[?1049h\u001b[2;3H\u001b[0;1;7;33;44mbold\u001b[0;91;48;5;200mx");
  t.same(emulator.lines, ["", "  boldx", ""]);
  t.same(emulator.surface().styles.slice(11, 18), [
    "",
    "1;7;33;44",
    "1;7;33;44",
    "1;7;33;44",
    "1;7;33;44",
    "91;48;5;200",
    "",
  ]);
  t.same(emulator.cursor, { x: 7, y: 1 });
  t.equal(emulator.isAlternate, true);
  const left = await screenAfter("\u001b[?1049h", "\u001b[?25l", "\u001b[?1049l");
  t.equal(left.cursor, undefined);
  t.equal(left.isAlternate, false);
});

t.test("a row that is erased and then written again within a frame is recorded", async (t) => {
  for (const erasure of ["\u001b[1;1H\u001b[2K", "\u001b[H\u001b[J", "\u001b[1;1H\u001b[10X", "\u001b[1;1H\u001b[M"]) {
    const emulator = await screenAfter(`${BEGIN}${erasure}`, `\u001b[1;1Hone\u001b[2;1Htwo${END}`);
    t.same(emulator.blankedRows[0], { frame: 1, row: erasure.endsWith("M") ? 1 : 0 }, JSON.stringify(erasure));
  }
});

t.test("so is a row that is overwritten with blanks and left, though the sequences come in pieces", async (t) => {
  const emulator = await screenAfter(`${BEGIN}\u001b[1;1H   \u001b[`, `2;1Htwo\u001b[1;1`, `Hone${END}`);
  t.same(emulator.blankedRows, [{ frame: 1, row: 0 }]);
});

t.test("a row that stays blank, or is only overwritten, is not", async (t) => {
  const emulator = await screenAfter(`${BEGIN}\u001b[1;1H\u001b[K\u001b[2;1H   two${END}`);
  t.same(emulator.blankedRows, []);
  t.equal(emulator.frames, 1);
});

t.test("it counts bytes, and how often everything is cleared", async (t) => {
  const emulator = await screenAfter("\u001b[2J", "\u001b[3", "J\u001b[J●");
  t.equal(emulator.clears, 2);
  t.equal(emulator.bytes, "one\r\ntwo".length + 4 + 4 + 3 + 3);
});

t.test("emoji are as wide as in today's terminals, or narrow as in Unicode 6", async (t) => {
  for (const [widths, columns] of [
    [undefined, 2],
    ["unicode-6", 1],
  ] as const) {
    const emulator = new Emulator({ columns: 10, rows: 1, ...(widths && { widths }) });
    emulator.feed("😀e\u{301}");
    await emulator.settled();
    t.equal(emulator.cursor?.x, columns + 1);
  }
});
