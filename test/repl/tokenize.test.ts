import assert from "node:assert/strict";
import fc from "fast-check";
import t from "tap";
import { reportGrammarError } from "../../src/repl/grammar-report.js";
import { GrammarError } from "../../src/repl/grammar-error.js";
import { StatementReader } from "../../src/repl/statement-reader.js";
import { quote, tokenize } from "../../src/repl/tokenize.js";
import { escapeUnprintable } from "../../src/protocol/unprintable.js";

function words(line: string): string[] {
  return tokenize(line).map((token) => token.text);
}

/** The error that the line is refused with. */
function refusal(line: string): GrammarError {
  try {
    tokenize(line);
  } catch (error) {
    if (error instanceof GrammarError) return error;
    throw error;
  }
  return assert.fail(`${line} was taken`);
}

const anyText = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.string({
    unit: fc.constantFrom('"', "'", "\\", " ", "#", "\n", "\t", "\0", "n", "x", "u", "{", "}", "4", "é", "😀"),
  }),
  fc.string({ unit: fc.nat({ max: 0xffff }).map((code) => String.fromCharCode(code)) }),
);

t.test("blanks separate words, however many there are", (t) => {
  t.same(words("  put\tcity   Paris "), ["put", "city", "Paris"]);
  t.same(words(""), []);
  t.end();
});

t.test("a word without quotes keeps its backslashes", (t) => {
  t.same(words(String.raw`put path C:\new\table`), ["put", "path", String.raw`C:\new\table`]);
  t.end();
});

t.test("double quotes resolve every escape of the grammar", (t) => {
  t.same(words(String.raw`"\n\r\t\b\a\\\"\x41\u{1f600}\q"`), ['\n\r\t\b\x07\\"A😀q']);
  t.end();
});

t.test("single quotes are literal but for an escaped quote", (t) => {
  t.same(words(String.raw`'a\nb' 'it\'s' '{"a": 1}'`), [String.raw`a\nb`, "it's", '{"a": 1}']);
  t.end();
});

t.test("an empty pair of quotes is an empty word", (t) => {
  t.same(words(`put k "" ''`), ["put", "k", "", ""]);
  t.end();
});

t.test("quotes may open inside a word, as in redis-cli", (t) => {
  t.same(words(`user:"a b" key='c d'`), ["user:a b", "key=c d"]);
  t.end();
});

t.test("a token knows where it starts", (t) => {
  t.same(
    tokenize(` get  "k"`).map((token) => token.start),
    [1, 6],
  );
  t.end();
});

t.test("a quote that is never closed is refused at its opening", (t) => {
  t.equal(refusal(`put k "abc`).column, 6);
  t.equal(refusal(`put k 'abc`).column, 6);
  t.equal(refusal(String.raw`put k "abc\"`).column, 6);
  t.end();
});

t.test("text right behind a closing quote is refused at that text", (t) => {
  t.equal(refusal(`put k "a"b`).column, 9);
  t.end();
});

t.test("a broken escape is refused at its backslash", (t) => {
  t.equal(refusal(String.raw`put k "ab\xg1"`).column, 9);
  t.equal(refusal(String.raw`put k "ab\u{110000}"`).column, 9);
  t.equal(refusal(String.raw`put k "ab\u0041"`).column, 9);
  t.end();
});

t.test("a quoted text tokenises back to itself, whatever it is", (t) => {
  fc.assert(
    fc.property(fc.array(anyText), (texts) => {
      assert.deepEqual(words(texts.map(quote).join(" ")), texts);
    }),
  );
  t.end();
});

t.test("a quoted text holds nothing that could steer a terminal or start a comment", (t) => {
  fc.assert(
    fc.property(anyText, (text) => {
      assert.doesNotMatch(quote(text), /[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e]/);
      assert.ok(!quote(text).startsWith("#"));
    }),
  );
  t.end();
});

