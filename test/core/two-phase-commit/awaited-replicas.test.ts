import t from "tap";
import { Coordinator, type Op, awaitedReplicas } from "../../../src/core/two-phase-commit/coordinator.js";
import { type Epoch, OP_NONE, type OpId, type SlaveId } from "../../../src/protocol/ids.js";

const LEFT = "1" as SlaveId;
const RIGHT = "2" as SlaveId;

/** A coordinator of epoch 2, and the ops that it has told of, with the state in which they began. */
function scene() {
  const ops: Op[] = [];
  const began: Op["state"][] = [];
  const nothing = () => undefined;
  const coordinator = new Coordinator(
    { epoch: "2" as Epoch, prepareTimeoutMs: 1_000 },
    {
      send: nothing,
      onBegan: (op) => {
        ops.push(op);
        began.push(op.state);
      },
      onVoted: nothing,
      onDecided: nothing,
      onRefused: nothing,
      onAcked: nothing,
      onSettled: nothing,
    },
  );
  const awaited = () => ops.map((op) => [op.state, ...awaitedReplicas(op)]);
  return { coordinator, began, awaited };
}

t.test("an update waits for the votes, then for the acks, that are missing", (t) => {
  const { coordinator, began, awaited } = scene();
  coordinator.link(LEFT, [], OP_NONE);
  coordinator.link(RIGHT, [], OP_NONE);
  const opId = coordinator.begin({ kind: "put", key: "k", value: "v" }, [LEFT, RIGHT]);
  t.strictSame(began, ["preparing"]);
  t.strictSame(awaited(), [["preparing", LEFT, RIGHT]]);
  coordinator.voteReady(LEFT, opId);
  t.strictSame(awaited(), [["preparing", RIGHT]]);
  coordinator.voteReady(RIGHT, opId);
  t.strictSame(awaited(), [["committed", LEFT, RIGHT]]);
  coordinator.acked(RIGHT, opId);
  t.strictSame(awaited(), [["committed", LEFT]]);
  coordinator.acked(LEFT, opId);
  t.strictSame(awaited(), [["committed"]]);
  t.end();
});

t.test("an update taken over in doubt waits for the replica that has not reported", (t) => {
  const { coordinator, began, awaited } = scene();
  const opId = "1.7" as OpId;
  const replicas: [SlaveId, SlaveId] = [LEFT, RIGHT];
  const entry = { type: "unresolved", opId, kind: "put", key: "k", replicas, state: "prepared" } as const;
  coordinator.link(RIGHT, [entry], opId);
  t.strictSame(began, ["in-doubt"]);
  t.strictSame(awaited(), [["in-doubt", LEFT]]);
  coordinator.link(LEFT, [entry], opId);
  t.strictSame(awaited(), [["committed", LEFT, RIGHT]]);
  t.end();
});
