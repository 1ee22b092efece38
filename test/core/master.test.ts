import t from "tap";
import { HASHES } from "../../src/core/hash.js";
import { MasterCore, type MasterObserver, type MasterOptions } from "../../src/core/master.js";
import type { ReadResult, UpdateResult } from "../../src/core/result.js";
import { Ring } from "../../src/core/ring.js";
import { type Epoch, OP_NONE, type OpId, type SlaveId } from "../../src/protocol/ids.js";
import type { ToSlave, Unresolved } from "../../src/protocol/messages.js";

const op = (opId: string) => opId as OpId;
const [LEFT, RIGHT] = ["1", "9223372036854775808"] as [SlaveId, SlaveId];

const NO_OBSERVER: MasterObserver = {
  opBegan: () => undefined,
  opVoted: () => undefined,
  opDecided: () => undefined,
  opAnswered: () => undefined,
  opAcked: () => undefined,
  opSettled: () => undefined,
  cache: () => undefined,
};

/** A master with two linked slaves, which the test plays itself. */
function scene(options: Partial<MasterOptions> = {}, observer = NO_OBSERVER) {
  const sent: [slave: SlaveId, message: ToSlave][] = [];
  /** Slaves that do not take their messages. */
  const behind = new Set<SlaveId>();
  const core = new MasterCore(
    {
      epoch: "1" as Epoch,
      hash: HASHES.xxh64,
      cacheSets: 1,
      cacheWays: 2,
      prepareTimeoutMs: 2_000,
      readTimeoutMs: 1_000,
      serial: false,
      ...options,
    },
    { send: (slave, message) => sent.push([slave, message]), isBehind: (slave) => behind.has(slave) },
    observer,
  );
  core.completeRing(new Ring([LEFT, RIGHT]));
  core.link(LEFT, [], OP_NONE);
  core.link(RIGHT, [], OP_NONE);
  const results: (ReadResult | UpdateResult)[] = [];
  const [primary, successor] = core.locate("k")?.replicas ?? [LEFT, RIGHT];
  const put = (key: string, value: string) =>
    core.update({ kind: "put", key, value }, (result) => results.push(result));
  const get = (key: string) => core.get(key, (result) => results.push(result));
  const ready = (opId: string) => {
    for (const slave of [LEFT, RIGHT]) core.receive(slave, { type: "ready", opId: op(opId) });
  };
  /** The last question to a slave, answered. */
  const answer = (slave: SlaveId, value: string, opId = "1.1") => {
    const question = sent.findLast(([to, message]) => to === slave && message.type === "getreq")?.[1];
    if (question?.type !== "getreq") throw new Error(`${slave} was asked nothing`);
    core.receive(slave, { type: "resp", id: question.id, value, opId: op(opId) });
  };
  const asked = () => sent.filter(([, message]) => message.type === "getreq").map(([slave]) => slave);
  return { core, sent, behind, results, primary, successor, put, get, ready, answer, asked };
}

t.test("a get that misses asks the primary, and the next one is answered from the cache", (t) => {
  const { get, answer, primary, results, asked } = scene();
  get("k");
  t.strictSame(asked(), [primary]);
  answer(primary, "v");
  get("k");
  t.strictSame(asked(), [primary]);
  t.strictSame(results, [
    { ok: true, value: "v", opId: "1.1" },
    { ok: true, value: "v", opId: "1.1" },
  ]);
  t.end();
});

t.test("an update is refused and not begun while a replica does not take its messages; reads go on", (t) => {
  const { behind, put, get, ready, answer, primary, successor, results, sent } = scene();
  behind.add(successor);
  put("k", "v");
  t.match(results, [{ ok: false, code: "OVERLOADED" }]);
  t.strictSame(sent, []);
  get("k");
  answer(primary, "old");
  behind.clear();
  put("k", "v");
  ready("1.1");
  t.match(results.slice(1), [
    { ok: true, value: "old" },
    { ok: true, opId: "1.1" },
  ]);
  t.end();
});

t.test("a get goes to the successor when the primary's connection breaks", (t) => {
  const { core, get, answer, primary, successor, results, asked } = scene();
  get("k");
  core.unlink(primary);
  t.strictSame(asked(), [primary, successor]);
  answer(successor, "v");
  t.match(results, [{ ok: true, value: "v" }]);
  t.end();
});