t.test("a line is either a list of words or a grammar error inside the line", (t) => {
  fc.assert(
    fc.property(anyText, (line) => {
      try {
        tokenize(line);
      } catch (error) {
        assert.ok(error instanceof GrammarError);
        assert.ok(error.column >= 0 && error.column < line.length);
      }
    }),
  );
  t.end();
});

t.test("escapes show control characters and leave all else alone", (t) => {
  t.equal(escapeUnprintable("a\x1b[31mb\n\u202eé😀👩‍🚀\ud800"), "a\\x1b[31mb\\x0a\\u{202e}é😀👩‍🚀\\u{d800}");
  t.end();
});

t.test("a grammar error is told with a caret below the place", (t) => {
  const line = `put k "abc`;
  t.equal(reportGrammarError(line, refusal(line)), `this quote is never closed\n  put k "abc\n        ^`);
  t.end();
});

t.test("of a long line only the part around the place is told", (t) => {
  const line = `put k ${"v".repeat(1_000)} "abc`;
  const [, shown = "", caret = ""] = reportGrammarError(line, refusal(line)).split("\n");
  t.ok(shown.length < 100);
  t.equal(shown[caret.indexOf("^")], '"');
  t.end();
});

t.test("the caret stands right behind wide characters and escaped ones", (t) => {
  const line = `put 東\x07 "abc`;
  const [, , caret = ""] = reportGrammarError(line, refusal(line)).split("\n");
  t.equal(caret.indexOf("^"), 2 + "put ".length + 2 + "\\x07 ".length);
  t.end();
});

t.test("a JSON object or array is one word, exactly as it was written", (t) => {
  t.same(words('put k {"a": [1, "x y"], "b": "}"}'), ["put", "k", '{"a": [1, "x y"], "b": "}"}']);
  t.same(words('put k [{"a": 1}, {}]  next'), ["put", "k", '[{"a": 1}, {}]', "next"]);
  t.same(words("put k{i} {i} [x] {1..10} {"), ["put", "k{i}", "{i}", "[x]", "{1..10}", "{"]);
  t.end();
});

t.test("what can only be meant as JSON and is not is refused at its place", (t) => {
  t.equal(refusal('put k {"a": 1').column, 6);
  t.equal(refusal('put k {"a" 1}').column, 6);
  t.equal(refusal('put k {"a": 1}x').column, 14);
  t.end();
});

t.test("a heredoc is the lines up to its marker", (t) => {
  t.same(words("put k <<END\n a \n\n<<X\nEND"), ["put", "k", " a \n\n<<X"]);
  t.same(words("put k <<E\nE\n"), ["put", "k", ""]);
  t.equal(refusal("put k <<END\na").column, 6);
  t.equal(refusal("put k <<END").column, 6);
  t.equal(refusal("put k <<END\na\nEND\nmore").column, 6);
  t.same(words("put k <<END x"), ["put", "k", "<<END", "x"], "in the middle of a line it is a word");
  t.end();
});

t.test("only words without quotes are plain", (t) => {
  t.same(
    tokenize(`a "b" c'd' \\e`).map(({ isPlain }) => isPlain),
    [true, false, false, true],
  );
  t.end();
});

t.test("a statement is whole when its heredoc is closed", (t) => {
  const reader = new StatementReader();
  t.equal(reader.push("put a 1"), "put a 1");
  t.equal(reader.push("put k <<END"), undefined);
  t.ok(reader.isOpen);
  t.equal(reader.push("x"), undefined);
  t.equal(reader.push("END"), "put k <<END\nx\nEND");
  t.notOk(reader.isOpen);
  t.equal(reader.push('put k "<<END'), 'put k "<<END', "a quote that is never closed opens none");
  t.equal(reader.push("# put k <<END"), "# put k <<END");
  reader.push("put k <<END");
  t.equal(reader.cancel(), "put k <<END");
  t.notOk(reader.isOpen);
  t.end();
});
