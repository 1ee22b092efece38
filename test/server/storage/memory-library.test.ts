import t from "tap";
import type { OpId } from "../../../src/protocol/ids.js";
import { DiskStore } from "../../../src/server/storage/disk-store.js";
import { MemoryLibrary } from "../../../src/server/storage/memory-library.js";
import { storeConformance } from "./store-conformance.js";

const library = () => new MemoryLibrary("/data/store", "a store");

storeConformance(t, {
  name: "disk store over a library in memory",
  open: () => DiskStore.open("/data", { openLibrary: () => Promise.resolve(library()) }),
});

t.test("the next store over the same library finds what the last one has written", async (t) => {
  const kept = library();
  const open = () => DiskStore.open("/data", { openLibrary: () => Promise.resolve(kept) });
  const first = await open();
  first.apply({ key: "city", value: "Paris", opId: "1.1" as OpId });
  first.apply({ key: "town", value: "Bath", opId: "1.2" as OpId });
  first.apply({ key: "town", value: undefined, opId: "1.3" as OpId });
  await first.close();
  const second = await open();
  t.equal(second.storeId, "a store");
  t.equal(second.size, 1);
  t.same(second.get("city"), { value: "Paris", opId: "1.1" });
  t.equal(second.get("town"), undefined);
  await second.close();
});
