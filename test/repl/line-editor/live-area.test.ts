import fc from "fast-check";
import stringWidth from "string-width";
import t from "tap";
import { LiveArea } from "../../../src/repl/line-editor/live-area.js";
import { type Content, type Frame, layOut, widthOf, windowed } from "../../../src/repl/line-editor/layout.js";
import { fillsLines } from "../../../src/repl/line-editor/resizing.js";
import { PLAIN_PAINT, paintOfLevel } from "../../../src/repl/paint.js";
import { Emulator } from "../../tui/emulator.js";

const PROMPT = [{ text: "ringkv> ", look: "plain" }] as const;
const CONTINUATION = [{ text: "   ...> ", look: "dim" }] as const;

function content(text: string, change: Partial<Content> = {}): Content {
  const whole = { prompt: PROMPT, continuation: CONTINUATION, text, cursor: text.length, looks: [], hint: "" };
  return { ...whole, ...change };
}

/** A terminal with an area at the end of its text. */
class Stage {
  readonly emulator: Emulator;
  readonly area: LiveArea;
  columns: number;
  written = "";

  constructor(columns: number, rows = 24, fillsLines?: boolean) {
    this.area = new LiveArea(PLAIN_PAINT, fillsLines);
    this.columns = columns;
    this.emulator = new Emulator({ columns, rows });
  }

  write(text: string): void {
    this.written = text;
    this.emulator.feed(text);
  }

  async show(what: Content | Frame): Promise<void> {
    this.write(this.area.show("rows" in what ? what : layOut(what, this.columns), this.columns));
    await this.emulator.settled();
  }

  /** The lines that are not blank. */
  get lines(): string[] {
    return this.emulator.lines.join("\n").trimEnd().split("\n");
  }
}

const linesOf = ({ rows }: Frame) =>
  rows.map(({ cells }) =>
    cells
      .map(({ glyph }) => glyph)
      .join("")
      .trimEnd(),
  );

t.test("a line that fits is one row, the cursor where it is edited", async (t) => {
  const stage = new Stage(80);
  await stage.show(content("put city Paris", { cursor: 4 }));
  t.same(stage.lines, ["ringkv> put city Paris"]);
  t.same(stage.emulator.cursor, { x: 12, y: 0 });
});

t.test("a letter typed at the end is all that is written", async (t) => {
  const stage = new Stage(80);
  await stage.show(content("pu"));
  await stage.show(content("put"));
  t.equal(stage.written, "t");
  await stage.show(content("put"));
  t.equal(stage.written, "");
});

t.test("a long line goes on in the next row, and the terminal knows it as one line", async (t) => {
  const stage = new Stage(20);
  await stage.show(content("put key 12345678901234567890"));
  t.same(stage.lines, ["ringkv> put key 1234", "5678901234567890"]);
  t.same(stage.emulator.cursor, { x: 16, y: 1 });
  // A terminal of twice the width shows it in one row, as only a wrapped line is shown.
  stage.write("\r\n\r\n");
  await stage.emulator.settled();
  stage.emulator.resize(40, 24);
  t.equal(stage.lines[0], "ringkv> put key 12345678901234567890");
});

t.test("behind a row that is full the cursor stands in the next one", async (t) => {
  const stage = new Stage(20);
  await stage.show(content("123456789012"));
  t.same(stage.emulator.cursor, { x: 0, y: 1 });
  await stage.show(content("1234567890123"));
  t.same(stage.lines, ["ringkv> 123456789012", "3"]);
  await stage.show(content("123456789012", { cursor: 0 }));
  t.same(stage.lines, ["ringkv> 123456789012"]);
  t.same(stage.emulator.cursor, { x: 8, y: 0 });
});

t.test("a wide character that does not fit begins a new row", async (t) => {
  const stage = new Stage(20);
  await stage.show(content("12345678901日本"));
  t.same(stage.lines, ["ringkv> 12345678901", "日本"]);
  t.same(stage.emulator.cursor, { x: 4, y: 1 });
});

