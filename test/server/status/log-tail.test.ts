import fc from "fast-check";
import t from "tap";
import type { SlaveId } from "../../../src/protocol/ids.js";
import { LIMITS } from "../../../src/protocol/limits.js";
import type { LoggedLine } from "../../../src/protocol/messages.js";
import { LogTail } from "../../../src/server/status/log-tail.js";

const ROOMY = 10_000_000;

function line(time: number, text: string, slave?: string): LoggedLine {
  return { ...(slave !== undefined && { slave: slave as SlaveId }), time, level: "info", text };
}

function tailOf(...lines: LoggedLine[]): LogTail {
  const tail = new LogTail();
  for (const each of lines) tail.add(each);
  return tail;
}

const texts = (lines: readonly LoggedLine[]) => lines.map(({ text }) => text);

t.test("the lines of all are merged by their times, the newest of them, oldest first", (t) => {
  const tail = tailOf(line(1, "a"), line(4, "d", "1"), line(2, "b", "2"), line(3, "c"), line(5, "e", "2"));
  t.strictSame(texts(tail.newest(100, ROOMY)), ["a", "b", "c", "d", "e"]);
  t.strictSame(texts(tail.newest(2, ROOMY)), ["d", "e"]);
  t.end();
});

t.test("one source's lines can be had alone, the master's by its name; of an unknown one there are none", (t) => {
  const tail = tailOf(line(1, "mine"), line(2, "its", "1"));
  t.strictSame(texts(tail.newest(9, ROOMY, "master")), ["mine"]);
  t.strictSame(texts(tail.newest(9, ROOMY, "1" as SlaveId)), ["its"]);
  t.strictSame(tail.newest(9, ROOMY, "7" as SlaveId), []);
  t.end();
});

t.test("a clock that jumps back does not reorder the lines of its source", (t) => {
  const tail = tailOf(line(9, "before", "1"), line(1, "after", "1"), line(5, "mine"));
  const order = texts(tail.newest(9, ROOMY));
  t.ok(order.indexOf("before") < order.indexOf("after"));
  t.end();
});

t.test("of more than the bytes allow, the newest that fit are given, and not one byte more", (t) => {
  fc.assert(
    fc.property(
      fc.array(fc.string({ unit: "binary", maxLength: 40 }), { minLength: 1 }),
      fc.nat(2_000),
      (all, bytesMax) => {
        const tail = tailOf(...all.map((text, time) => line(time, text)));
        const given = tail.newest(all.length, bytesMax);
        t.strictSame(texts(given), all.slice(all.length - given.length));
        const sizeOf = (lines: readonly LoggedLine[]) =>
          lines.reduce((bytes, each) => bytes + Buffer.byteLength(JSON.stringify(each)) + 1, 0);
        t.ok(sizeOf(given) <= bytesMax);
        const next = all.length - given.length - 1;
        if (next >= 0) t.ok(sizeOf([line(next, all[next] ?? ""), ...given]) > bytesMax);
      },
    ),
  );
  t.end();
});

t.test("each source keeps its newest lines, however many another one writes", (t) => {
  const tail = tailOf(line(0, "rare", "1"));
  for (let n = 1; n <= 3 * LIMITS.logLinesKept; n++) tail.add(line(n, `${n}`, "2"));
  t.strictSame(texts(tail.newest(9, ROOMY, "1" as SlaveId)), ["rare"]);
  const kept = tail.newest(10 * LIMITS.logLinesKept, ROOMY, "2" as SlaveId);
  t.ok(kept.length >= LIMITS.logLinesKept && kept.length <= 1.25 * LIMITS.logLinesKept);
  t.equal(kept.at(-1)?.text, `${3 * LIMITS.logLinesKept}`);
  t.end();
});

t.test("slaves that come and go without end do not pile up", (t) => {
  const tail = new LogTail();
  for (let n = 0; n < 1_000; n++) tail.add(line(n, "hello", `${n}`));
  t.equal(tail.newest(2_000, ROOMY).length, LIMITS.slavesMax + 1);
  t.end();
});
