import fc from "fast-check";
import type { Test } from "tap";
import type { StoreWrite } from "../../../src/core/store.js";
import { type OpId, compareOpIds } from "../../../src/protocol/ids.js";
import { compareUtf8 } from "../../../src/protocol/text.js";
import type { ManagedStore } from "../../../src/server/storage/managed-store.js";

/** A store under test, empty at first. */
export interface StoreUnderTest {
  readonly name: string;
  readonly open: (t: Test) => Promise<ManagedStore>;
}

const version = (seq: number): OpId => `1.${seq}` as OpId;

/** The text whose UTF-8 bytes order differently from its UTF-16 units, beside neighbours. */
const ORDERED_KEYS = ["\u0000", " ", "a", "a\u0000", "aa", "b", "é", "\uffee", "😀"];

/** What every store does; run on each implementation. */
export function storeConformance(t: Test, { name, open }: StoreUnderTest): void {
  t.test(`${name}: a put is read at once, with its version`, async (t) => {
    const store = await open(t);
    store.apply({ key: "city", value: "Paris", opId: version(1) });
    t.same(store.get("city"), { value: "Paris", opId: version(1) });
    t.equal(store.get("town"), undefined);
    t.equal(store.size, 1);
    await store.close();
  });

  t.test(`${name}: a del is seen at once, and a key comes back by a later put`, async (t) => {
    const store = await open(t);
    store.apply({ key: "city", value: "Paris", opId: version(1) });
    store.apply({ key: "city", value: undefined, opId: version(2) });
    t.equal(store.get("city"), undefined);
    t.equal(store.size, 0);
    store.apply({ key: "city", value: "Rome", opId: version(3) });
    t.same(store.get("city"), { value: "Rome", opId: version(3) });
    t.equal(store.size, 1);
    await store.close();
  });

  t.test(
    `${name}: a write that is not newer than the stored one is ignored, before and after a checkpoint`,
    async (t) => {
      const store = await open(t);
      store.apply({ key: "city", value: "Paris", opId: version(10) });
      for (const stage of ["before", "after"]) {
        store.apply({ key: "city", value: "older", opId: version(9) });
        store.apply({ key: "city", value: "same", opId: version(10) });
        store.apply({ key: "city", value: undefined, opId: version(2) });
        t.same(store.get("city"), { value: "Paris", opId: version(10) }, stage);
        await store.checkpoint();
      }
      store.apply({ key: "city", value: "newer epoch", opId: "2.1" as OpId });
      t.equal(store.get("city")?.value, "newer epoch");
      await store.close();
    },
  );

  t.test(`${name}: a del of a missing key changes nothing`, async (t) => {
    const store = await open(t);
    store.apply({ key: "city", value: undefined, opId: version(1) });
    t.equal(store.size, 0);
    await store.close();
  });

  t.test(`${name}: the empty value is a value`, async (t) => {
    const store = await open(t);
    store.apply({ key: "empty", value: "", opId: version(1) });
    await store.checkpoint();
    t.same(store.get("empty"), { value: "", opId: version(1) });
    await store.close();
  });

  t.test(`${name}: the largest value and the largest version come back`, async (t) => {
    const store = await open(t);
    const opId = "18446744073709551615.9007199254740991" as OpId;
    const value = "é".repeat(131_072);
    store.apply({ key: "k".repeat(256), value, opId });
    await store.checkpoint();
    t.ok(store.get("k".repeat(256))?.value === value);
    t.equal(store.get("k".repeat(256))?.opId, opId);
    await store.close();
  });

  t.test(`${name}: keys are listed in the order of their UTF-8 bytes`, async (t) => {
    const store = await open(t);
    for (const [index, key] of [...ORDERED_KEYS].reverse().entries()) {
      store.apply({ key, value: "", opId: version(index + 1) });
      if (index === 4) await store.checkpoint();
    }
    t.same(await store.keys({ prefix: "", after: "", limit: 100 }), { keys: ORDERED_KEYS, more: false });
    await store.close();
  });

  t.test(`${name}: a listing goes on after a key, within a prefix, and says whether more follow`, async (t) => {
    const store = await open(t);
    for (const [index, key] of ["a", "user:1", "user:2", "user:3", "z"].entries()) {
      store.apply({ key, value: "", opId: version(index + 1) });
    }
    const prefix = "user:";
    t.same(await store.keys({ prefix, after: "", limit: 2 }), { keys: ["user:1", "user:2"], more: true });
    t.same(await store.keys({ prefix, after: "user:2", limit: 2 }), { keys: ["user:3"], more: false });
    t.same(await store.keys({ prefix, after: "user:3", limit: 2 }), { keys: [], more: false });
    t.same(await store.keys({ prefix, after: "z", limit: 2 }), { keys: [], more: false });
    t.same(await store.keys({ prefix: "", after: "user:3", limit: 2 }), { keys: ["z"], more: false });
    await store.close();
  });

  t.test(`${name}: any writes give what a plain map gives, whenever checkpoints come`, async (t) => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyStep, { maxLength: 60 }), async (steps) => {
        const store = await open(t);
        const model = new Map<string, { value: string; opId: OpId }>();
        for (const [index, step] of steps.entries()) {
          if (step === "checkpoint") await store.checkpoint();
          else {
            const write = { ...step, opId: version(index + 1) };
            applyTo(model, write);
            store.apply(write);
          }
        }
        const sorted = [...model.keys()].sort(compareUtf8);
        t.same(await store.keys({ prefix: "", after: "", limit: 100 }), { keys: sorted, more: false });
        t.same(
          sorted.map((key) => store.get(key)),
          sorted.map((key) => model.get(key)),
        );
        t.equal(store.size, model.size);
        await store.close();
      }),
      { numRuns: 25 },
    );
  });
}

const anyWrite: fc.Arbitrary<StoreWrite> = fc.record({
  key: fc.constantFrom(...ORDERED_KEYS),
  value: fc.option(fc.constantFrom("", "x", "yy"), { nil: undefined }),
  opId: fc.constant(version(0)),
});
const anyStep = fc.oneof(
  { weight: 9, arbitrary: anyWrite },
  { weight: 1, arbitrary: fc.constant("checkpoint" as const) },
);

function applyTo(model: Map<string, { value: string; opId: OpId }>, { key, value, opId }: StoreWrite): void {
  const stored = model.get(key);
  if (stored !== undefined && compareOpIds(opId, stored.opId) <= 0) return;
  if (value === undefined) model.delete(key);
  else model.set(key, { value, opId });
}
