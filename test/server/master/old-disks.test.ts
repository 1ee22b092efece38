import t from "tap";
import { RingkvError } from "../../../src/protocol/errors.js";
import type { SlaveId } from "../../../src/protocol/ids.js";
import { ScriptedRing, member, until } from "./scripted-ring.js";

const KNOWN = [member("1", "4"), member("2", "4")];

t.test("a member's epoch is written down before its link is used, and once only", async (t) => {
  const writes: (() => void)[] = [];
  const ring = new ScriptedRing(KNOWN, () => new Promise((done) => writes.push(done)));
  const registration = await ring.register({ id: "1", epochSeen: "4" });
  await until(() => writes.length > 0);
  t.strictSame(ring.saved, [{ epoch: "5", members: [member("1", "5"), member("2", "4")] }]);
  t.equal(ring.isLinked("1"), false);
  writes[0]?.();
  await until(() => ring.isLinked("1"));

  ring.master.unregister("1" as SlaveId, registration);
  t.equal(ring.isLinked("1"), false);
  await ring.register({ id: "1", epochSeen: "5" });
  await until(() => ring.isLinked("1"));
  t.equal(ring.saved.length, 1);
});

t.test(
  "a slave that comes again while its epoch is being written is linked when it is written, and not before",
  async (t) => {
    const writes: (() => void)[] = [];
    const ring = new ScriptedRing(KNOWN, () => new Promise((done) => writes.push(done)));
    const registration = await ring.register({ id: "1", epochSeen: "4" });
    await until(() => writes.length > 0);
    ring.master.unregister("1" as SlaveId, registration);
    const again = await ring.register({ id: "1", epochSeen: "5" });
    await ring.register({ id: "2", epochSeen: "4" });
    await until(() => writes.length > 1);
    t.strictSame(ring.saved[1]?.members, [member("1", "5"), member("2", "5")], "the later record has both");
    t.equal(ring.isLinked("1"), false);
    for (const done of writes) done();
    await until(() => ring.isLinked("1") && ring.isLinked("2"));
    t.equal(again.isDestroyed, false);
    t.equal(ring.log.filter((line) => line.startsWith("slave s1 is up")).length, 1, "the first link was never used");
  },
);

t.test("a slave that is lost while its epoch is being written is not linked", async (t) => {
  const writes: (() => void)[] = [];
  const ring = new ScriptedRing(KNOWN, () => new Promise((done) => writes.push(done)));
  const registration = await ring.register({ id: "1", epochSeen: "4" });
  await until(() => writes.length > 0);
  ring.master.unregister("1" as SlaveId, registration);
  writes[0]?.();
  await ring.register({ id: "2", epochSeen: "4" });
  await until(() => writes.length > 1);
  writes[1]?.();
  await until(() => ring.isLinked("2"));
  t.equal(ring.isLinked("1"), false);
});

t.test("a master that cannot write a member's epoch stops and does not use the link", async (t) => {
  const ring = new ScriptedRing(KNOWN, () => Promise.reject(new RingkvError("STORAGE", "the disk is full")));
  await ring.register({ id: "1", epochSeen: "4" });
  await until(() => ring.fatal.length > 0);
  t.match(ring.fatal, [{ code: "STORAGE", cause: { message: "the disk is full" } }]);
  t.equal(ring.isLinked("1"), false);
});

t.test(
  "a ring that completes writes its members with this epoch; an older disk of one is refused from then on",
  async (t) => {
    const ring = new ScriptedRing([]);
    const registration = await ring.register({ id: "1" });
    await until(() => ring.isLinked("1"));
    t.strictSame(ring.saved, [], "a ring that is forming writes nothing");
    await ring.register({ id: "2" });
    await until(() => ring.master.core.ring !== undefined);
    t.strictSame(ring.saved, [{ epoch: "5", members: [member("1", "5"), member("2", "5")] }]);

    ring.master.unregister("1" as SlaveId, registration);
    await t.rejects(ring.register({ id: "1", epochSeen: "4" }), { code: "STORAGE", message: /old copy/ });
    await ring.register({ id: "1", epochSeen: "5" });
    await until(() => ring.isLinked("1"));
  },
);

t.test("a slave whose report shows an old disk is told STORAGE and is not linked; its own disk is taken", async (t) => {
  const ring = new ScriptedRing(KNOWN);
  const registration = await ring.register({ id: "1", epochSeen: "4", newest: "4.17" });
  await until(() => ring.isLinked("1"));
  ring.master.unregister("1" as SlaveId, registration);

  const refused = await ring.register({ id: "1", epochSeen: "5", newest: "4.16" });
  await until(() => refused.isEnded);
  t.match(refused.sent, [{ type: "resp", code: "STORAGE", retriable: false, message: /old copy.*4\.16/ }]);
  t.equal(refused.isDestroyed, false, "what it is told reaches it");
  t.equal(ring.isLinked("1"), false);
  t.match(ring.log.at(-1), /slave s1 is down: .*old copy/);

  await ring.register({ id: "1", epochSeen: "5", newest: "4.17" });
  await until(() => ring.isLinked("1"));
});

t.test(
  "a master whose epoch a slave knows from another master stops, and its next life takes a higher one",
  async (t) => {
    for (const epochSeen of ["5", "8"]) {
      const ring = new ScriptedRing(KNOWN);
      await ring.register({ id: "2", epochSeen: "4" });
      await until(() => ring.isLinked("2"));
      await ring.register({ id: "1", epochSeen: "4", refusesIn: epochSeen });
      await until(() => ring.fatal.length > 0);
      t.match(ring.fatal, [{ code: "STALE_EPOCH" }]);
      t.equal(ring.master.stopping, true);
      t.strictSame(ring.saved.at(-1), { epoch: epochSeen, members: [member("1", "4"), member("2", "5")] });
    }
  },
);

t.test("a master that is fenced forgets neither the newer epoch nor a ring that it has completed itself", async (t) => {
  const ring = new ScriptedRing([]);
  const registration = await ring.register({ id: "1" });
  await ring.register({ id: "2" });
  await until(() => ring.master.core.ring !== undefined);
  ring.master.unregister("1" as SlaveId, registration);
  await t.rejects(ring.register({ id: "1", epochSeen: "9" }), { code: "STALE_EPOCH" });
  await until(() => ring.fatal.length > 0);
  t.strictSame(ring.saved.at(-1), { epoch: "9", members: [member("1", "5"), member("2", "5")] });
});
