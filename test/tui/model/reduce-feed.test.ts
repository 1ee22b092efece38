import t from "tap";
import type { SlaveId } from "../../../src/protocol/ids.js";
import type { HeldStep } from "../../../src/protocol/messages.js";
import { NOTHING_KNOWN, opOf } from "../../../src/tui/model/feed-model.js";
import { heard, modelOf } from "../../../src/tui/model/reduce-feed.js";
import { IDS, OP, START, counted, event, metrics, putBegun, putFinished, slaveStatus, snapshot } from "../sample.js";

const WHOLE = modelOf([{ type: "connected" }, snapshot()]);

t.test("before anything is heard the model is connecting and empty", (t) => {
  t.strictSame(NOTHING_KNOWN.connection, { state: "connecting" });
  t.equal(NOTHING_KNOWN.slaves.length, 0);
  t.end();
});

t.test("a snapshot fills the model", (t) => {
  t.strictSame(WHOLE.connection, { state: "live" });
  t.strictSame(
    WHOLE.slaves.map(({ name, state }) => `${name} ${state}`),
    ["s1 up", "s2 up", "s3 up", "s4 up", "s5 up", "s6 up"],
  );
  t.equal(WHOLE.info?.epoch, "12");
  t.end();
});

t.test("what is heard changes no model that was before", (t) => {
  const before = structuredClone(WHOLE);
  heard(WHOLE, [...putBegun(10), counted(250, 10), event(300, "log", { level: "info", text: "x" })], 5);
  t.strictSame(WHOLE, before);
  t.end();
});

t.test("a slave's event changes that slave, keeps its traffic and marks the timeline", (t) => {
  const busy = heard(WHOLE, [counted(250, 7)], 0);
  const model = heard(busy, [event(400, "slave", { slave: slaveStatus(4, { state: "down" }) })], 0);
  t.equal(model.slaves[4]?.state, "down");
  t.equal(model.slaves[4]?.stateSince, START + 400);
  t.strictSame(model.slaves[4]?.opsBySecond, [7]);
  t.strictSame(model.traffic.seconds.at(-1)?.marks, ["down"]);
  t.end();
});

t.test("an update is gathered from its events, with when each was heard", (t) => {
  const begun = heard(WHOLE, putBegun(10), 1_000);
  t.match(begun.ops.at(-1), { opId: OP, state: "preparing", isSettled: false, replicas: [IDS[2], IDS[3]] });
  t.equal(begun.ops.at(-1)?.steps.at(-1)?.heardMs, 1_000);
  const settled = heard(begun, putFinished(14), 2_000);
  t.match(settled.ops.at(-1), { state: "committed", isSettled: true });
  t.strictSame(
    settled.ops.at(-1)?.steps.map(({ phase }) => phase),
    ["begin", "vote", "vote", "decision", "answered", "ack", "ack", "settled"],
  );
  t.end();
});

t.test("an update whose begin was not heard is left out", (t) => {
  t.equal(heard(WHOLE, putFinished(14), 0).ops.length, 0);
  t.end();
});

t.test("begin and decision of an update are lines of the master's log", (t) => {
  const { lines } = heard(WHOLE, [...putBegun(10), ...putFinished(14)], 0).logs;
  t.strictSame(
    lines.map(({ source, text }) => `${source} ${text}`),
    [`master begin 12.17 put "user:42" → s3, s4`, `master commit 12.17 put "user:42" (4.3 ms)`],
  );
  t.end();
});

t.test("log lines keep their source and are numbered", (t) => {
  const line = { level: "warn", text: "disk slow" } as const;
  const { logs } = heard(WHOLE, [event(1, "log", line), event(2, "log", { slave: IDS[1], ...line })], 0);
  t.strictSame(
    logs.lines.map(({ seq, source }) => [seq, source]),
    [
      [0, "master"],
      [1, IDS[1]],
    ],
  );
  t.end();
});

t.test("a lost master keeps what was known, with the reason, and marks the timeline once", (t) => {
  const live = heard(WHOLE, [counted(250, 1)], 0);
  const lost = heard(live, [{ type: "lost", reason: "refused" }], 77);
  t.strictSame(lost.connection, { state: "lost", reason: "refused", sinceMs: 77 });
  t.equal(lost.slaves.length, 6);
  t.strictSame(lost.traffic.seconds.at(-1)?.marks, ["lost"]);
  const again = heard(lost, [{ type: "lost", reason: "still" }], 99);
  t.match(again.connection, { sinceMs: 77 });
  t.end();
});

t.test("the snapshot after a reconnect tells no log line twice", (t) => {
  const logs = [{ time: START - 5, level: "info" as const, text: "old" }];
  const first = modelOf([snapshot({ logs })]);
  const more = [...logs, { time: START + 5, level: "info" as const, text: "new" }];
  const again = heard(first, [{ type: "lost", reason: "x" }, snapshot({ logs: more })], 0);
  t.strictSame(
    again.logs.lines.map(({ text }) => text),
    ["old", "new"],
  );
  t.end();
});

t.test("a new master's snapshot ends the updates of the old one, of which no end can be heard", (t) => {
  const open = heard(WHOLE, putBegun(1), 0);
  const info = { ...snapshot().info, epoch: "13" as ReturnType<typeof snapshot>["info"]["epoch"] };
  t.equal(heard(open, [snapshot({ info })], 0).ops.at(-1)?.isSettled, true);
  t.end();
});

