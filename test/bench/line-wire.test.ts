import fc from "fast-check";
import t from "tap";
import { openSession } from "../../src/bench/generator/line-wire.js";
import * as numbered from "../../src/bench/generator/numbered-line-wire.js";

const answer = fc.oneof(
  fc
    .record({ value: fc.stringMatching(/^[a-z]{0,40}$/) })
    .map(({ value }) => ({ failure: undefined, line: { type: "resp", value } })),
  fc
    .constantFrom("KEY_NOT_FOUND", "TIMEOUT")
    .map((code) => ({ failure: code, line: { type: "resp", code, message: "it is so" } })),
);

t.test("however the answers are cut into chunks, each is told once, in order, with its failure and its length", (t) => {
  fc.assert(
    fc.property(fc.array(answer, { maxLength: 12 }), fc.array(fc.nat(60), { maxLength: 30 }), (answers, cuts) => {
      const lines = answers.map(({ line }) => JSON.stringify(line));
      const told: unknown[] = [];
      const session = openSession({ write: () => true }, (failure, bytes) => told.push([failure, bytes]));
      let rest = Buffer.from(lines.map((line) => `${line}\n`).join(""));
      for (const cut of cuts) {
        session.take(rest.subarray(0, cut));
        rest = rest.subarray(cut);
      }
      session.take(rest);
      t.strictSame(
        told,
        answers.map(({ failure }, n) => [failure, lines[n]?.length]),
      );
    }),
  );
  t.end();
});

t.test("a long value in many chunks is one answer", (t) => {
  const told: unknown[] = [];
  const session = openSession({ write: () => true }, (failure, bytes) => told.push([failure, bytes]));
  const line = JSON.stringify({ type: "resp", value: "v".repeat(65_536) });
  for (let at = 0; at < line.length; at += 10_000) session.take(Buffer.from(line.slice(at, at + 10_000)));
  t.strictSame(told, []);
  session.take(Buffer.from("\n"));
  t.strictSame(told, [[undefined, line.length]]);
  t.end();
});

t.test("requests that are added together leave in one write, as lines of the protocol", (t) => {
  const written: string[] = [];
  const socket = { write: (text: string) => written.push(text) };
  const session = openSession(socket, () => undefined);
  session.put("k", "v");
  session.get("k");
  t.strictSame(written, []);
  session.flush();
  session.flush();
  t.strictSame(
    written.map((text) =>
      text
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line) as unknown),
    ),
    [
      [
        { type: "putreq", key: "k", value: "v" },
        { type: "getreq", key: "k" },
      ],
    ],
  );
  t.end();
});

t.test("with numbers each request carries its own, and each answer says whose it is, however it is cut", (t) => {
  const written: string[] = [];
  const told: unknown[] = [];
  const socket = { write: (text: string) => written.push(text) };
  const session = numbered.openSession(socket, (failure, _, request) => told.push([request, failure]));
  for (let n = 0; n < 12; n++) session.get(`k${n}`);
  session.flush();
  const requests = written.join("").trimEnd().split("\n");
  t.strictSame(
    requests.map((line) => JSON.parse(line) as unknown),
    requests.map((_, id) => ({ type: "getreq", id, key: `k${id}` })),
  );
  const long = "v".repeat(20_000);
  const answers = [
    { type: "resp", id: 11, code: "OVERLOADED", message: "later" },
    { type: "resp", id: 3, value: "v" },
    { type: "resp", id: 10, value: long },
  ];
  const bytes = Buffer.from(answers.map((answer) => `${JSON.stringify(answer)}\n`).join(""));
  for (let at = 0; at < bytes.length; at += 7) session.take(bytes.subarray(at, at + 7));
  session.take(bytes);
  const expected = [
    [11, "OVERLOADED"],
    [3, undefined],
    [10, undefined],
  ];
  t.strictSame(told, [...expected, ...expected]);
  t.end();
});
