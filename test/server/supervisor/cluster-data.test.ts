import { join } from "node:path";
import t from "tap";
import type { SlaveId } from "../../../src/protocol/ids.js";
import { openClusterData } from "../../../src/server/supervisor/cluster-data.js";

/** Opens, closes, and tells the ring. */
async function ringOf(data: string, slaves?: number, ids?: string[]): Promise<readonly SlaveId[]> {
  const cluster = await openClusterData({ data, slaves, ids: ids as SlaveId[] | undefined });
  cluster.close();
  return cluster.slaves;
}

t.test("a new directory gets an evenly spread ring, of four slaves unless told otherwise", async (t) => {
  t.equal((await ringOf(join(t.testdir(), "new"))).length, 4);
  t.equal((await ringOf(join(t.testdir(), "new"), 3)).length, 3);
});

t.test("the ring is kept and opened again", async (t) => {
  const data = t.testdir();
  t.same(await ringOf(data, undefined, ["30", "7"]), ["7", "30"]);
  t.same(await ringOf(data), ["7", "30"]);
  t.same(await ringOf(data, 2), ["7", "30"]);
  t.same(await ringOf(data, 2, ["30", "7"]), ["7", "30"]);
});

t.test("another ring on existing data is refused and says what is there", async (t) => {
  const data = t.testdir();
  await ringOf(data, undefined, ["7", "30"]);
  const there = /holds a ring of 2 slaves \(7, 30\)/;
  await t.rejects(ringOf(data, 3), { code: "BAD_REQUEST", message: there });
  await t.rejects(ringOf(data, undefined, ["7", "31"]), { code: "BAD_REQUEST", message: there });
  t.same(await ringOf(data), ["7", "30"], "and nothing has changed");
});

t.test("a count that contradicts the named IDs is refused", async (t) => {
  await t.rejects(ringOf(t.testdir(), 3, ["7", "30"]), { code: "BAD_REQUEST" });
});

t.test("a directory that someone holds is refused and says who", async (t) => {
  const data = t.testdir();
  const holder = await openClusterData({ data, slaves: undefined, ids: undefined });
  await t.rejects(ringOf(data), {
    code: "STORAGE",
    message: new RegExp(`supervisor with pid ${process.pid.toString()}`),
  });
  holder.close();
  t.equal((await ringOf(data)).length, 4);
});
