import t from "tap";
import type { LogRecord } from "../../../src/core/log-record.js";
import type { StoreWrite } from "../../../src/core/store.js";
import { Participant } from "../../../src/core/two-phase-commit/participant.js";
import { RingkvError } from "../../../src/protocol/errors.js";
import type { Epoch, OpId, SlaveId } from "../../../src/protocol/ids.js";
import type { FromSlave, Prepare } from "../../../src/protocol/messages.js";

const REPLICAS: [SlaveId, SlaveId] = ["1" as SlaveId, "2" as SlaveId];
const op = (opId: string) => opId as OpId;
const put = (opId: string, key: string, value: string): Prepare => ({
  type: "putreq",
  opId: op(opId),
  key,
  value,
  replicas: REPLICAS,
});
const del = (opId: string, key: string): Prepare => ({ type: "delreq", opId: op(opId), key, replicas: REPLICAS });

/** Reading this key fails, as from a store that is being opened again. */
const UNREADABLE = "unreadable";

/** A participant over a log in memory. */
function scene(recovered: readonly LogRecord[] = []) {
  const log: LogRecord[] = [...recovered];
  const sent: FromSlave[] = [];
  const applied: StoreWrite[] = [];
  const store = new Map<string, string>();
  const participant = new Participant(recovered, {
    append: (record) => log.push(record),
    send: (message) => sent.push(message),
    apply(write) {
      applied.push(write);
      if (write.value === undefined) store.delete(write.key);
      else store.set(write.key, write.value);
    },
    holds(key) {
      if (key === UNREADABLE) throw new RingkvError("STORAGE");
      return store.has(key);
    },
    refusalOf: (record) => (record.value === "too much" ? ["STORAGE", "no room"] : undefined),
  });
  const force = () => participant.durable(log.length);
  const types = () => sent.map(({ type }) => type);
  return { participant, log, sent, types, applied, store, force };
}

t.test("the vote leaves only when PREPARED is forced, and several votes leave with one force, in order", (t) => {
  const { participant, sent, force } = scene();
  participant.prepare(put("1.1", "a", "x"));
  participant.prepare(put("1.2", "b", "y"));
  t.strictSame(sent, []);
  force();
  t.strictSame(sent, [
    { type: "ready", opId: "1.1" },
    { type: "ready", opId: "1.2" },
  ]);
  t.end();
});

t.test("a del whose key cannot be looked up is voted down with the store's code, and leaves no record", (t) => {
  const { participant, sent, log } = scene();
  participant.prepare(del("1.1", UNREADABLE));
  t.match(sent, [{ type: "abort", opId: "1.1", code: "STORAGE" }]);
  t.strictSame(log, []);
  t.end();
});

t.test("a commit is applied at once, and acknowledged when COMMITTED is forced", (t) => {
  const { participant, store, types, force } = scene();
  participant.prepare(put("1.1", "a", "x"));
  force();
  participant.decide(op("1.1"), "committed");
  t.equal(store.get("a"), "x");
  t.strictSame(types(), ["ready"]);
  force();
  t.strictSame(types(), ["ready", "ack"]);
  t.end();
});

t.test("an aborted op is not applied", (t) => {
  const { participant, applied, types, force } = scene();
  participant.prepare(put("1.1", "a", "x"));
  participant.decide(op("1.1"), "aborted");
  force();
  t.strictSame(applied, []);
  t.strictSame(types(), ["ready", "ack"]);
  t.end();
});

t.test("what cannot be done is refused at once and leaves no record", (t) => {
  const { participant, log, sent, force } = scene();
  participant.prepare(del("1.1", "missing"));
  participant.prepare(put("1.2", "a", "too much"));
  t.match(sent, [
    { type: "abort", opId: "1.1", code: "KEY_NOT_FOUND" },
    { type: "abort", opId: "1.2", code: "STORAGE" },
  ]);
  t.strictSame(log, []);
  participant.prepare(put("1.3", "a", "x"));
  force();
  participant.prepare(put("1.4", "a", "y"));
  t.match(sent.at(-1), { type: "abort", opId: "1.4", code: "IN_DOUBT" }, "an op of the key is open");
  t.end();
});

t.test("a decision is acknowledged again without effect, and so is one for an op without a record", (t) => {
  const { participant, log, applied, types, force } = scene();
  participant.prepare(put("1.1", "a", "x"));
  participant.decide(op("1.1"), "committed");
  participant.decide(op("1.1"), "committed");
  participant.decide(op("9.9"), "aborted");
  t.strictSame(types(), ["ack"], "the one without a record needs no force");
  force();
  t.strictSame(types(), ["ack", "ready", "ack", "ack"]);
  t.equal(applied.length, 1);
  t.equal(log.length, 2);
  t.end();
});

t.test("a decision that contradicts an earlier one is refused", (t) => {
  const { participant } = scene();
  participant.prepare(put("1.1", "a", "x"));
  participant.decide(op("1.1"), "committed");
  t.throws(() => participant.decide(op("1.1"), "aborted"), { code: "BAD_REQUEST" });
  t.end();
});

