import t from "tap";
import type { Epoch, SlaveId } from "../../../src/protocol/ids.js";
import type { RegisterRequest } from "../../../src/protocol/messages.js";
import { Roster } from "../../../src/server/master/roster.js";
import { FakeConnection } from "../fake-connection.js";

const request = (id: string, storeId = `store of ${id}`): RegisterRequest => ({
  type: "register",
  slaveId: id as SlaveId,
  port: 40_000,
  storeId,
  epochSeen: "0" as Epoch,
});
const address = (port = 40_000) => ({ host: "127.0.0.1", port });

t.test("takes members until the ring has all, in ring order", (t) => {
  const roster = new Roster(2, []);
  roster.admit(request("9"), address());
  t.equal(roster.isComplete, false);
  roster.admit(request("10"), address());
  t.equal(roster.isComplete, true);
  t.strictSame(
    roster.members.map(({ id }) => id),
    ["9", "10"],
    "by value, not by text",
  );
  t.throws(() => roster.admit(request("11"), address()), { code: "RING_FULL", message: /9, 10/ });
  t.end();
});

t.test("refuses a second running slave with the same ID, and says what to do", (t) => {
  const roster = new Roster(2, []);
  const member = roster.admit(request("9"), address());
  member.registration = new FakeConnection();
  member.address = address();
  t.throws(() => roster.admit(request("9", "another disk"), address(40_001)), {
    code: "DUPLICATE_ID",
    message: /another --id/,
  });
  t.throws(() => roster.admit(request("9"), address(40_001)), { code: "DUPLICATE_ID" }, "a copy of its directory");
  t.equal(roster.admit(request("9"), address()), member, "the same process may register again");
  t.end();
});

t.test("lets a slave come back with its own store only, as it was when it was linked last or later", (t) => {
  const roster = new Roster(2, [
    { slaveId: "9" as SlaveId, storeId: "store of 9", epoch: "3" as Epoch },
    { slaveId: "10" as SlaveId, storeId: "store of 10", epoch: "3" as Epoch },
  ]);
  t.equal(roster.isComplete, true);
  const seen = (epochSeen: string) => ({ ...request("9"), epochSeen: epochSeen as Epoch });
  t.equal(roster.admit(seen("3"), address(40_007)).id, "9");
  t.equal(roster.admit(seen("10"), address(40_007)).id, "9", "it has met masters that this one knows nothing of");
  t.throws(() => roster.admit(seen("2"), address()), { code: "STORAGE", message: /old copy.*epoch 2.*linked in 3/ });
  t.throws(() => roster.admit(request("10", "a new disk"), address()), { code: "STORAGE", message: /another store/ });
  t.end();
});

t.test("while the ring is forming a lost slave's place is free again, afterwards it is not", (t) => {
  const roster = new Roster(2, []);
  roster.withdraw(roster.admit(request("9"), address()));
  t.strictSame(roster.members, []);
  const member = roster.admit(request("10"), address());
  roster.freeze();
  roster.withdraw(member);
  t.equal(roster.members.length, 1);
  t.end();
});
