import fc from "fast-check";
import t from "tap";
import { edited } from "../../../src/repl/line-editor/edit.js";
import { EMPTY_LINE, type EditedLine, emptied, inserted, lineOf } from "../../../src/repl/line-editor/edited-line.js";
import { graphemesOf } from "../../../src/repl/line-editor/graphemes.js";

function typed(keys: readonly string[], line: EditedLine = EMPTY_LINE, history: readonly string[] = []): EditedLine {
  return keys.reduce((now, name) => {
    const text = graphemesOf(name).length === 1 ? name : undefined;
    return edited(now, { name, text }, history) ?? now;
  }, line);
}

const shown = ({ text, cursor }: EditedLine) => `${text.slice(0, cursor)}|${text.slice(cursor)}`;

const FAMILY = "👨‍👩‍👧";

const EDITS: readonly (readonly [keys: readonly string[], before: string, after: string])[] = [
  [["left", "x"], "abc", "abx|c"],
  [["home", "x"], "abc", "x|abc"],
  [["ctrl-a", "right", "x"], "abc", "ax|bc"],
  [["home", "end", "x"], "abc", "abcx|"],
  [["backspace"], "abc", "ab|"],
  [["home", "delete"], "abc", "|bc"],
  [["home", "ctrl-d"], "abc", "|bc"],
  [["ctrl-w"], "put user:1 1", "put user:1 |"],
  [["ctrl-w", "ctrl-w"], "put user:1 1", "put |"],
  [["left", "left", "ctrl-u"], "abcd", "|cd"],
  [["left", "left", "ctrl-k"], "abcd", "ab|"],
  [["alt-b", "alt-b"], "put user:1", "put |user:1"],
  [["home", "alt-f"], "put user", "put| user"],
  [["home", "alt-f", "alt-d"], "put user:1", "put|:1"],
  [["ctrl-right"], "put", "put|"],
  [["ctrl-left"], "put a", "put |a"],
  [["alt-backspace"], "put user:1", "put user:|"],
  [["backspace", "backspace", "backspace", "backspace"], "abc", "|"],
  [["right", "right"], "abc", "abc|"],
  [["backspace"], "a😀", "a|"],
  [["left", "left"], "a😀b", "a|😀b"],
  [["home", "right", "right"], "a😀b", "a😀|b"],
  [["left", "backspace"], `a${FAMILY}b`, "a|b"],
  [["left", "left", "delete"], `a${FAMILY}b`, "a|b"],
  [["backspace"], "ae\u0301", "a|"],
  [["ctrl-t"], "ab", "ba|"],
  [["left", "ctrl-t"], "abc", "acb|"],
  [["home", "ctrl-t"], "ab", "|ab"],
  [["left", "ctrl-t"], `a${FAMILY}b`, `ab${FAMILY}|`],
  [["ctrl-u", "ctrl-y", "ctrl-y"], "ab", "abab|"],
  [["ctrl-w", "ctrl-w", "x", "ctrl-y"], "a b c", "a xb c|"],
  [["home", "alt-d", "alt-d", "ctrl-y"], "a b c", "a b| c"],
  [["ctrl-w", "left", "ctrl-w", "end", "ctrl-y"], "a b", " a|"],
];

for (const [keys, before, after] of EDITS) {
  t.test(`${keys.join(" ")} makes of ${JSON.stringify(before)}: ${JSON.stringify(after)}`, (t) => {
    t.equal(shown(typed(keys, lineOf(before))), after);
    t.end();
  });
}

const LINES: readonly (readonly [keys: readonly string[], after: string])[] = [
  [["up"], "put k <<END\none|\nlonger"],
  [["up", "up"], "put| k <<END\none\nlonger"],
  [["up", "home"], "put k <<END\n|one\nlonger"],
  [["home", "up", "end", "down"], "put k <<END\none\nlon|ger"],
  [["alt-<", "end"], "put k <<END|\none\nlonger"],
  [["home", "backspace"], "put k <<END\none|longer"],
  [["home", "ctrl-k"], "put k <<END\none\n|"],
  [["up", "ctrl-k"], "put k <<END\none|longer"],
  [["ctrl-u"], "put k <<END\none\n|"],
  [["alt-<", "alt->"], "put k <<END\none\nlonger|"],
];

for (const [keys, after] of LINES) {
  t.test(`in several lines, ${keys.join(" ")} gives ${JSON.stringify(after)}`, (t) => {
    t.equal(shown(typed(keys, lineOf("put k <<END\none\nlonger"), ["older"])), after);
    t.end();
  });
}

t.test("a key that edits nothing tells so", (t) => {
  t.equal(edited(lineOf("a"), { name: "f5", text: undefined }), undefined);
  t.end();
});

