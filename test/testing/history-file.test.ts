import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import t from "tap";
import { ERROR_CODES } from "../../src/protocol/errors.js";
import type { OpId } from "../../src/protocol/ids.js";
import { HistoryWriter, formatHistory, parseHistory } from "../../src/testing/history-file.js";
import type { Operation } from "../../src/testing/history.js";
import { at } from "./hand-made.js";

/** Records with the prototype that JSON gives. */
function plain<Fields extends object>(fields: { [Name in keyof Fields]: fc.Arbitrary<Fields[Name]> }) {
  return fc.record<Fields>(fields, { noNullPrototype: true });
}

/** Operations of every kind and outcome, with any text. */
function operations(): fc.Arbitrary<Operation> {
  const text = fc.string({ unit: "binary" });
  const version = fc
    .tuple(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), fc.maxSafeNat())
    .map((parts) => parts.join(".") as OpId);
  const code = fc.constantFrom(...ERROR_CODES);
  const found = plain({ type: fc.constant("found" as const), value: text, version });
  const notFound = plain({ type: fc.constant("not-found" as const) });
  const done = plain({ type: fc.constant("done" as const), version });
  const failed = plain({ type: fc.constant("failed" as const), code });
  const unknown = plain({ type: fc.constant("unknown" as const), code });
  const moment = fc.double({ min: 0, noDefaultInfinity: true, noNaN: true });
  const times = fc
    .tuple(moment, moment)
    .map((both) => ({ calledMs: Math.min(...both), returnedMs: Math.max(...both) }));
  const head = fc.tuple(fc.record({ client: text, key: text }), times).map(([names, when]) => ({ ...names, ...when }));
  return fc.oneof(
    fc
      .tuple(head, fc.oneof(found, notFound, failed))
      .map(([head, outcome]) => ({ kind: "get" as const, ...head, outcome })),
    fc
      .tuple(head, text, fc.oneof(done, failed, unknown))
      .map(([head, value, outcome]) => ({ kind: "put" as const, ...head, value, outcome })),
    fc
      .tuple(head, fc.oneof(done, notFound, failed, unknown))
      .map(([head, outcome]) => ({ kind: "del" as const, ...head, outcome })),
  );
}

t.test("what is written is read back, whatever the history", (t) => {
  fc.assert(
    fc.property(fc.array(operations()), (history) => {
      return isDeepStrictEqual(parseHistory(formatHistory(history)), history);
    }),
    { numRuns: 500 },
  );
  t.end();
});

t.test("a writer writes one line for each operation that it is given", (t) => {
  const lines: string[] = [];
  const writer = new HistoryWriter({ write: (text) => lines.push(text) });
  const history = [at(0, 1).put("a", 1), at(2, 3).get("a", 1)];
  for (const operation of history) writer.push(operation);
  t.equal(lines.length, 2);
  t.strictSame(parseHistory(lines.join("")), history);
  t.end();
});

t.test("tolerates what editors and other recorders leave: blank lines, carriage returns, fields of their own", (t) => {
  const [line = ""] = formatHistory([at(0, 1).put("a", 1)]).split("\n");
  const text = `\n${line.replace("{", '{"host":"x",')}\r\n\n${line}`;
  t.strictSame(parseHistory(text), [at(0, 1).put("a", 1), at(0, 1).put("a", 1)]);
  t.end();
});

const GET = { kind: "get", client: "c", key: "k", calledMs: 1, returnedMs: 2 };
const WRONG: readonly (readonly [what: string, line: string, code: string, message: RegExp])[] = [
  ["is not JSON", "{", "BAD_FRAME", /^line 2: not JSON$/],
  ["is no object", "7", "BAD_REQUEST", /^line 2: /],
  ["has an unknown kind", '{"kind":"cas"}', "BAD_REQUEST", /^line 2: field `kind`: /],
  ["lacks a time", JSON.stringify({ ...GET, calledMs: undefined }), "BAD_REQUEST", /^line 2: field `calledMs`: /],
  [
    "has an outcome that its kind cannot have",
    JSON.stringify({ ...GET, outcome: { type: "unknown", code: "TIMEOUT" } }),
    "BAD_REQUEST",
    /^line 2: field `outcome\.type`: /,
  ],
  [
    "has no version but something else",
    JSON.stringify({ ...GET, outcome: { type: "found", value: "v", version: "7" } }),
    "BAD_REQUEST",
    /^line 2: field `outcome\.version`: must be an op ID/,
  ],
  [
    "has a code that does not exist",
    JSON.stringify({ ...GET, outcome: { type: "failed", code: "OOPS" } }),
    "BAD_REQUEST",
    /^line 2: field `outcome\.code`: /,
  ],
  [
    "returned before it was called",
    JSON.stringify({ ...GET, returnedMs: 0, outcome: { type: "not-found" } }),
    "BAD_REQUEST",
    /^line 2: field `returnedMs`: is before `calledMs`$/,
  ],
];

for (const [what, line, code, message] of WRONG) {
  t.test(`a line that ${what} is refused with its number and what is wrong`, (t) => {
    t.throws(() => parseHistory(`${formatHistory([at(0, 1).notFound()])}${line}\n`), { code, message });
    t.end();
  });
}
