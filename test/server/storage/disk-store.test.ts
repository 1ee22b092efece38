import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import path from "node:path";
import { createInterface } from "node:readline";
import { ClassicLevel } from "classic-level";
import t from "tap";
import type { OpId } from "../../../src/protocol/ids.js";
import { DiskStore } from "../../../src/server/storage/disk-store.js";
import { storeConformance } from "./store-conformance.js";

storeConformance(t, { name: "disk store", open: (t) => DiskStore.open(t.testdir()) });

const version = (seq: number): OpId => `1.${seq}` as OpId;

function fill(store: DiskStore, from: number, to: number): void {
  for (let seq = from; seq < to; seq++) store.apply({ key: `key ${seq}`, value: `value ${seq}`, opId: version(seq) });
}

t.test("a store keeps its ID, its size and its values over a close", async (t) => {
  const directory = t.testdir();
  const store = await DiskStore.open(directory);
  fill(store, 1, 2_501);
  store.apply({ key: "key 1", value: undefined, opId: version(3_000) });
  await store.close();
  const reopened = await DiskStore.open(directory);
  t.equal(reopened.storeId, store.storeId);
  t.equal(reopened.size, 2_499);
  t.same(reopened.get("key 2500"), { value: "value 2500", opId: version(2_500) });
  t.equal(reopened.get("key 1"), undefined);
  await reopened.close();
});

t.test("two stores have two IDs", async (t) => {
  const directory = t.testdir({ one: {}, two: {} });
  const one = await DiskStore.open(path.join(directory, "one"));
  const two = await DiskStore.open(path.join(directory, "two"));
  t.not(one.storeId, two.storeId);
  await one.close();
  await two.close();
});

t.test("the backlog counts what the library does not have, and a checkpoint empties it", async (t) => {
  const store = await DiskStore.open(t.testdir());
  fill(store, 1, 101);
  t.ok(store.backlogBytes > 100 * 10, `${store.backlogBytes} bytes`);
  await store.checkpoint();
  t.equal(store.backlogBytes, 0);
  await store.close();
});

t.test("a checkpoint puts everything into tables: LevelDB's own log holds none of it any more", async (t) => {
  const directory = t.testdir();
  const store = await DiskStore.open(directory);
  fill(store, 1, 5_001);
  await store.checkpoint();
  const copy = path.join(directory, "copy");
  copyStore(directory, copy, (name) => !/^[0-9]+\.log$/.test(name));
  await store.close();
  const reopened = await DiskStore.open(copy);
  t.same(reopened.get("key 1"), { value: "value 1", opId: version(1) });
  t.same(reopened.get("key 5000"), { value: "value 5000", opId: version(5_000) });
  t.equal(reopened.size, 5_000);
  await reopened.close();
});

t.test("the size is exact when a batch in the middle was lost, as after a power cut", async (t) => {
  const directory = t.testdir();
  const store = await DiskStore.open(directory, { checkpointBytes: 0 });
  for (let batch = 0; batch < 3; batch++) {
    fill(store, batch * 10, batch * 10 + 10);
    while (store.backlogBytes > 0) await new Promise((resolve) => setImmediate(resolve));
  }
  await store.close();
  const library = new ClassicLevel(path.join(directory, "store"));
  const marks = await library.keys({ gte: "!b", lt: "!c" }).all();
  const [mark] = marks.slice(-2);
  if (mark === undefined) throw new Error("the store leaves marks");
  await library.batch(
    [mark, ...Array.from({ length: 10 }, (_, index) => `kkey ${10 + index}`)].map((key) => ({ type: "del", key })),
  );
  await library.close();
  const reopened = await DiskStore.open(directory);
  t.equal(reopened.size, 20);
  fill(reopened, 10, 30);
  t.equal(reopened.size, 30, "the replay brings the lost ones back");
  await reopened.close();
  const again = await DiskStore.open(directory);
  t.equal(again.size, 30);
  await again.close();
});

t.test("a store of another program is refused, and left as it is", async (t) => {
  const directory = t.testdir();
  const library = new ClassicLevel(path.join(directory, "store"));
  await library.put("theirs", "1");
  await library.close();
  await t.rejects(DiskStore.open(directory), { code: "STORAGE", message: /theirs/ });
});

t.test("a store that another process has open is refused with STORAGE", async (t) => {
  const directory = t.testdir();
  const store = await DiskStore.open(directory);
  await t.rejects(DiskStore.open(directory), { code: "STORAGE" });
  await store.close();
});

t.test("after SIGKILL the size is the number of keys that are there", async (t) => {
  const directory = t.testdir();
  const writer = startWriter(directory);
  const [line] = (await once(createInterface({ input: writer.stdout }), "line")) as [string];
  writer.child.kill("SIGKILL");
  await once(writer.child, "exit");
  const store = await DiskStore.open(directory);
  const keys = await listAll(store);
  t.ok(keys.length >= Number(line), `${keys.length} keys, ${line} were checkpointed`);
  t.equal(store.size, keys.length);
  await store.close();
});

/** A process that writes without end, and prints its size after its third checkpoint. */
function startWriter(directory: string): { child: ChildProcess; stdout: NodeJS.ReadableStream } {
  const script = path.join(import.meta.dirname, "store-writer.ts");
  const child = spawn(process.execPath, [...process.execArgv, script, directory], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  return { child, stdout: child.stdout };
}

async function listAll(store: DiskStore): Promise<string[]> {
  const all: string[] = [];
  for (let more = true; more;) {
    const page = await store.keys({ prefix: "", after: all.at(-1) ?? "", limit: 1_000 });
    all.push(...page.keys);
    more = page.more;
  }
  return all;
}

function copyStore(from: string, to: string, wanted: (name: string) => boolean): void {
  fs.mkdirSync(path.join(to, "store"), { recursive: true });
  for (const name of fs.readdirSync(path.join(from, "store")).filter(wanted)) {
    fs.copyFileSync(path.join(from, "store", name), path.join(to, "store", name));
  }
}
