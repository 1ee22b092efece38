import { setImmediate as nextTurn } from "node:timers/promises";
import type { OpId } from "../../../src/protocol/ids.js";
import { DiskStore } from "../../../src/server/storage/disk-store.js";

// Run by disk-store.test.ts, which kills it: puts and dels without end, some checkpoints at the start.
const [, , directory] = process.argv;
if (directory === undefined) throw new Error("usage: store-writer DIRECTORY");
const store = await DiskStore.open(directory, { checkpointBytes: 40_000 });
for (let seq = 1; ; seq++) {
  const isDel = seq % 5 === 0;
  store.apply({ key: `key ${isDel ? seq - 3 : seq}`, value: isDel ? undefined : "x", opId: `1.${seq}` as OpId });
  if (seq % 20 === 0) await nextTurn();
  if (seq % 1_000 === 0 && seq <= 3_000) await store.checkpoint();
  if (seq === 8_000) process.stdout.write("1800\n");
}
