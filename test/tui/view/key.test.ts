import { emitKeypressEvents } from "node:readline";
import { PassThrough } from "node:stream";
import t from "tap";
import { type Key, type Keypress, PasteCollector } from "../../../src/tui/view/key.js";

/** The keys that a terminal's bytes are, through Node's own reading of them. */
async function keysOf(bytes: string): Promise<Key[]> {
  const stream = new PassThrough();
  const paste = new PasteCollector();
  const keys: Key[] = [];
  emitKeypressEvents(stream);
  stream.on("keypress", (text: string | undefined, key: Keypress) => {
    const complete = paste.push(text, key);
    if (complete !== undefined) keys.push(complete);
  });
  stream.end(bytes);
  await new Promise((resolve) => stream.once("end", resolve));
  return keys;
}

const NAMES: readonly (readonly [bytes: string, names: string])[] = [
  ["k", "k"],
  ["K", "K"],
  [" ", "space"],
  ["?", "?"],
  ["\r", "enter"],
  ["\t", "tab"],
  ["\u001b[Z", "shift-tab"],
  ["\u001b[A", "up"],
  ["\u001bOB", "down"],
  ["\u001b[5~", "pgup"],
  ["\u001b[H", "home"],
  ["\u001b[4~", "end"],
  ["\u007f", "backspace"],
  ["\u001b[3~", "delete"],
  ["\u0003", "ctrl-c"],
  ["\u0017", "ctrl-w"],
  ["\u001bb", "alt-b"],
  ["ab", "a b"],
  ["é", "é"],
  ["😀", "😀"],
  ["\u001b[A\u001b[Bx", "up down x"],
];

for (const [bytes, names] of NAMES) {
  t.test(`${JSON.stringify(bytes)} is ${names}`, async (t) => {
    t.equal((await keysOf(bytes)).map(({ name }) => name).join(" "), names);
  });
}

t.test("a printable key types itself, others type nothing", async (t) => {
  t.strictSame(
    (await keysOf("a \r")).map(({ text }) => text),
    ["a", " ", undefined],
  );
});

t.test("a paste is one key, whatever is in it", async (t) => {
  t.strictSame(await keysOf("\u001b[200~put a 1\rq\u0003 é\u001b[201~k"), [
    { name: "paste", text: "put a 1\rq\u0003 é" },
    { name: "k", text: "k" },
  ]);
});
