import t from "tap";
import { Outbox } from "../../src/transport/outbox.js";

const LINE = `${"x".repeat(99)}\n`;
/** What leaves before the end of the turn. */
const FULL_LINES = 164;

t.test("all that is sent in one turn leaves in one write, in its order", async (t) => {
  const { outbox, writes } = collect();
  outbox.add("a\n");
  outbox.addLater("b\n");
  outbox.add("c\n");
  t.same(writes, [], "nothing before the turn ends");
  await nextTurn();
  t.same(writes, ["a\nb\nc\n"]);
});

t.test(
  "where it is much it leaves in pieces, the first of them at once, and nothing is lost or changes places",
  async (t) => {
    const { outbox, writes } = collect();
    const lines = Array.from({ length: 2 * FULL_LINES + 10 }, (_, index) => `${index.toString()} ${LINE}`);
    for (const [index, line] of lines.entries()) {
      if (index % 7 === 0) outbox.addLater(line);
      else outbox.add(line);
      if (index < 100) t.equal(writes.length, 0);
    }
    t.ok(writes.length >= 2, `${writes.length.toString()} pieces before the turn ends`);
    await nextTurn();
    t.equal(writes.join(""), lines.join(""));
    const atEnd = writes.length;
    await nextTurn();
    t.equal(writes.length, atEnd, "and nothing leaves twice");
  },
);

t.test("after its end nothing leaves", async (t) => {
  const { outbox, writes } = collect();
  outbox.add("a\n");
  outbox.close();
  outbox.add(LINE.repeat(FULL_LINES));
  await nextTurn();
  t.same(writes, []);
});

function collect(): { outbox: Outbox; writes: string[] } {
  const writes: string[] = [];
  return { outbox: new Outbox((bytes) => writes.push(bytes.toString())), writes };
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
