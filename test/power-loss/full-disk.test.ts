import { join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import t from "tap";
import type { OpId } from "../../src/protocol/ids.js";
import type { RingkvError } from "../../src/protocol/errors.js";
import { DiskStore } from "../../src/server/storage/disk-store.js";
import { Random } from "../random.js";
import { PairRing } from "./pair-ring.js";
import { SmallDisk, whyNoSmallDisks } from "./small-disk.js";
import { WritingClients } from "./writing-clients.js";

const SMALL_KIB = 64;
const FREED_KIB = 1_024;
/** The smallest there is: two of them and a store leave some room on 64 KiB. */
const SEGMENT_BYTES = 8_192;
const KEYS = 24;
const REFUSALS = 60;
const UPDATES_AFTER = 300;
const random = new Random();
const skip = whyNoSmallDisks();
if (skip !== undefined) t.comment(`SKIPPED, nothing was shown about full disks: ${skip}`);

t.test(
  `on a full disk a slave refuses updates with STORAGE, answers reads, and works again when there is space (SEED=${random.seed})`,
  { skip: skip ?? false, timeout: 90_000 },
  async (t) => {
    const disk = await SmallDisk.mount(SMALL_KIB);
    t.teardown(() => disk.unmount());
    const ring = await PairRing.start({ isTraced: false, data: join(disk.path, "data"), segmentBytes: SEGMENT_BYTES });
    const clients = new WritingClients(ring.client, random, KEYS);
    let hasEnded = false;
    void ring.examined.exited.then(() => (hasEnded = true));
    try {
      const refusedForSpace = () => clients.refusals.get("STORAGE") ?? 0;
      await clients.run(() => hasEnded || refusedForSpace() >= REFUSALS);
      const before = clients.acknowledged;
      t.comment(`${before} updates acknowledged, then ${refusedForSpace()} refused with STORAGE`);
      t.notOk(hasEnded, `the slave lives: ${ring.examined.stderr}`);
      t.strictSame(await clients.violations(), [], "every key can be read, and holds what was acknowledged");

      await disk.grow(FREED_KIB);
      await clients.run(() => hasEnded || clients.acknowledged >= before + UPDATES_AFTER);
      t.notOk(hasEnded, "it is the same process that works again");
      t.strictSame(await clients.violations(), [], "every acknowledged write is there");

      await ring.examined.kill();
      await ring.restart();
      await clients.run(() => clients.acknowledged >= before + 2 * UPDATES_AFTER);
      t.strictSame(await clients.violations(), [], "and after SIGKILL too");
    } finally {
      await ring.stop();
    }
  },
);

const version = (seq: number): OpId => `1.${seq}` as OpId;

t.test(
  "a store on a full disk keeps everything readable, and takes it down when there is space",
  { skip: skip ?? false, timeout: 60_000 },
  async (t) => {
    const disk = await SmallDisk.mount(SMALL_KIB);
    t.teardown(() => disk.unmount());
    const failures: RingkvError[] = [];
    const store = await DiskStore.open(disk.path, { onFailure: (error) => failures.push(error) });
    let seq = 0;
    const write = (key: string, value: string | undefined) => store.apply({ key, value, opId: version((seq += 1)) });
    const isFull = async (): Promise<boolean> => {
      const refusal = await store.checkpoint().then(
        () => undefined,
        (error: unknown) => error,
      );
      return refusal !== undefined;
    };
    while (!(await isFull())) for (let count = 0; count < 5; count++) write(`key ${seq}`, "x".repeat(500));
    const written = seq;
    t.ok(written > 20, `${written} values until the disk was full`);
    for (let index = 0; index < 10; index++) write(`key ${index}`, index % 2 === 0 ? undefined : "changed");
    for (let index = 0; index < 5; index++) write(`late ${index}`, "late");
    t.ok(store.backlogBytes > 0, "what came after that waits");
    const check = (checked: DiskStore, when: string) => {
      t.equal(checked.get("key 0"), undefined, when);
      t.match(checked.get("key 1"), { value: "changed" }, when);
      t.match(checked.get(`key ${written - 1}`), { value: "x".repeat(500) }, when);
      t.match(checked.get("late 4"), { value: "late" }, when);
      t.equal(checked.size, written, `${when}: five are gone and five are new`);
    };
    check(store, "on the full disk");

    await disk.grow(FREED_KIB);
    // Writes go on at every turn, also at those in which the store's files are closed to be opened again.
    let wrong = 0;
    const taken = checkpointWhenPossible(store);
    while (!taken.isDone) {
      write("busy", `${seq}`);
      if (store.get("busy")?.value !== `${seq - 1}`) wrong += 1;
      await nextTurn();
    }
    t.equal(wrong, 0, "each is read at once");
    write("busy", undefined);
    check(store, "when there is space");
    await store.checkpoint();
    t.ok(seq > written + 100, `${seq - written} writes meanwhile`);
    await store.close();
    t.strictSame(failures, [], "no failure was told");
    const reopened = await DiskStore.open(disk.path);
    check(reopened, "opened anew");
    await reopened.close();
  },
);

/** Tries until a checkpoint succeeds. */
function checkpointWhenPossible(store: DiskStore): { readonly isDone: boolean } {
  const progress = { isDone: false };
  const attempt = (): void => {
    store.checkpoint().then(
      () => (progress.isDone = true),
      () => setImmediate(attempt),
    );
  };
  attempt();
  return progress;
}
