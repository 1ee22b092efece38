import fc from "fast-check";
import t from "tap";
import { type LockMode, LockTable } from "../../src/core/lock-table.js";

/** Asks for a lock and notes the moment of its grant. */
function asker(locks: LockTable, granted: string[]) {
  return (name: string, mode: LockMode, set = 0) => locks.acquire(set, mode, () => granted.push(name));
}

t.test("readers share a set", (t) => {
  const granted: string[] = [];
  const ask = asker(new LockTable(10), granted);
  ask("r1", "read");
  ask("r2", "read");
  t.strictSame(granted, ["r1", "r2"]);
  t.end();
});

t.test("an update has its set alone, and other sets are not held up", (t) => {
  const granted: string[] = [];
  const locks = new LockTable(10);
  const ask = asker(locks, granted);
  ask("w1", "write");
  ask("r1", "read");
  ask("w2", "write");
  ask("other set", "write", 1);
  t.strictSame(granted, ["w1", "other set"]);
  locks.release(0, "write");
  t.strictSame(granted, ["w1", "other set", "r1"]);
  locks.release(0, "read");
  t.strictSame(granted, ["w1", "other set", "r1", "w2"]);
  t.end();
});

t.test("a reader behind a waiting update waits too, so that updates do not starve", (t) => {
  const granted: string[] = [];
  const locks = new LockTable(10);
  const ask = asker(locks, granted);
  ask("r1", "read");
  ask("w1", "write");
  ask("r2", "read");
  t.strictSame(granted, ["r1"]);
  locks.release(0, "read");
  t.strictSame(granted, ["r1", "w1"]);
  locks.release(0, "write");
  t.strictSame(granted, ["r1", "w1", "r2"]);
  t.end();
});

t.test("readers next to each other in the queue are granted together", (t) => {
  const granted: string[] = [];
  const locks = new LockTable(10);
  const ask = asker(locks, granted);
  for (const name of ["w1", "r1", "r2", "w2", "r3"]) ask(name, name.startsWith("w") ? "write" : "read");
  locks.release(0, "write");
  t.strictSame(granted, ["w1", "r1", "r2"]);
  t.end();
});

t.test("a full queue refuses, and nothing is asked", (t) => {
  const granted: string[] = [];
  const locks = new LockTable(1);
  const ask = asker(locks, granted);
  ask("w1", "write");
  t.equal(ask("w2", "write"), true);
  t.equal(ask("w3", "write"), false);
  locks.release(0, "write");
  locks.release(0, "write");
  t.strictSame(granted, ["w1", "w2"]);
  t.end();
});

t.test("ten thousand waiters that release at once are granted without a growing stack", (t) => {
  const locks = new LockTable(20_000);
  let granted = 0;
  locks.acquire(0, "write", () => undefined);
  for (let n = 0; n < 10_000; n++) {
    locks.acquire(0, "write", () => {
      granted += 1;
      locks.release(0, "write");
    });
  }
  locks.release(0, "write");
  t.equal(granted, 10_000);
  t.equal(locks.busySets, 0, "an idle set costs nothing");
  t.end();
});

t.test("releasing what is not held is a programmer's error", (t) => {
  const locks = new LockTable(1);
  t.throws(() => locks.release(0, "read"));
  locks.acquire(0, "read", () => undefined);
  t.throws(() => locks.release(0, "write"));
  t.end();
});

t.test("whatever happens: one writer or readers only, everyone is granted, first come first served", (t) => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom<LockMode | "release">("read", "write", "release")), (steps) => {
      const locks = new LockTable(1_000);
      const held: LockMode[] = [];
      const order: number[] = [];
      let asked = 0;
      const release = () => {
        const mode = held.shift();
        if (mode !== undefined) locks.release(0, mode);
      };
      for (const step of steps) {
        if (step === "release") release();
        else {
          const turn = asked++;
          locks.acquire(0, step, () => {
            held.push(step);
            order.push(turn);
          });
        }
        t.ok(held.length <= 1 || held.every((mode) => mode === "read"));
      }
      while (held.length > 0) release();
      t.strictSame(
        order,
        Array.from({ length: asked }, (_, turn) => turn),
      );
    }),
    { numRuns: 200 },
  );
  t.end();
});