t.test("what is cut is still there in the next line", (t) => {
  t.equal(shown(typed(["ctrl-y"], emptied(typed(["ctrl-w"], lineOf("put a"))))), "a|");
  t.end();
});

t.test("the history is gone through with up and down, and the empty line comes back", (t) => {
  const history = ["one", "two"];
  t.equal(shown(typed(["up"], EMPTY_LINE, history)), "two|");
  t.equal(shown(typed(["up", "up", "up"], EMPTY_LINE, history)), "one|");
  t.equal(shown(typed(["up", "up", "down"], EMPTY_LINE, history)), "two|");
  t.equal(shown(typed(["up", "up", "down", "down", "down"], EMPTY_LINE, history)), "|");
  t.end();
});

t.test("only entries that start with what was typed are gone through, and it comes back", (t) => {
  const history = ["put a 1", "get a", "put b 2"];
  const draft = lineOf("pu");
  t.equal(shown(typed(["up"], draft, history)), "put b 2|");
  t.equal(shown(typed(["up", "up"], draft, history)), "put a 1|");
  t.equal(shown(typed(["up", "up", "up"], draft, history)), "put a 1|");
  t.equal(shown(typed(["up", "up", "down", "down"], draft, history)), "pu|");
  t.equal(shown(typed(["up"], lineOf("nope"), history)), "nope|");
  t.end();
});

t.test("what was recalled and then changed is the person's own: history begins anew behind it", (t) => {
  t.equal(shown(typed(["up", "backspace", "up"], EMPTY_LINE, ["get abc", "get ab"])), "get ab|");
  t.end();
});

t.test("an entry of several lines is recalled whole and edited in place", (t) => {
  const history = ["put k <<END\none\nEND"];
  const recalled = typed(["up"], EMPTY_LINE, history);
  t.equal(shown(recalled), "put k <<END\none\nEND|");
  t.equal(shown(typed(["up", "x"], recalled, history)), "put k <<END\nonex|\nEND");
  t.end();
});

const HISTORY = ["put city Paris", "get city", "put town Ulm", "del city"];

const SEARCHES: readonly (readonly [keys: readonly string[], after: string])[] = [
  [["c"], "del |city"],
  [["c", "ctrl-r"], "get |city"],
  [["c", "ctrl-r", "ctrl-r", "ctrl-r"], "put |city Paris"],
  [["c", "ctrl-r", "ctrl-s"], "del |city"],
  [["P", "a"], "put city |Paris"],
  [["u", "l"], "put town |Ulm"],
  [["t", "o", "backspace"], "del ci|ty"],
  [["c", "esc"], "draft|"],
  [["c", "ctrl-g"], "draft|"],
  [["c", "backspace"], "draft|"],
  [["c", "end", "x"], "del cityx|"],
  [["c", "ctrl-r", "left", "x"], "getx| city"],
];

for (const [keys, after] of SEARCHES) {
  t.test(`Ctrl-R and then ${keys.join(" ")} gives ${after}`, (t) => {
    t.equal(shown(typed(["ctrl-r", ...keys], lineOf("draft"), HISTORY)), after);
    t.end();
  });
}

t.test("a search that finds nothing says so, keeps what it found before, and can be shortened", (t) => {
  const failed = typed(["ctrl-r", "t", "o", "x"], EMPTY_LINE, HISTORY);
  t.match(failed.search, { query: "tox", isFailed: true });
  t.equal(shown(failed), "put |town Ulm");
  t.match(typed(["backspace"], failed, HISTORY).search, { query: "to", isFailed: false });
  t.match(typed(["ctrl-r", "x"], EMPTY_LINE, []).search, { isFailed: true });
  t.end();
});

t.test("pasted text comes in as it is, line ends and controls too", (t) => {
  t.equal(inserted(EMPTY_LINE, "a\nb\u001b[31mc").text, "a\nb\u001b[31mc");
  t.end();
});

t.test("whatever is typed, the cursor stays within the text and between characters", (t) => {
  const key = fc.constantFrom(
    ...["left", "right", "home", "end", "backspace", "delete", "ctrl-w", "ctrl-u", "ctrl-k", "up", "down", "alt-b"],
    ...["alt-f", "ctrl-y", "ctrl-t", "alt-d", "ctrl-r", "esc", "alt-<"],
    ...["a", " ", "\n", "😀", "é", "\u0301", "\u200d", "🇩", "🇪", "👩", "က", "်"],
  );
  fc.assert(
    fc.property(fc.array(key, { maxLength: 40 }), (keys) => {
      const { text, cursor } = typed(keys, EMPTY_LINE, ["put a 😀", "x\ny 👩‍👩‍👦"]);
      const before = graphemesOf(text.slice(0, cursor));
      return text.isWellFormed() && graphemesOf(text).slice(0, before.length).join("") === text.slice(0, cursor);
    }),
    { numRuns: 500 },
  );
  t.end();
});