t.test("reads are kept with their place on the ring, the newest few", (t) => {
  const reads = Array.from({ length: 40 }, (_, index) =>
    event(index, "cache", { action: index % 2 === 0 ? "hit" : "miss", set: 1, key: `k${index}`, hash: "5" }),
  );
  const model = heard(WHOLE, reads, 9);
  t.equal(model.reads.length, 16);
  t.match(model.reads.at(-1), { key: "k39", isHit: false, heardMs: 9 });
  t.end();
});

t.test("unresolved updates are those that the master told last, and none once its counter is 0", (t) => {
  const ops = [{ opId: OP, kind: "put" as const, key: "k", state: "committed" as const, waitingFor: [] }];
  const model = heard(WHOLE, [{ type: "unresolved", ops }], 0);
  t.strictSame(model.unresolved, ops);
  t.strictSame(heard(model, [counted(1, 1, { unresolved: 1 })], 0).unresolved, ops);
  t.strictSame(heard(model, [counted(1, 1)], 0).unresolved, []);
  t.end();
});

t.test("what the feed dropped is counted", (t) => {
  const model = heard(
    WHOLE,
    [
      { type: "gap", missed: 3 },
      { type: "gap", missed: 4 },
    ],
    0,
  );
  t.equal(model.missed, 7);
  t.end();
});

t.test("a slave's traffic goes by seconds of the master's clock", (t) => {
  const model = heard(WHOLE, [counted(250, 4), counted(500, 6), counted(1_250, 16), counted(3_250, 17)], 0);
  t.strictSame(model.slaves[0]?.opsBySecond, [6, 10, 0, 1]);
  t.end();
});

t.test("a new master, whose counters begin at 0, makes no negative traffic", (t) => {
  const model = heard(
    WHOLE,
    [counted(250, 50), snapshot({ time: START + 500, metrics: metrics() }), counted(750, 2)],
    0,
  );
  t.ok(model.traffic.seconds.every(({ ops }) => ops >= 0));
  t.ok(model.slaves.every(({ opsBySecond }) => opsBySecond.every((ops) => ops >= 0)));
  t.end();
});

const REPLICAS = [IDS[2] as SlaveId, IDS[3] as SlaveId] as const;
const holding = (phase: HeldStep["phase"], slaves: readonly SlaveId[] = REPLICAS) =>
  event(20, "step", { step: { on: true, held: [{ opId: OP, phase, slaves: [...slaves] }] } });
const NOT_HELD = event(30, "step", { step: { on: true, held: [] } });

t.test("step mode is as the master told last", (t) => {
  t.strictSame(WHOLE.step, { on: false, held: [] });
  const model = heard(WHOLE, [holding("prepare")], 0);
  t.match(model.step, { on: true, held: [{ phase: "prepare" }] });
  t.strictSame(heard(model, [snapshot()], 0).step, { on: false, held: [] });
  t.end();
});

t.test("an update knows what is held of it, and when it was let go", (t) => {
  const [begin, vote] = putBegun(10);
  if (begin === undefined || vote === undefined) throw new Error("the sample has two steps");
  const held = heard(WHOLE, [begin, holding("prepare")], 5);
  t.strictSame(
    held.ops[0]?.holds,
    REPLICAS.map((slave) => ({ phase: "prepare", slave, letGo: undefined })),
  );
  const on = heard(held, [holding("prepare")], 6);
  t.strictSame(on.ops[0]?.holds, held.ops[0]?.holds, "told again it is the same");
  const gone = heard(on, [NOT_HELD], 7);
  t.strictSame(
    gone.ops[0]?.holds,
    REPLICAS.map((slave) => ({ phase: "prepare", slave, letGo: { ms: 20, heardMs: 7 } })),
  );
  const voted = heard(gone, [holding("vote", [REPLICAS[0]])], 9);
  t.match(voted.ops[0]?.holds.at(-1), { phase: "vote", slave: REPLICAS[0], letGo: undefined });
  t.end();
});

t.test("an update that is told of after its hold is held all the same", (t) => {
  t.equal(heard(WHOLE, [holding("prepare"), ...putBegun(30)], 0).ops[0]?.holds.length, 2);
  t.end();
});

t.test("the update that shows by default is the one held first, and the newest while nothing is held", (t) => {
  const newer = putBegun(40).map((each) => ({ ...each, opId: "12.18" }) as typeof each);
  const held = heard(WHOLE, [...putBegun(10), holding("vote"), ...newer], 0);
  t.equal(opOf(held, undefined)?.opId, OP);
  t.equal(opOf(heard(held, [NOT_HELD], 0), undefined)?.opId, "12.18");
  const unknown = event(50, "step", {
    step: { on: true, held: [{ opId: "11.1" as typeof OP, phase: "ack", slaves: [REPLICAS[0]] }] },
  });
  t.equal(opOf(heard(held, [unknown], 0), undefined), undefined, "none instead of a wrong one");
  t.end();
});

t.test("a fault keeps the time when it was first heard of", (t) => {
  const fault = { kind: "drop" } as const;
  const told = (items: readonly object[], before = WHOLE, heardMs = 0) =>
    heard(
      before,
      items.map((change) => event(9, "slave", { slave: slaveStatus(1, change) })),
      heardMs,
    );
  const dropped = told([{ fault }], WHOLE, 5);
  t.match(dropped.slaves[1], { fault, faultHeardMs: 5 });
  t.equal(told([{ fault, state: "suspect" }], dropped, 8).slaves[1]?.faultHeardMs, 5);
  t.equal(told([{ fault: { kind: "partition" } }], dropped, 9).slaves[1]?.faultHeardMs, 9);
  t.end();
});