t.test("a get goes to the successor when the primary stays silent, and the late answer is dropped", (t) => {
  const { core, get, answer, primary, successor, results, asked } = scene();
  get("k");
  core.tick(1_000);
  t.strictSame(asked(), [primary, successor]);
  answer(primary, "stale");
  t.strictSame(results, []);
  answer(successor, "v");
  t.match(results, [{ value: "v" }]);
  t.end();
});

t.test("reads leave a suspect at once, those under way too, until it speaks again", (t) => {
  const { core, get, answer, primary, successor, results, asked } = scene();
  get("k");
  core.setSuspect(primary, true);
  t.strictSame(asked(), [primary, successor]);
  answer(successor, "v");
  t.match(results, [{ value: "v" }]);
  const sibling = Array.from({ length: 50 }, (_, n) => `k${n}`).find(
    (key) => core.locate(key)?.replicas[0] === primary,
  );
  get(sibling ?? "");
  core.setSuspect(primary, false);
  get(`${sibling}`);
  t.strictSame(asked().slice(2), [successor, primary]);
  t.end();
});

t.test("a suspect is asked when the other replica is down", (t) => {
  const { core, get, primary, successor, asked } = scene();
  core.setSuspect(primary, true);
  core.unlink(successor);
  get("k");
  t.strictSame(asked(), [primary]);
  t.end();
});

t.test("a get fails with TIMEOUT when both stay silent, with REPLICA_DOWN when both are down", (t) => {
  const { core, get, results } = scene();
  get("k");
  core.tick(1_000);
  core.tick(2_000);
  core.unlink(LEFT);
  core.unlink(RIGHT);
  get("k");
  t.match(results, [{ code: "TIMEOUT" }, { code: "REPLICA_DOWN" }]);
  t.end();
});

t.test("a get behind a put of its set waits for the decision and reads the new value", (t) => {
  const { put, get, ready, results } = scene();
  put("k", "new");
  get("k");
  t.strictSame(results, []);
  ready("1.1");
  t.strictSame(results, [
    { ok: true, opId: "1.1" },
    { ok: true, value: "new", opId: "1.1" },
  ]);
  t.end();
});

t.test("a put behind a get of its set waits, so a late answer can never fill the cache over a newer value", (t) => {
  const { put, get, ready, answer, primary, sent, results } = scene();
  get("k");
  put("k", "new");
  t.notOk(sent.some(([, message]) => message.type === "putreq"));
  answer(primary, "old", "0.9");
  ready("1.1");
  get("k");
  t.match(results, [{ value: "old" }, { opId: "1.1" }, { value: "new", opId: "1.1" }]);
  t.end();
});

t.test("a committed value that left the cache is read from the pinned op until both have acknowledged", (t) => {
  const { core, put, get, ready, results, asked } = scene({ cacheWays: 1 });
  put("k", "v");
  ready("1.1");
  put("other", "x");
  ready("1.2");
  get("k");
  t.match(results.at(-1), { ok: true, value: "v", opId: "1.1" });
  t.strictSame(asked(), []);
  for (const slave of [LEFT, RIGHT]) core.receive(slave, { type: "ack", opId: op("1.1") });
  get("other");
  get("k");
  t.equal(asked().length, 1, "now the replica is asked");
  t.end();
});

t.test("an older outcome that a replica reports again does not hide a newer value", (t) => {
  const { core, put, get, ready, answer, primary, results } = scene();
  put("k", "v");
  ready("1.1");
  core.unlink(LEFT);
  const replicas: [SlaveId, SlaveId] = [LEFT, RIGHT];
  const entry: Unresolved = {
    type: "unresolved",
    opId: op("0.9"),
    kind: "del",
    key: "k",
    replicas,
    state: "committed",
  };
  core.link(LEFT, [entry], op("1.1"));
  get("k");
  if (results.length < 2) answer(primary, "v");
  t.match(results, [{ ok: true }, { ok: true, value: "v", opId: "1.1" }]);
  t.end();
});