t.test("an emoji of several parts is two columns, however the terminal counts it", async (t) => {
  const stage = new Stage(80);
  await stage.show(content("👨‍👩‍👧 ok"));
  t.equal(stage.emulator.cursor?.x, 8 + 2 + 3);
  t.match(stage.lines[0], /ok$/);
  await stage.show(content("x"));
  t.same(stage.lines, ["ringkv> x"]);
});

t.test("control characters are shown escaped and never sent", async (t) => {
  const stage = new Stage(80);
  await stage.show(content("\u001b[2J\t\u0007\u202e\u0301"));
  t.notMatch(stage.written, /\u001b\[2J|\t|\u0007|\u202e|\u0301/);
  t.same(stage.lines, ["ringkv> \\x1b[2J\\x09\\x07\\u{202e}\\u{301}"]);
});

t.test("further lines of the text stand behind the continuation prompt", async (t) => {
  const stage = new Stage(80);
  await stage.show(content("put k <<END\n{\n}", { cursor: 13 }));
  t.same(stage.lines, ["ringkv> put k <<END", "   ...> {", "   ...> }"]);
  t.same(stage.emulator.cursor, { x: 9, y: 1 });
});

t.test("a hint stands behind the cursor and takes no row of its own", async (t) => {
  const stage = new Stage(20);
  await stage.show(content("put ", { hint: "a very long hint" }));
  t.same(stage.lines, ["ringkv> put a very …"]);
  t.same(stage.emulator.cursor, { x: 12, y: 0 });
  await stage.show(content("put a"));
  t.same(stage.lines, ["ringkv> put a"]);
});

t.test("looks are painted, each from its place on", (t) => {
  const paint = paintOfLevel(1);
  const looks = [
    { start: 0, look: "name" },
    { start: 3, look: "plain" },
  ] as const;
  const text = new LiveArea(paint).show(layOut(content("get a", { prompt: [], looks }), 80), 80);
  t.equal(text, `${paint.name("get")} a`);
  t.end();
});

t.test("what was printed before stays above, and what is printed next comes below or instead", async (t) => {
  const stage = new Stage(20);
  stage.write("before\r\n");
  await stage.show(content("put key 12345678901234567890", { cursor: 0 }));
  stage.write(`${stage.area.clear()}news\r\n`);
  await stage.show(content("put key 12345678901234567890", { cursor: 0 }));
  stage.write(`${stage.area.leave()}answer`);
  await stage.emulator.settled();
  t.same(stage.lines, ["before", "news", "ringkv> put key 1234", "5678901234567890", "answer"]);
});

t.test("a text that is higher than the screen shows the rows around the cursor", async (t) => {
  const stage = new Stage(20, 4);
  const text = ["a", "b", "c", "d", "e", "f"].join("\n");
  let from = 0;
  const at = async (cursor: number) => {
    const part = windowed(layOut(content(text, { cursor }), 20), 4, from);
    from = part.from;
    await stage.show(part.frame);
    return stage.lines;
  };
  t.same(await at(11), ["   ...> c", "   ...> d", "   ...> e", "   ...> f"]);
  t.same(await at(6), ["   ...> c", "   ...> d", "   ...> e", "   ...> f"]);
  t.same(await at(0), ["ringkv> a", "   ...> b", "   ...> c", "   ...> d"]);
  t.same(stage.emulator.cursor, { x: 8, y: 0 });
});

for (const [from, to] of [
  [80, 43],
  [43, 80],
  [43, 20],
  [80, 21],
] as const) {
  t.test(`after a change from ${from} to ${to} columns the line is drawn where it stood`, async (t) => {
    const long = "put key ".repeat(12);
    const lines = `${"put key ".repeat(4)}\n${"0123456789".repeat(6)}`;
    for (const [text, cursor] of [
      [long, 0],
      [long, 30],
      [long, 58],
      [long, 96],
      [lines, 80],
      [lines, 93],
    ] as const) {
      const stage = new Stage(from);
      stage.write("before\r\n");
      await stage.show(content(text, { cursor }));
      stage.emulator.resize(to, 24);
      stage.columns = to;
      const column = stage.emulator.cursor?.x;
      stage.write(stage.area.clearResized(to, column));
      await stage.show(content(text, { cursor }));
      t.same(stage.lines, ["before", ...linesOf(layOut(content(text), to))], `cursor at ${cursor}`);
    }
  });
}

t.test("where the terminal's ways to resize look the same, nothing is erased that was printed", async (t) => {
  for (const column of [undefined, 24]) {
    const stage = new Stage(80);
    stage.write("before\r\n");
    await stage.show(content("put key ".repeat(12)));
    stage.emulator.resize(40, 24);
    stage.write(stage.area.clearResized(40, column));
    await stage.emulator.settled();
    t.equal(stage.lines[0], "before");
  }
});

t.test("a terminal that says what it is leaves no doubt", async (t) => {
  // The emulator leaves the line with the cursor as it is.
  for (const isKnown of [false, true]) {
    const stage = new Stage(40, 24, isKnown ? false : undefined);
    stage.write("before\r\n");
    const text = "put key ".repeat(12);
    await stage.show(content(text));
    stage.emulator.resize(80, 24);
    stage.columns = 80;
    stage.write(stage.area.clearResized(80, stage.emulator.cursor?.x));
    await stage.show(content(text));
    const isWhole = JSON.stringify(stage.lines) === JSON.stringify(["before", ...linesOf(layOut(content(text), 80))]);
    t.equal(isWhole, isKnown);
  }
  t.equal(fillsLines({ TERM_PROGRAM: "vscode" }), false);
  t.equal(fillsLines({ TERM_PROGRAM: "tmux" }), true);
  t.equal(fillsLines({ VTE_VERSION: "7200" }), true);
  t.equal(fillsLines({ TERM: "xterm" }), undefined);
});

t.test("whatever is typed and erased, the screen shows what the layout says", async () => {
  const character = fc.constantFrom(
    "a",
    "b",
    " ",
    "\n",
    "日",
    "é",
    "e\u0301",
    "😀",
    "❤️",
    "👨‍👩‍👧",
    "\u001b",
    "\t",
    "x".repeat(25),
  );
  const step = fc.record({
    text: fc.array(character, { maxLength: 30 }),
    cursor: fc.nat(),
    hint: fc.constantFrom("", "hint of more"),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 12, max: 40 }),
      fc.array(step, { minLength: 1, maxLength: 6 }),
      async (columns, steps) => {
        const stage = new Stage(columns, 60);
        stage.write("before\r\n");
        for (const { text, cursor, hint } of steps) {
          const places = text.map((_, index) => text.slice(0, index).join("").length);
          const whole = text.join("");
          const frame = layOut(
            content(whole, { cursor: places[cursor % (places.length + 1)] ?? whole.length, hint }),
            columns,
          );
          await stage.show(frame);
          const rows = frame.rows.map(({ cells }) => shownRow(cells));
          const lines = stage.lines.slice(1);
          rows.forEach((row, index) => {
            if (!row.test(lines[index] ?? ""))
              throw new Error(`row ${index}: ${JSON.stringify(lines[index])} is not ${String(row)}`);
          });
          if (lines.length > rows.length) throw new Error(`too many lines: ${JSON.stringify(lines)}`);
          const { x, y } = stage.emulator.cursor ?? { x: -1, y: -1 };
          const { row, column } = frame.cursor;
          if (x !== column || y !== row + 1) throw new Error(`cursor at ${x},${y}, not ${column},${row + 1}`);
        }
      },
    ),
    { numRuns: 150 },
  );
});

/** What the emulator shows of cells; of clusters whose width it counts otherwise only that there are as many columns. */
function shownRow(cells: Frame["rows"][number]["cells"]): RegExp {
  const parts = cells.map(({ glyph, width }) =>
    stringWidth(glyph) === 2 && Array.from(glyph).length > 1
      ? `.{1,${glyph.length + width}}`
      : glyph.replaceAll(/[\\^$.*+?()[\]{}|]/g, "\\$&"),
  );
  const text = parts.join("").trimEnd();
  return new RegExp(`^${text}\\s*$`, "u");
}

t.test("no row is wider than the screen", (t) => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme", maxLength: 200 }), fc.integer({ min: 10, max: 30 }), (text, columns) =>
      layOut(content(text), columns).rows.every(({ cells }) => widthOf(cells) <= columns),
    ),
  );
  t.end();
});
