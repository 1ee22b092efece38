import fc from "fast-check";
import t from "tap";
import { EMPTY_LINE, type EditedLine, edited, inserted, lineOf } from "../../../src/tui/view/line-editor.js";

function typed(keys: readonly string[], line: EditedLine = EMPTY_LINE, history: readonly string[] = []): EditedLine {
  return keys.reduce((now, name) => {
    const text = Array.from(name).length === 1 ? name : undefined;
    return edited(now, { name, text }, history) ?? now;
  }, line);
}

const shown = ({ text, cursor }: EditedLine) => `${text.slice(0, cursor)}|${text.slice(cursor)}`;

const EDITS: readonly (readonly [keys: readonly string[], before: string, after: string])[] = [
  [["left", "x"], "abc", "abx|c"],
  [["home", "x"], "abc", "x|abc"],
  [["ctrl-a", "right", "x"], "abc", "ax|bc"],
  [["home", "end", "x"], "abc", "abcx|"],
  [["backspace"], "abc", "ab|"],
  [["home", "delete"], "abc", "|bc"],
  [["ctrl-w"], "put user 1", "put user |"],
  [["ctrl-w", "ctrl-w"], "put user 1", "put |"],
  [["left", "left", "ctrl-u"], "abcd", "|cd"],
  [["left", "left", "ctrl-k"], "abcd", "ab|"],
  [["alt-b", "alt-b"], "put user 1", "put |user 1"],
  [["home", "alt-f"], "put user", "put| user"],
  [["backspace", "backspace", "backspace", "backspace"], "abc", "|"],
  [["right", "right"], "abc", "abc|"],
  [["backspace"], "a😀", "a|"],
  [["left", "left"], "a😀b", "a|😀b"],
  [["home", "right", "right"], "a😀b", "a😀|b"],
];

for (const [keys, before, after] of EDITS) {
  t.test(`${keys.join(" ")} makes of ${before}: ${after}`, (t) => {
    t.equal(shown(typed(keys, lineOf(before))), after);
    t.end();
  });
}

t.test("a key that edits nothing tells so", (t) => {
  t.equal(edited(lineOf("a"), { name: "f5", text: undefined }), undefined);
  t.end();
});

t.test("the history is gone through with up and down, and the line that was being typed comes back", (t) => {
  const history = ["one", "two"];
  const draft = lineOf("dra");
  t.equal(shown(typed(["up"], draft, history)), "two|");
  t.equal(shown(typed(["up", "up"], draft, history)), "one|");
  t.equal(shown(typed(["up", "up", "up"], draft, history)), "one|");
  t.equal(shown(typed(["up", "up", "down", "down"], draft, history)), "dra|");
  t.equal(shown(typed(["down"], draft, history)), "dra|");
  t.end();
});

t.test("pasted line ends and controls become blanks", (t) => {
  t.equal(inserted(EMPTY_LINE, "a\nb\u001b[31mc").text, "a b [31mc");
  t.end();
});

t.test("whatever is typed, the cursor stays within the text and between characters", (t) => {
  const key = fc.constantFrom(
    ...["left", "right", "home", "end", "backspace", "delete", "ctrl-w", "ctrl-u", "ctrl-k", "up", "down", "alt-b"],
    ...["alt-f", "a", " ", "😀", "é"],
  );
  const result = fc.check(
    fc.property(fc.array(key, { maxLength: 40 }), (keys) => {
      const { text, cursor } = typed(keys, EMPTY_LINE, ["put a 😀", "x"]);
      return cursor >= 0 && cursor <= text.length && text.slice(0, cursor).isWellFormed() && text.isWellFormed();
    }),
  );
  t.notOk(result.failed, JSON.stringify(result.counterexample));
  t.end();
});
