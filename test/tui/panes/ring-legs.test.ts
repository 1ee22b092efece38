import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import t from "tap";
import { LEG_MS, legsOf, restsAt, seenOf } from "../../../src/tui/panes/ring/legs.js";
import type { OpTrace } from "../../../src/tui/model/op-trace.js";
import { isLost } from "../../../src/tui/panes/ring/lost-legs.js";
import type { RingSlave } from "../../../src/tui/panes/ring/ring-view.js";
import { stateText } from "../../../src/tui/panes/op-text.js";
import { moment, opBetween } from "./ring-arbitrary.js";
import { BEGUN, COMMITTED, DECIDED, ONE_VOTE, S3, S4, T0, opWith, step } from "./ring-scenes.js";

const anyOp = opBetween([S3, S4]);

/** The legs so far in words, such as `vote s3 40%`. */
function story(op = COMMITTED, atMs = 0, unreachable = [S4].slice(1)): readonly string[] {
  return legsOf(op, T0 + atMs, unreachable).map(
    ({ kind, slave, progress }) => `${kind} ${slave === S3 ? "s3" : "s4"} ${Math.round(progress * 100).toString()}%`,
  );
}

t.test("PREPARE runs to both replicas as soon as the update is heard of", (t) => {
  t.same(story(opWith(BEGUN), 50), ["prepare s3 20%", "prepare s4 20%"]);
  t.end();
});

t.test("a replica that has not voted holds its dot, while the other's vote returns", (t) => {
  t.same(story(opWith(ONE_VOTE), 300), ["prepare s3 100%", "prepare s4 100%", "vote s3 20%"]);
  t.same(story(opWith(ONE_VOTE), 60_000), ["prepare s3 100%", "prepare s4 100%", "vote s3 100%"]);
  t.end();
});

t.test("what took a few milliseconds plays one leg after the other", (t) => {
  t.same(story(COMMITTED, 50).slice(-2), ["prepare s3 20%", "prepare s4 20%"]);
  t.same(story(COMMITTED, 300).slice(-2), ["vote s3 20%", "vote s4 20%"]);
  t.same(story(COMMITTED, 550).slice(-2), ["decision s3 20%", "decision s4 20%"]);
  t.same(story(COMMITTED, 800).slice(-2), ["ack s3 20%", "ack s4 20%"]);
  t.equal(restsAt(COMMITTED), T0 + 4 * LEG_MS);
  t.end();
});

t.test("a decision leaves when the votes before it have arrived, though it was heard earlier", (t) => {
  const late = opWith(
    [...ONE_VOTE, step("vote", 600, { slave: S4, outcome: "commit" }), step("decision", 600.1, { outcome: "commit" })],
    { state: "committed" },
  );
  t.notMatch(story(late, 849).join(), /decision/);
  t.same(story(late, 900).slice(-2), ["decision s3 20%", "decision s4 20%"]);
  t.end();
});

t.test("what step mode holds does not leave before it is let go", (t) => {
  const hold = (ms: number | undefined) => {
    const letGo = ms === undefined ? undefined : { ms, heardMs: T0 + ms };
    return opWith(BEGUN, { holds: [S3, S4].map((slave) => ({ phase: "prepare", slave, letGo })) });
  };
  t.same(story(hold(undefined), 60_000), []);
  t.equal(restsAt(hold(undefined)), -Infinity, "nothing moves");
  t.same(story(hold(2_000), 1_999), []);
  t.same(story(hold(2_000), 2_050), ["prepare s3 20%", "prepare s4 20%"]);
  t.end();
});