t.test("an older epoch is refused; a newer one drops what was still to be said and waits for its force", (t) => {
  const { participant, types, force } = scene();
  let reports = 0;
  t.equal(
    participant.openEpoch("5" as Epoch, "m5", () => (reports += 1)),
    true,
  );
  t.equal(reports, 0);
  force();
  t.equal(reports, 1);
  participant.prepare(put("5.1", "a", "x"));
  t.equal(
    participant.openEpoch("4" as Epoch, "m4", () => t.fail("an old master is heard")),
    false,
  );
  participant.openEpoch("6" as Epoch, "m6", () => (reports += 1));
  force();
  t.strictSame(types(), [], "the vote belonged to the old connection");
  t.equal(reports, 2);
  t.match(participant.openOps, [{ opId: "5.1", state: "prepared" }]);
  t.equal(participant.epochSeen, "6");
  t.end();
});

t.test("in one epoch the first master is obeyed and no other, also after a restart and a checkpoint", (t) => {
  const { participant, log } = scene();
  const open = (heard: Participant, epoch: string, masterId: string) =>
    heard.openEpoch(epoch as Epoch, masterId, () => undefined);
  t.equal(open(participant, "5", "first"), true);
  const lives = [participant, scene(log).participant, scene(participant.carriedOver).participant];
  for (const life of lives) {
    t.equal(open(life, "5", "second"), false);
    t.equal(open(life, "5", "first"), true, "the same master connects again");
    t.equal(open(life, "6", "second"), true, "its next life takes a higher epoch");
    t.equal(open(life, "6", "first"), false);
  }
  t.end();
});

t.test("the newest op prepared is known after restarts and checkpoints, also when it is forgotten", (t) => {
  const before = scene();
  t.equal(before.participant.newest, "0.0");
  before.participant.openEpoch("3" as Epoch, "m3", () => undefined);
  before.participant.prepare(put("3.9", "a", "x"));
  before.participant.prepare(put("3.10", "b", "y"));
  before.participant.prepare(del("3.11", "missing"));
  for (const opId of ["3.9", "3.10"]) {
    before.participant.decide(op(opId), "aborted");
    before.participant.forget(op(opId));
  }
  t.equal(before.participant.newest, "3.10", "what was refused left no record");
  t.equal(scene(before.log).participant.newest, "3.10");
  const { carriedOver } = before.participant;
  t.strictSame(carriedOver, [{ type: "epoch", epoch: "3", masterId: "m3", newest: "3.10" }]);
  const after = scene(carriedOver);
  t.equal(after.participant.newest, "3.10");
  after.participant.openEpoch("4" as Epoch, "m4", () => undefined);
  t.match(after.log.at(-1), { type: "epoch", newest: "3.10" }, "the record that a welcome waits for tells it");
  t.end();
});

t.test("recovery gives back epoch, open ops and data; an outcome is remembered until it may be forgotten", (t) => {
  const before = scene();
  before.participant.openEpoch("3" as Epoch, "m3", () => undefined);
  before.participant.prepare(put("3.1", "a", "x"));
  before.participant.prepare(put("3.2", "b", "y"));
  before.participant.prepare(put("3.3", "c", "z"));
  before.participant.decide(op("3.1"), "committed");
  before.participant.decide(op("3.2"), "aborted");
  const after = scene(before.log);
  t.equal(after.participant.epochSeen, "3");
  t.strictSame(
    after.participant.openOps.map(({ opId, state }) => `${opId} ${state}`),
    ["3.1 committed", "3.2 aborted", "3.3 prepared"],
  );
  t.strictSame([...after.store], [["a", "x"]]);
  after.participant.forget(op("3.1"));
  after.participant.forget(op("3.3"));
  t.strictSame(
    scene(after.log).participant.openOps.map(({ opId }) => opId),
    ["3.2", "3.3"],
    "a prepared op is never forgotten",
  );
  t.end();
});

t.test("what a checkpoint carries over gives the same open ops back, and applies nothing again", (t) => {
  const before = scene();
  before.participant.openEpoch("3" as Epoch, "m3", () => undefined);
  before.participant.prepare(put("3.1", "a", "old"));
  before.participant.decide(op("3.1"), "committed");
  before.participant.prepare(del("3.2", "a"));
  before.participant.decide(op("3.2"), "committed");
  before.participant.forget(op("3.2"));
  before.participant.prepare(put("3.3", "b", "open"));
  const after = scene(before.participant.carriedOver);
  t.strictSame(after.participant.openOps, before.participant.openOps);
  t.strictSame(
    after.participant.openOps.map(({ state }) => state),
    ["committed", "prepared"],
  );
  t.strictSame(after.applied, [], "the deleted key does not come back");
  t.equal(after.participant.epochSeen, "3");
  after.participant.decide(op("3.3"), "committed");
  t.equal(after.store.get("b"), "open", "a carried-over prepared op has its value");
  t.end();
});
