import t from "tap";
import { KeyListing, type KeysResult } from "../../src/core/key-listing.js";
import { Ring } from "../../src/core/ring.js";
import type { SlaveId } from "../../src/protocol/ids.js";
import type { ToSlave } from "../../src/protocol/messages.js";

const ids = ["10", "20", "30", "40"] as SlaveId[];
const ring = new Ring(ids);
const page = { prefix: "", after: "", limit: 3 };

/** A listing over four slaves, whose questions are kept so that a test can answer them. */
function listing(linked: readonly SlaveId[] = ids) {
  const asked = new Map<SlaveId, Extract<ToSlave, { type: "keysreq" }>>();
  const results: KeysResult[] = [];
  let nextId = 100;
  const keys = new KeyListing(1_000, {
    isLinked: (slave) => linked.includes(slave),
    nextRequestId: () => nextId++,
    send: (slave, message) => message.type === "keysreq" && asked.set(slave, message),
  });
  const answer = (slave: string, found: string[], more = false) => {
    const id = slave as SlaveId;
    keys.answered(id, { type: "resp", id: asked.get(id)?.id ?? -1, keys: found, more });
  };
  return { keys, asked, results, answer, done: (result: KeysResult) => results.push(result) };
}

t.test("asks every linked slave for the page, and nothing else of the request", (t) => {
  const { keys, asked, done } = listing();
  keys.list(ring, { ...page, prefix: "p", type: "keysreq", id: 7 } as typeof page, done);
  t.strictSame(
    [...asked.values()].map(({ id, ...rest }) => [typeof id, id === 7, rest]),
    ids.map(() => ["number", false, { type: "keysreq", prefix: "p", after: "", limit: 3 }]),
  );
  t.end();
});

t.test("merges the pages in the order of UTF-8 bytes, each key once, cut to the limit", (t) => {
  const { keys, answer, results, done } = listing();
  keys.list(ring, page, done);
  answer("10", ["a", "\u{1f980}"]);
  answer("20", ["a", "\uffee"]);
  answer("30", ["b"]);
  t.strictSame(results, [], "waits for all");
  answer("40", ["b"]);
  t.strictSame(results, [{ ok: true, keys: ["a", "b", "\uffee"], more: true }]);
  t.end();
});

t.test("stops where a page was cut short, since beyond it nothing is certain", (t) => {
  const { keys, answer, results, done } = listing();
  keys.list(ring, page, done);
  answer("10", ["a", "b"], true);
  answer("20", ["c"]);
  answer("30", ["a"]);
  answer("40", []);
  t.strictSame(results, [{ ok: true, keys: ["a", "b"], more: true }]);
  t.end();
});

t.test("is whole with slaves down that are no neighbours", (t) => {
  const { keys, answer, results, done } = listing(["10", "30"] as SlaveId[]);
  keys.list(ring, page, done);
  answer("10", ["a"]);
  answer("30", ["b"]);
  t.strictSame(results, [{ ok: true, keys: ["a", "b"], more: false }]);
  t.end();
});

t.test("fails when two neighbours are down, over the wrap too", (t) => {
  for (const up of [
    ["10", "20"],
    ["20", "30"],
  ]) {
    const { keys, answer, results, done } = listing(up as SlaveId[]);
    keys.list(ring, page, done);
    for (const slave of up) answer(slave, []);
    t.match(results, [{ ok: false, code: "REPLICA_DOWN" }]);
  }
  t.end();
});

t.test("does not wait for a slave whose connection breaks, nor for one that stays silent", (t) => {
  const { keys, answer, results, done } = listing();
  keys.list(ring, page, done);
  answer("10", ["a"]);
  answer("30", ["b"]);
  keys.unlink("20" as SlaveId);
  t.strictSame(results, []);
  keys.tick(1_000);
  t.strictSame(results, [{ ok: true, keys: ["a", "b"], more: false }]);
  answer("40", ["late"]);
  t.equal(results.length, 1);
  t.end();
});
