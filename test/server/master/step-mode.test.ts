import t from "tap";
import type { OpId } from "../../../src/protocol/ids.js";
import { FaultyLinks, S1, S2 } from "./faulty-link.js";

/** Both links of an op, with step mode on. */
function scene() {
  const links = new FaultyLinks();
  const [left, right] = [links.open(S1), links.open(S2)];
  const { stepMode, faults, told } = links;
  stepMode.run("on");
  const held = () => stepMode.state.held.map(({ opId, phase, slaves }) => `${opId} ${phase} ${slaves.join()}`);
  return { stepMode, faults, told, left, right, held };
}

t.test("a phase waits for its `next`, which lets all of it go that is held", (t) => {
  const { stepMode, left, right, held } = scene();
  for (const link of [left, right]) link.send("putreq");
  t.strictSame(held(), ["1.0 prepare 1,2"]);
  t.strictSame([left.arrived, right.arrived], [[], []]);
  t.equal(stepMode.run("next"), 'PREPARE 1.0 put "city" → s1, s2 let go; 0 held');
  t.strictSame([left.arrived, right.arrived], [[0], [0]]);
  t.end();
});

t.test("the votes that have come go together, and one that comes later is a step of its own", (t) => {
  const { stepMode, left, right, held } = scene();
  left.say("ready");
  t.equal(stepMode.run("next"), 'vote on 1.0 put "city" ← s1 yes let go; 0 held');
  right.say("abort");
  t.strictSame(held(), ["1.0 vote 2"]);
  t.equal(stepMode.run("next"), 'vote on 1.0 put "city" ← s2 no let go; 0 held');
  t.strictSame([left.heard, right.heard], [[0], [0]]);
  t.end();
});

t.test("what is sent behind a held message waits behind it and goes with it", (t) => {
  const { stepMode, left } = scene();
  for (const kind of ["commit", "getreq", "forget"] as const) left.send(kind);
  t.strictSame(left.arrived, []);
  t.equal(stepMode.run("next"), 'COMMIT 1.0 put "city" → s1 let go; 0 held');
  t.strictSame(left.arrived, [0, 1, 2]);
  t.end();
});

t.test("answers, forget and reads are no steps", (t) => {
  const { left, held } = scene();
  left.send("getreq");
  left.send("forget");
  left.say("resp");
  t.strictSame([left.arrived, left.heard, held()], [[0, 1], [0], []]);
  t.end();
});

t.test("the oldest step goes first; of it what stands behind another step on its link waits with it", (t) => {
  const { stepMode, left, right, held } = scene();
  right.say("resp");
  left.say("ready");
  // On the right link the vote on 1.1 comes before that on 1.2, on the left one there are 1.0 and 1.1.
  right.say("ready");
  left.say("ready");
  right.say("ready");
  t.strictSame(held(), ["1.0 vote 1", "1.1 vote 2,1", "1.2 vote 2"]);
  stepMode.run("next");
  t.equal(
    stepMode.run("next"),
    'vote on 1.1 put "city" ← s2 yes, s1 yes let go; 1 held, next vote on 1.2 put "city" ← s2 yes',
  );
  t.strictSame(
    [left.heard, right.heard],
    [
      [0, 1],
      [0, 1],
    ],
  );
  t.end();
});

t.test("`next` always moves something, also where two links hold two steps in opposite orders", (t) => {
  const { stepMode, left, right, held } = scene();
  // 1.0 on the left is first of all; on the right 1.0 stands behind 1.9.
  left.send("putreq");
  right.gate.send({ type: "commit", opId: "1.9" as OpId });
  right.send("putreq");
  t.strictSame(held(), ["1.0 prepare 1,2", "1.9 decision 2"]);
  t.match(stepMode.run("next"), /^PREPARE 1\.0 put "city" → s1 let go; 2 held/);
  t.strictSame(held(), ["1.9 decision 2", "1.0 prepare 2"]);
  stepMode.run("next");
  stepMode.run("next");
  t.strictSame([left.arrived, right.arrived], [[0], [9, 0]]);
  t.end();
});

t.test("`off` lets all go in order, and what follows passes at once", (t) => {
  const { stepMode, left, held } = scene();
  for (const kind of ["putreq", "commit"] as const) left.send(kind);
  t.equal(stepMode.run("off"), 'step mode is off; PREPARE 1.0 put "city" → s1, COMMIT 1.1 put "city" → s1 let go');
  left.send("putreq");
  t.strictSame([left.arrived, held()], [[0, 1, 2], []]);
  t.equal(stepMode.run("off"), "step mode is off already");
  t.end();
});

t.test("`next` without anything held is refused, and says when step mode is off", (t) => {
  const { stepMode } = scene();
  t.throws(() => stepMode.run("next"), { code: "BAD_REQUEST", message: "Nothing is held." });
  stepMode.run("off");
  t.throws(() => stepMode.run("next"), { code: "BAD_REQUEST", message: "Nothing is held: step mode is off." });
  t.end();
});

t.test("what is held vanishes with its connection", (t) => {
  const { left, right, held } = scene();
  for (const link of [left, right]) link.send("putreq");
  left.cut();
  t.strictSame(held(), ["1.0 prepare 2"]);
  t.end();
});

t.test("questions about one node and their answers pass by what is held, and are delayed like anything else", (t) => {
  const { faults, left } = scene();
  left.send("commit");
  left.say("ready");
  left.gate.send({ type: "copiesreq", id: 77, after: "", limit: 1 });
  left.gate.receive({ type: "copies", id: 77, copies: [], more: false });
  t.strictSame([left.arrived, left.heard], [[77], [77]]);
  faults.set(S1, { kind: "delay", ms: 60_000 });
  left.gate.send({ type: "failpoint", id: 78, point: "after:apply" });
  left.gate.receive({ type: "resp", id: 78 });
  t.strictSame([left.arrived, left.heard], [[77, 78], [77]]);
  faults.set(S1, { kind: "none" });
  t.strictSame(left.heard, [77, 78]);
  t.end();
});

t.test("a change is told once a turn, with what is held then", async (t) => {
  const { told, left, right } = scene();
  await Promise.resolve();
  t.strictSame(told, [{ on: true, held: [] }]);
  for (const link of [left, right]) link.send("putreq");
  await Promise.resolve();
  t.strictSame(told.slice(1), [{ on: true, held: [{ opId: "1.0", phase: "prepare", slaves: [S1, S2] }] }]);
});

t.test("64 held steps are told at most, the oldest", (t) => {
  const { stepMode, left } = scene();
  for (let index = 0; index < 100; index++) left.send("putreq");
  t.strictSame(
    stepMode.state.held.map(({ opId }) => opId),
    Array.from({ length: 64 }, (_, index) => `1.${index}`),
  );
  t.end();
});
