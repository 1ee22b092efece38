import fc from "fast-check";
import t from "tap";
import { highlight } from "../../src/repl/highlight.js";
import { hintFor } from "../../src/repl/hint.js";
import { tokenize } from "../../src/repl/tokenize.js";
import { namesNode, runsBeside, typedWords } from "../../src/repl/typed-words.js";

/** A statement with the look of each part that is not plain: `«name get» city`. */
function shown(statement: string): string {
  const spans = highlight(statement);
  return spans
    .map(({ start, look }, index) => {
      const part = statement.slice(start, spans[index + 1]?.start ?? statement.length);
      return part === "" || look === "plain" ? part : `«${look} ${part}»`;
    })
    .join("");
}

const LOOKS: readonly (readonly [statement: string, looks: string])[] = [
  ["get city", "«name get» city"],
  ["GET city", "«name GET» city"],
  ["ge", "ge"],
  ["ge city", "«bad ge» city"],
  ["nope", "«bad nope»"],
  ["  put a 12", "  «name put» a «number 12»"],
  ["put a -1.5", "«name put» a «number -1.5»"],
  ['put a "b c"', '«name put» a «string "b c"»'],
  ["put a 'b\\'c'", "«name put» a «string 'b\\'c'»"],
  ['put a "b c', '«name put» a «bad "b c»'],
  ['put a "b\\"', '«name put» a «bad "b\\"»'],
  ["put 'a b", "«name put» «bad 'a b»"],
  ['put a {"b": 1}', '«name put» a «string {"b": 1}»'],
  ['put a {"b": ', '«name put» a «string {"b": »'],
  ["# a comment", "«comment # a comment»"],
  ["step on", "«name step» «name on»"],
  ["repeat 3 put a 1", "«name repeat» «number 3» «name put» a «number 1»"],
  ["watch 1s cache", "«name watch» 1s «name cache»"],
  ["a: put b 1", "«name a:» «name put» b «number 1»"],
  ["get a ; del a", "«name get» a «name ;» «name del» a"],
  ["put k <<END\n# get\nEND", "«name put» k «string <<END\n# get\nEND»"],
];

for (const [statement, looks] of LOOKS) {
  t.test(`${JSON.stringify(statement)} looks like ${JSON.stringify(looks)}`, (t) => {
    t.equal(shown(statement), looks);
    t.end();
  });
}

const HISTORY = ["put city Paris", "put k <<END\none\nEND", "put city Rome"];

const HINTS: readonly (readonly [statement: string, hint: string | undefined, canBeTaken?: boolean])[] = [
  ["", undefined],
  ["  ", undefined],
  ["put ci", "ty Rome", true],
  ["put city P", "aris", true],
  ["put k", " <<END\none\nEND", true],
  ["put city Paris", undefined],
  ["put town ", "V", false],
  ["put town", " V", false],
  ["put", " city Rome", true],
  ["get ", "K", false],
  ["cache s1 ", "[SET]", false],
  ["cache ", "[NODE [SET]]", false],
  ["kill s1 after ", "STEP", false],
  ["step ", "on | next | off", false],
  ["step on", undefined],
  ["repeat 3 get", " K", false],
  ["wait for a ", "[within T]", false],
  ["wait until ", "X [within T]", false],
  ["nope ", undefined],
  ['get "a b', undefined],
  ["# put", undefined],
];

for (const [statement, text, canBeTaken] of HINTS) {
  t.test(
    `the hint behind ${JSON.stringify(statement)} is ${text === undefined ? "none" : JSON.stringify(text)}`,
    (t) => {
      t.same(hintFor(statement, HISTORY), text === undefined ? undefined : { text, canBeTaken });
      t.end();
    },
  );
}

t.test("what is whole is read as it will be run", (t) => {
  const piece = fc.constantFrom(
    "get",
    " ",
    "  ",
    "a",
    '"b c"',
    "'d'",
    "\\",
    "#",
    ";",
    "{",
    '{"a":1}',
    "[1]",
    "<<",
    "é",
    "😀",
    "1",
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
      const statement = pieces.join("");
      fc.pre(!/^\s*#/.test(statement));
      let tokens;
      try {
        tokens = tokenize(statement);
      } catch {
        return;
      }
      t.same(
        typedWords(statement).map(({ start, end }) => [start, end]),
        tokens.map(({ start, end }) => [start, end]),
        statement,
      );
    }),
    { numRuns: 300 },
  );
  t.end();
});

t.test("whatever is typed, its words lie one behind the other in it", (t) => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 60 }), (statement) => {
      let at = 0;
      for (const { start, end, written } of typedWords(statement)) {
        if (start < at || end <= start || statement.slice(start, end) !== written) throw new Error(statement);
        at = end;
      }
      return at <= statement.length;
    }),
    { numRuns: 500 },
  );
  t.end();
});

t.test("a statement names a node where its command takes one", (t) => {
  t.ok(namesNode("kill s3", ["s3"]));
  t.ok(namesNode("repeat 2 KILL S3 after vote", ["s3"]));
  t.notOk(namesNode("put s3 1", ["s3"]));
  t.notOk(namesNode("kill s2", ["s3"]));
  t.end();
});

t.test("step is for the moment in which another statement waits", (t) => {
  t.ok(runsBeside("step next"));
  t.notOk(runsBeside("put step next"));
  t.notOk(runsBeside(""));
  t.end();
});