t.test("a slave whose disk lacks an op that it has voted for is not linked, and its report counts for nothing", (t) => {
  const { core, put, ready, sent } = scene();
  put("k", "v");
  ready("1.1");
  core.unlink(LEFT);
  const replicas: [SlaveId, SlaveId] = [LEFT, RIGHT];
  const entry: Unresolved = { type: "unresolved", opId: op("0.9"), kind: "put", key: "x", replicas, state: "aborted" };
  const before = sent.length;
  t.equal(core.link(LEFT, [entry], op("0.9")), false);
  t.equal(core.isLinked(LEFT), false);
  t.strictSame(
    [...core.openOps].map(({ opId }) => opId),
    ["1.1"],
  );
  t.equal(sent.length, before);
  t.equal(core.link(LEFT, [], op("1.1")), true, "its own disk is taken");
  t.strictSame(sent.at(-1), [LEFT, { type: "commit", opId: "1.1" }]);
  t.end();
});

t.test("a slave whose disk lacks an op of its earlier report is not linked", (t) => {
  const { core } = scene();
  core.unlink(LEFT);
  t.equal(core.link(LEFT, [], op("0.9")), true);
  core.unlink(LEFT);
  t.equal(core.link(LEFT, [], op("0.8")), false);
  t.end();
});

t.test("a slave on whose disk an op is PREPARED that it has acknowledged is not linked", (t) => {
  const { core, put, ready } = scene();
  const replicas: [SlaveId, SlaveId] = [LEFT, RIGHT];
  const entry: Unresolved = { type: "unresolved", opId: op("1.1"), kind: "put", key: "k", replicas, state: "prepared" };
  put("k", "v");
  ready("1.1");
  const comesBack = () => {
    core.unlink(LEFT);
    return core.link(LEFT, [entry], op("1.1"));
  };
  t.equal(comesBack(), true, "it has not acknowledged the decision");
  core.receive(LEFT, { type: "ack", opId: op("1.1") });
  t.equal(comesBack(), false, "the other replica has not acknowledged yet");
  core.receive(RIGHT, { type: "ack", opId: op("1.1") });
  t.equal(comesBack(), false, "the op is forgotten");
  core.unlink(LEFT);
  t.equal(core.link(LEFT, [{ ...entry, state: "committed" }], op("1.1")), true, "it only missed that it may forget");
  t.end();
});

t.test("a slave that leaves a ring that is still forming may be followed by one with an empty disk", (t) => {
  const { core } = scene();
  core.unlink(LEFT);
  core.link(LEFT, [], op("0.9"));
  core.unlink(LEFT);
  core.withdraw(LEFT);
  t.equal(core.link(LEFT, [], OP_NONE), true);
  t.end();
});

t.test("a deleted key is not found while the replicas lag", (t) => {
  const { core, get, ready, results, asked } = scene();
  core.update({ kind: "del", key: "k", value: undefined }, (result) => results.push(result));
  ready("1.1");
  get("k");
  t.match(results, [{ ok: true }, { code: "KEY_NOT_FOUND" }]);
  t.strictSame(asked(), []);
  t.end();
});

t.test("a refused put leaves the cache as it was", (t) => {
  const { core, put, get, ready, results } = scene();
  put("k", "v1");
  ready("1.1");
  put("k", "v2");
  for (const slave of [LEFT, RIGHT]) {
    core.receive(slave, { type: "abort", opId: op("1.2"), code: "STORAGE", message: "disk full" });
  }
  get("k");
  t.match(results, [
    { ok: true },
    { code: "STORAGE", message: `@${LEFT} := disk full; @${RIGHT} := disk full` },
    { value: "v1" },
  ]);
  t.end();
});

t.test("updates of different sets run side by side; with `serial` one after the other", (t) => {
  const prepares = (serial: boolean) => {
    const { put, sent, ready } = scene({ serial, cacheSets: 4_096 });
    put("a", "1");
    put("b", "2");
    const before = sent.filter(([, message]) => message.type === "putreq").length;
    ready("1.1");
    return [before, sent.filter(([, message]) => message.type === "putreq").length];
  };
  t.strictSame(prepares(false), [4, 4]);
  t.strictSame(prepares(true), [2, 4]);
  t.end();
});