t.test("what is sent into a dropped link is lost, not what was sent before; what comes out of it was heard", (t) => {
  const lost = (op: OpTrace, change: Partial<RingSlave>) =>
    legsOf(op, T0 + 60_000)
      .filter((leg) => isLost(leg, { id: S3, name: "s3", state: "up", share: 0, paused: false, ...change }))
      .map(({ kind }) => kind)
      .filter((kind, index, all) => all.indexOf(kind) === index);
  t.same(lost(COMMITTED, {}), []);
  t.same(lost(COMMITTED, { fault: { kind: "delay", ms: 200 }, faultHeardMs: 0 }), []);
  t.same(lost(COMMITTED, { fault: { kind: "drop" }, faultHeardMs: 0 }), ["prepare", "decision"]);
  t.same(lost(COMMITTED, { fault: { kind: "partition" }, faultHeardMs: 0 }), ["prepare", "decision"]);
  t.same(lost(COMMITTED, { fault: { kind: "drop", from: "vote" }, faultHeardMs: 0 }), ["decision"]);
  t.same(lost(COMMITTED, { fault: { kind: "drop" }, faultHeardMs: T0 + 100 }), ["decision"]);
  t.end();
});

t.test("who refused is told nothing", (t) => {
  const refused = opWith(
    [...ONE_VOTE, step("vote", 4, { slave: S4, outcome: "abort" }), step("decision", 4, { outcome: "abort" })],
    { state: "aborted" },
  );
  t.same(story(refused, 5_000).slice(-1), ["decision s3 100%"]);
  t.end();
});

t.test("a decision does not go to a slave that is down, until it has acknowledged", (t) => {
  const decided = opWith(DECIDED, { state: "committed" });
  t.same(story(decided, 5_000, [S4]).slice(-1), ["decision s3 100%"]);
  t.match(story(COMMITTED, 5_000, [S4]).join(), /decision s4 100%,.*ack s4 100%/);
  t.end();
});

t.test("an update taken over from an older epoch has no legs before its decision", (t) => {
  t.same(story(opWith([step("in-doubt", 0)], { state: "in-doubt" }), 500), []);
  t.end();
});

t.test("the state in words follows the dots, and Infinity tells it as it is", (t) => {
  const texts = [100, 400, 501, 760, 1_000].map((ms) => stateText(COMMITTED, T0 + ms));
  t.same(texts, ["PREPARE 0/2", "PREPARE 0/2", "COMMIT 0/2", "COMMIT 0/2", "COMMITTED"]);
  t.equal(stateText(COMMITTED, Infinity), "COMMITTED");
  t.equal(stateText(opWith([], { state: "in-doubt" }), T0), "IN DOUBT");
  t.end();
});

t.test("no dot is ahead of what was heard: later steps change nothing of the picture at an earlier moment", (t) => {
  fc.assert(
    fc.property(anyOp, moment, (op, nowMs) => {
      const heard = { ...op, steps: op.steps.filter(({ heardMs }) => heardMs <= nowMs) };
      const legs = legsOf(op, nowMs);
      if (!isDeepStrictEqual(legs, legsOf(heard, nowMs))) return false;
      return legs.every((leg) => {
        const phase = leg.kind === "prepare" ? "begin" : leg.kind;
        const cause = heard.steps.find((each) => each.phase === phase && [undefined, leg.slave].includes(each.slave));
        return cause !== undefined && leg.startMs >= cause.heardMs && leg.startMs <= nowMs;
      });
    }),
  );
  t.end();
});

t.test("a replica's legs follow one another, each as long as the others", (t) => {
  fc.assert(
    fc.property(anyOp, moment, (op, nowMs) =>
      op.replicas.every((slave) => {
        const legs = legsOf(op, nowMs).filter((leg) => leg.slave === slave);
        return legs.every((leg, index) => {
          const before = legs[index - 1];
          const isAfter = before === undefined || (before.endMs <= leg.startMs && before.progress === 1);
          return isAfter && leg.endMs === leg.startMs + LEG_MS && leg.progress >= 0 && leg.progress <= 1;
        });
      }),
    ),
  );
  t.end();
});

t.test("once all legs have arrived, everything is seen and nothing changes any more", (t) => {
  fc.assert(
    fc.property(anyOp, (op) => {
      const restMs = Math.max(T0, restsAt(op));
      return (
        isDeepStrictEqual(seenOf(op, restMs), seenOf(op, Infinity)) &&
        isDeepStrictEqual(legsOf(op, restMs), legsOf(op, restMs + 60_000))
      );
    }),
    { numRuns: 1_000 },
  );
  t.end();
});
