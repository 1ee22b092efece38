import t from "tap";
import { Coordinator } from "../../../src/core/two-phase-commit/coordinator.js";
import type { Epoch, OpId, SlaveId } from "../../../src/protocol/ids.js";
import type { ParticipantState, ToSlave, Unresolved } from "../../../src/protocol/messages.js";

/** What two masters of epoch 1 have called by the same name, each with slaves of its own. */
const OP = "1.7" as OpId;
const FIRST = ["1", "2"] as [SlaveId, SlaveId];
const SECOND = ["3", "4"] as [SlaveId, SlaveId];

function entry(replicas: [SlaveId, SlaveId], state: ParticipantState): Unresolved {
  return { type: "unresolved", opId: OP, kind: "put", key: `key of ${replicas[0]}`, replicas, state };
}

/** The coordinator of the master that comes after both. */
function scene() {
  const sent: [slave: SlaveId, type: ToSlave["type"]][] = [];
  const nothing = () => undefined;
  const coordinator = new Coordinator(
    { epoch: "2" as Epoch, prepareTimeoutMs: 1_000 },
    {
      send: (slave, message) => sent.push([slave, message.type]),
      onBegan: nothing,
      onVoted: nothing,
      onDecided: nothing,
      onRefused: nothing,
      onAcked: nothing,
      onSettled: nothing,
    },
  );
  const report = (slave: SlaveId, reported?: Unresolved) =>
    coordinator.link(slave, reported === undefined ? [] : [reported], OP);
  /** Takes what was sent since it was asked last. */
  const told = () => sent.splice(0).map(([slave, type]) => `${slave} ${type}`);
  return { coordinator, report, told };
}

t.test("two ops that two masters of one epoch gave the same ID are decided and settled apart", (t) => {
  const { coordinator, report, told } = scene();
  report(FIRST[0], entry(FIRST, "prepared"));
  report(SECOND[0], entry(SECOND, "prepared"));
  t.equal(coordinator.openCount, 2);
  t.ok(coordinator.isInDoubt("key of 1"));
  t.ok(coordinator.isInDoubt("key of 3"));
  report(SECOND[1], entry(SECOND, "prepared"));
  t.strictSame(told(), ["3 commit", "4 commit"]);
  report(FIRST[1]);
  t.strictSame(told(), ["1 abort", "2 abort"]);
  for (const slave of FIRST) coordinator.acked(slave, OP);
  t.strictSame(told(), ["1 forget", "2 forget"]);
  t.equal(coordinator.openCount, 1);
  coordinator.unlink(SECOND[1]);
  report(SECOND[1], entry(SECOND, "prepared"));
  t.strictSame(told(), ["4 commit"], "the decision comes again");
  for (const slave of SECOND) coordinator.acked(slave, OP);
  t.strictSame(told(), ["3 forget", "4 forget"]);
  t.equal(coordinator.openCount, 0);
  t.end();
});

t.test("the op that came second may be settled first", (t) => {
  const { coordinator, report, told } = scene();
  report(FIRST[0], entry(FIRST, "committed"));
  report(SECOND[0], entry(SECOND, "aborted"));
  for (const slave of [...SECOND, ...FIRST]) if (!coordinator.isLinked(slave)) report(slave);
  told();
  for (const slave of SECOND) coordinator.acked(slave, OP);
  t.strictSame(told(), ["3 forget", "4 forget"]);
  for (const slave of FIRST) coordinator.acked(slave, OP);
  t.strictSame(told(), ["1 forget", "2 forget"]);
  t.equal(coordinator.openCount, 0);
  t.end();
});