t.test("before the ring is complete every request fails with RING_INCOMPLETE", (t) => {
  const core = new MasterCore(
    {
      epoch: "1" as Epoch,
      hash: HASHES.xxh64,
      cacheSets: 1,
      cacheWays: 1,
      prepareTimeoutMs: 1,
      readTimeoutMs: 1,
      serial: false,
    },
    { send: () => undefined, isBehind: () => false },
    NO_OBSERVER,
  );
  const codes: unknown[] = [];
  const note = (result: { ok: boolean; code?: string }) => codes.push(result.code);
  core.get("k", note);
  core.update({ kind: "put", key: "k", value: "v" }, note);
  core.keys({ prefix: "", after: "", limit: 1 }, note);
  t.strictSame(codes, ["RING_INCOMPLETE", "RING_INCOMPLETE", "RING_INCOMPLETE"]);
  t.equal(core.locate("k"), undefined);
  t.end();
});

t.test("a value too large for the cache is served by the replica, and replaces a cached one", (t) => {
  const { core, put, get, ready, results, asked } = scene();
  put("k", "small");
  ready("1.1");
  put("k", "x".repeat(16_385));
  ready("1.2");
  for (const slave of [LEFT, RIGHT]) core.receive(slave, { type: "ack", opId: op("1.2") });
  get("k");
  t.equal(asked().length, 1);
  t.equal(results.length, 2, "the stale small value is not served");
  t.end();
});

t.test("a full lock queue refuses with OVERLOADED", (t) => {
  const { put, get, results } = scene();
  put("k", "v");
  for (let n = 0; n < 4_096; n++) get("k");
  get("k");
  t.match(results, [{ code: "OVERLOADED" }]);
  t.end();
});

t.test("a page of a slave's cache is asked of the slave; only its own answer counts", (t) => {
  const { core, sent } = scene();
  const results: unknown[] = [];
  core.ask(LEFT, { type: "cachereq", from: 3, count: 2 }, (result) => results.push(result));
  t.match(sent, [[LEFT, { type: "cachereq", id: 0, from: 3, count: 2 }]]);
  const page = { sets: 8, ways: 2, used: 0, hits: 1, misses: 2, evictions: 0, contents: [], more: false };
  core.receive(RIGHT, { type: "cache", id: 0, ...page });
  t.strictSame(results, []);
  core.receive(LEFT, { type: "cache", id: 0, ...page });
  core.receive(LEFT, { type: "cache", id: 0, ...page });
  t.strictSame(results, [{ ok: true, answer: { type: "cache", id: 0, ...page } }]);
  t.end();
});

t.test("a page of a slave's cache is REPLICA_DOWN without the slave, and TIMEOUT when it stays silent", (t) => {
  const { core } = scene();
  const codes: unknown[] = [];
  const ask = (slave: SlaveId) =>
    core.ask(slave, { type: "cachereq", from: 0, count: 1 }, (result) => codes.push(result.ok ? "ok" : result.code));
  ask(LEFT);
  core.tick(999);
  t.strictSame(codes, []);
  core.tick(1_000);
  t.strictSame(codes, ["TIMEOUT"]);
  ask(LEFT);
  core.unlink(LEFT);
  ask(LEFT);
  t.strictSame(codes, ["TIMEOUT", "REPLICA_DOWN", "REPLICA_DOWN"]);
  t.end();
});

t.test(
  "the observer hears that the client was told: of a commit at the decision, of a refusal with its reason",
  (t) => {
    const heard: string[] = [];
    const { core, put, ready } = scene(
      {},
      {
        ...NO_OBSERVER,
        opDecided: ({ opId }, outcome) => heard.push(`${opId} ${outcome}`),
        opAnswered: ({ opId }, refusal) => heard.push(`${opId} answered ${refusal?.code ?? "yes"}`),
        opSettled: ({ opId }) => heard.push(`${opId} settled`),
      },
    );
    put("k", "v");
    ready("1.1");
    t.strictSame(heard.splice(0), ["1.1 commit", "1.1 answered yes"]);
    put("other", "v");
    for (const slave of [LEFT, RIGHT]) {
      core.receive(slave, { type: "abort", opId: op("1.2"), code: "STORAGE", message: "no room" });
    }
    t.strictSame(heard, ["1.2 abort", "1.2 answered STORAGE", "1.2 settled"]);
    t.end();
  },
);
