import t from "tap";
import type { OpId } from "../../../src/protocol/ids.js";
import { WriteOverlay } from "../../../src/server/storage/write-overlay.js";

const write = (key: string, value: string | undefined, seq: number) => ({ key, value, opId: `1.${seq}` as OpId });

t.test("a batch that was not taken waits again, ahead of what came later", (t) => {
  const overlay = new WriteOverlay();
  overlay.set(write("a", "1", 1), 1);
  overlay.set(write("b", "1", 2), 1);
  overlay.takeBatch();
  overlay.set(write("c", "1", 3), 1);
  overlay.returnBatch();
  t.strictSame(
    overlay.takeBatch().map(({ key }) => key),
    ["a", "b", "c"],
  );
  t.end();
});

t.test("what was written over a batch that was not taken is kept, and counts for both", (t) => {
  const overlay = new WriteOverlay();
  overlay.set(write("born and gone", "1", 1), 1);
  overlay.set(write("born and changed", "1", 2), 1);
  overlay.takeBatch();
  overlay.set(write("born and gone", undefined, 3), -1);
  overlay.set(write("born and changed", "2", 4), 0);
  overlay.returnBatch();
  t.match(overlay.takeBatch(), [
    { key: "born and gone", value: undefined, sizeDelta: 0 },
    { key: "born and changed", value: "2", sizeDelta: 1 },
  ]);
  t.end();
});

t.test("bytes are those of what waits, and none are left when all is taken", (t) => {
  const overlay = new WriteOverlay();
  overlay.set(write("a", "x".repeat(100), 1), 1);
  const before = overlay.bytes;
  overlay.takeBatch();
  overlay.set(write("a", "x".repeat(100), 2), 0);
  overlay.returnBatch();
  t.equal(overlay.bytes, before, "the older write of the key is gone");
  overlay.takeBatch();
  overlay.releaseBatch();
  t.equal(overlay.bytes, 0);
  t.end();
});
