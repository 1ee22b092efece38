import t from "tap";
import { SegmentFile } from "../../../src/server/storage/segment-file.js";
import { SegmentPool } from "../../../src/server/storage/segment-pool.js";
import { SimulatedDisk } from "./simulated-disk.js";

const MIB = 1_048_576;

t.test(
  "each full piece of a segment is forced before the rest that follows it, and the whole before it has its name",
  async (t) => {
    const disk = new SimulatedDisk();
    const forcesAtRests: number[] = [];
    const segment = await SegmentFile.create(disk, { directory: "/log", number: 7, bytes: MIB }, () => {
      forcesAtRests.push(disk.forces);
      return Promise.resolve();
    });
    t.equal(segment.bytes, MIB);
    t.ok(forcesAtRests.length >= 3, `${forcesAtRests.length} rests`);
    t.same(
      forcesAtRests,
      forcesAtRests.map((_, index) => index + 1),
    );
    t.equal(disk.forces, forcesAtRests.length + 1);
    const whole = disk.afterPowerCut(() => 0);
    t.equal((await whole.read("/log/00000007.log"))?.length, MIB);
  },
);

t.test("whoever waits for a segment does not wait for rests", async (t) => {
  const disk = new SimulatedDisk();
  const pool = new SegmentPool(disk, { directory: "/log", segmentBytes: MIB, nextNumber: 1, ready: [] });
  const taken = pool.take();
  // Ends when nothing happens on the disk for some turns: a rest would be such a time.
  await disk.settled();
  t.ok((await disk.read("/log/00000001.log")) !== undefined);
  t.equal((await taken)?.number, 1);
  await pool.close();
});
