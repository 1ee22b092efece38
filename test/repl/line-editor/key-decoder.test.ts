import fc from "fast-check";
import t from "tap";
import type { Key } from "../../../src/repl/line-editor/key.js";
import { KeyDecoder } from "../../../src/repl/line-editor/key-decoder.js";

function keysOf(text: string): readonly Key[] {
  const decoder = new KeyDecoder();
  return [...decoder.push(text), ...decoder.flush()];
}

const NAMES: readonly (readonly [text: string, names: string])[] = [
  ["k", "k"],
  ["K", "K"],
  [" ", "space"],
  ["?", "?"],
  ["\r", "enter"],
  ["\n", "enter"],
  ["\t", "tab"],
  ["\u001b[Z", "shift-tab"],
  ["\u001b[A", "up"],
  ["\u001bOB", "down"],
  ["\u001b[5~", "pgup"],
  ["\u001b[6~", "pgdn"],
  ["\u001b[H", "home"],
  ["\u001b[1~", "home"],
  ["\u001b[4~", "end"],
  ["\u001b[3~", "delete"],
  ["\u001b[15~", "f5"],
  ["\u001bOP", "f1"],
  ["\u001b[[B", "f2"],
  ["\u001bOM", "enter"],
  ["\u001b[1;5C", "ctrl-right"],
  ["\u001b[1;3D", "alt-left"],
  ["\u001b[1;2A", "shift-up"],
  ["\u001b[1;7A", "ctrl-alt-up"],
  ["\u001b\u001b[D", "alt-left"],
  ["\u007f", "backspace"],
  ["\b", "backspace"],
  ["\u0003", "ctrl-c"],
  ["\u0017", "ctrl-w"],
  ["\u0000", "ctrl-space"],
  ["\u001f", "ctrl-_"],
  ["\u001bb", "alt-b"],
  ["\u001bB", "alt-b"],
  ["\u001b<", "alt-<"],
  ["\u001b\r", "alt-enter"],
  ["\u001b\u007f", "alt-backspace"],
  ["\u001b", "esc"],
  ["\u001b\u001b", "esc esc"],
  ["\u001b\u001bx", "esc alt-x"],
  ["\u001b\u001b\u001b", "esc esc esc"],
  ["\u001b[", "alt-["],
  ["\u001bO", "alt-o"],
  ["ab", "a b"],
  ["é", "é"],
  ["😀", "😀"],
  ["\u200d", "\u200d"],
  ["\u0085\ud800", ""],
  ["\u001b[I\u001b[?62;1;4c", ""],
  ["\u001b[A\u001b[Bx", "up down x"],
];

for (const [text, names] of NAMES) {
  t.test(`${JSON.stringify(text)} is ${names === "" ? "no key" : JSON.stringify(names)}`, (t) => {
    t.equal(
      keysOf(text)
        .map(({ name }) => name)
        .join(" "),
      names,
    );
    t.end();
  });
}

t.test("a printable key types itself, others type nothing", (t) => {
  t.strictSame(
    keysOf("a \r").map(({ text }) => text),
    ["a", " ", undefined],
  );
  t.end();
});

t.test("a paste is one key, whatever is in it, and its line ends are newlines", (t) => {
  t.strictSame(keysOf("\u001b[200~put a 1\rq\u0003\t é\r\n\u001b[A\u001b[201~k"), [
    { name: "paste", text: "put a 1\nq\u0003\t é\n\u001b[A" },
    { name: "k", text: "k" },
  ]);
  t.end();
});

t.test("the terminal's answer where its cursor is comes with the place", (t) => {
  t.strictSame(keysOf("\u001b[24;80R"), [{ name: "cursor-report", text: undefined, report: { row: 23, column: 79 } }]);
  t.end();
});

t.test("an escape character waits for what may follow, and nothing else does", (t) => {
  const decoder = new KeyDecoder();
  for (const [text, isWaiting] of [
    ["a", false],
    ["\u001b", true],
    ["[1;", true],
    ["5C", false],
    ["\u001b[200~half of a paste", false],
  ] as const) {
    decoder.push(text);
    t.equal(decoder.isWaiting, isWaiting, JSON.stringify(text));
  }
  t.end();
});

t.test("keys are the same however their characters come in pieces", (t) => {
  const part = fc.constantFrom(
    "a",
    " ",
    "\r",
    "\u001b[A",
    "\u001b[1;5C",
    "\u001bOB",
    "\u001bb",
    "é",
    "\u001b[200~x\ry\u001b[201~",
    "\t",
  );
  fc.assert(
    fc.property(fc.array(part), fc.integer({ min: 1, max: 3 }), (parts, size) => {
      const text = parts.join("");
      const decoder = new KeyDecoder();
      const keys: Key[] = [];
      for (let at = 0; at < text.length; at += size) keys.push(...decoder.push(text.slice(at, at + size)));
      t.same(keys, keysOf(text));
    }),
    { numRuns: 100 },
  );
  t.end();
});
