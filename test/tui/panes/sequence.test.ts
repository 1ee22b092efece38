import fc from "fast-check";
import t from "tap";
import type { OpId } from "../../../src/protocol/ids.js";
import { messagesOf } from "../../../src/tui/panes/sequence/messages.js";
import { paintSequence } from "../../../src/tui/panes/sequence/paint-sequence.js";
import type { SequenceView } from "../../../src/tui/panes/sequence/sequence-view.js";
import { PLAIN } from "../../../src/tui/screen/style.js";
import { Surface } from "../../../src/tui/screen/surface.js";
import { ASCII, MONO } from "../../../src/tui/screen/theme.js";
import { golden, picture } from "./golden.js";
import { anyText, moment, opBetween } from "./ring-arbitrary.js";
import { S3, S4, T0, withSlave } from "./ring-scenes.js";
import { OPS, S4_DOWN, STEPS, sequenceView } from "./sequence-scenes.js";

const sequence = (columns: number, rows: number, view: SequenceView) =>
  picture(columns, rows, (canvas) => paintSequence(canvas, view));

const LATE = { nowMs: T0 + 1_003, slaves: S4_DOWN };
const VIEWS: Readonly<Record<string, SequenceView>> = {
  begun: sequenceView(OPS.begun),
  "one-vote": sequenceView(OPS.oneVote),
  committed: sequenceView(OPS.committed),
  settled: sequenceView(OPS.settled),
  refused: sequenceView(OPS.refused),
  "timed-out": sequenceView(OPS.timedOut, LATE),
  unknown: sequenceView(OPS.unknown, { ...LATE, nowMs: T0 + 2_050 }),
  "in-doubt": sequenceView(OPS.inDoubt, { slaves: S4_DOWN }),
  taken: sequenceView(OPS.taken, { nowMs: T0 + 820 }),
  nothing: sequenceView(undefined),
};

const PICTURES: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    Object.entries(VIEWS).flatMap(([name, view]) => [
      [`sequence-59x15-${name}`, sequence(59, 15, view)],
      [`sequence-38x8-${name}`, sequence(38, 8, view)],
    ]),
  ),
  "sequence-76x16-one-vote": sequence(76, 16, sequenceView(OPS.oneVote)),
  "sequence-59x10-one-vote": sequence(59, 10, sequenceView(OPS.oneVote)),
  "sequence-46x8-settled": sequence(46, 8, sequenceView(OPS.settled)),
  "sequence-59x15-ascii": sequence(59, 15, sequenceView(OPS.oneVote, { glyphs: ASCII })),
  "sequence-59x10-ascii": sequence(59, 10, sequenceView(OPS.oneVote, { glyphs: ASCII })),
  "sequence-38x8-ascii": sequence(38, 8, sequenceView(OPS.refused, { glyphs: ASCII })),
  "sequence-20x4": sequence(20, 4, sequenceView(OPS.oneVote)),
  ...Object.fromEntries(
    Object.entries(STEPS).flatMap(([name, view]) => [
      [`sequence-59x15-step-${name}`, sequence(59, 15, view)],
      [`sequence-38x8-step-${name}`, sequence(38, 8, view)],
    ]),
  ),
  "sequence-59x15-step-ascii": sequence(59, 15, { ...STEPS.votes, glyphs: ASCII }),
  "sequence-59x15-step-idle": sequence(59, 15, sequenceView(undefined, { step: { on: true, held: [] } })),
  "sequence-59x15-step-begun-before": sequence(59, 15, { ...STEPS.votes, op: undefined }),
};

for (const [name, actual] of Object.entries(PICTURES)) {
  t.test(`the picture ${name} is as it was approved`, (t) => {
    t.equal(actual, golden(name, actual));
    t.end();
  });
}

/** The messages in words: facts with their time, the others with their status. */
function story(view: SequenceView): readonly string[] {
  const nameOf = (party: string) => (party === S3 ? "s3" : party === S4 ? "s4" : party);
  if (view.op === undefined) return [];
  return messagesOf({ ...view, op: view.op }).map(
    ({ from, to, label, status, ms }) =>
      `${nameOf(from)} > ${to.map(nameOf).join("+")}: ${label} ${ms?.toString() ?? status}`,
  );
}

t.test("what must come next follows the protocol: votes, then the commit, the answer, acks and the end", (t) => {
  t.same(story(sequenceView(OPS.oneVote)), [
    "client > master: PUT 0",
    "master > s3+s4: PREPARE 0",
    "s3 > master: YES 3.1",
    "s4 > master: vote? awaited",
    "master > s3+s4: COMMIT predicted",
    "master > client: OK predicted",
    "s3 > master: ACK predicted",
    "s4 > master: ACK predicted",
    "master > s3+s4: FORGET predicted",
  ]);
  t.end();
});

t.test("a phase that step mode holds is not yet a fact, and what follows from it is predicted", (t) => {
  t.same(story(STEPS.prepare).slice(0, 5), [
    "client > master: PUT 0",
    "master > s3+s4: PREPARE held",
    "s3 > master: vote predicted",
    "s4 > master: vote predicted",
    "master > s3+s4: COMMIT predicted",
  ]);
  t.same(story(STEPS.decision).slice(4), [
    "master > client: OK 4",
    "master > s3+s4: COMMIT held",
    "s3 > master: ACK predicted",
    "s4 > master: ACK predicted",
    "master > s3+s4: FORGET predicted",
  ]);
  t.same(story(STEPS.acks).slice(6), [
    "s3 > master: ACK held",
    "s4 > master: ACK? awaited",
    "master > s3+s4: FORGET predicted",
  ]);
  t.end();
});

t.test("what was held was sent when it was let go, and a vote that is missing over a delayed link says why", (t) => {
  t.same(story(STEPS.votes).slice(0, 4), [
    "client > master: PUT 0",
    "master > s3+s4: PREPARE 2500",
    "s3 > master: vote held",
    "s4 > master: vote? awaited",
  ]);
  const notes = messagesOf({ ...STEPS.votes, op: STEPS.votes.op ?? OPS.begun }).map(({ note }) => note);
  t.same(notes.slice(2, 4), ["held", "delay 200 ms"]);
  t.end();
});

t.test("what is let go stands where it was sent, and before its answer, whatever the clocks say", (t) => {
  const holds = [S3, S4].map((slave) => ({ phase: "prepare" as const, slave, letGo: { ms: 9, heardMs: T0 } }));
  t.same(story(sequenceView({ ...OPS.oneVote, holds })).slice(1, 3), [
    "master > s3+s4: PREPARE 3.1",
    "s3 > master: YES 3.1",
  ]);
  const late = [S3, S4].map((slave) => ({ phase: "decision" as const, slave, letGo: { ms: 800, heardMs: T0 } }));
  t.same(story(sequenceView({ ...OPS.committed, holds: late })).slice(4, 6), [
    "master > client: OK 4",
    "master > s3+s4: COMMIT 800",
  ]);
  t.end();
});

t.test("only the phase that goes next is marked so", (t) => {
  const next = (view: SequenceView) =>
    messagesOf({ ...view, op: view.op ?? OPS.begun }).flatMap(({ label, isNext }) => (isNext === true ? [label] : []));
  t.same(next(STEPS.prepare), ["PREPARE"]);
  t.same(next(STEPS.votes), ["vote"]);
  const other = { opId: "3.16" as OpId, phase: "ack" as const, slaves: [S3] };
  t.same(next({ ...STEPS.votes, step: { on: true, held: [other, ...STEPS.votes.step.held] } }), []);
  t.end();
});

t.test("who refused gets no ABORT and owes no ACK", (t) => {
  t.same(story(sequenceView(OPS.refused)).slice(3), [
    "s4 > master: NO 4.2",
    "master > s3: ABORT 4.2",
    "master > client: STORAGE 4.3",
    "s3 > master: ACK? awaited",
    "master > s3: FORGET predicted",
  ]);
  t.end();
});

t.test("after a time-out the client waits for the first ACK, and who is down is told when it is back", (t) => {
  t.same(story(sequenceView(OPS.timedOut, LATE)).slice(3), [
    "master > s3: ABORT 1000.4",
    "master > s4: ABORT awaited",
    "s3 > master: ACK? awaited",
    "master > client: ABORTED predicted",
    "s4 > master: ACK predicted",
    "master > s3+s4: FORGET predicted",
  ]);
  t.end();
});

t.test("an update of an older epoch begins with reports, has no client, and its decision is open", (t) => {
  t.same(story(sequenceView(OPS.inDoubt, { slaves: S4_DOWN })).slice(0, 3), [
    "s3 > master: report sent",
    "s4 > master: report? awaited",
    "master > s3+s4: decide? predicted",
  ]);
  t.notMatch(story(sequenceView(OPS.taken)).join(), /client/);
  t.end();
});

t.test("what is left of the time for votes is told, if it is known", (t) => {
  const notes = (changes: Partial<SequenceView>) => {
    const view = { ...sequenceView(OPS.oneVote, changes), op: OPS.oneVote };
    return messagesOf(view).find(({ label }) => label === "vote?")?.note;
  };
  t.equal(notes({ deadlineMs: 800 }), "788 ms left");
  t.equal(notes({ deadlineMs: 5 }), "late");
  const { slaves, step, nowMs, theme, glyphs } = sequenceView(OPS.oneVote);
  const unlimited = messagesOf({ op: OPS.oneVote, slaves, step, nowMs, theme, glyphs });
  t.equal(unlimited.find(({ label }) => label === "vote?")?.note, undefined);
  t.end();
});

t.test("every fact shown was told by a step, and a settled update expects nothing", (t) => {
  fc.assert(
    fc.property(opBetween([S3, S4]), moment, (op, nowMs) => {
      const messages = messagesOf({ ...sequenceView(op, { nowMs }), op });
      const told = new Set([...op.steps, ...op.holds.flatMap(({ letGo }) => letGo ?? [])].map(({ ms }) => ms));
      const facts = messages.filter(({ ms }) => ms !== undefined);
      const votes = messages.filter(({ status, label }) => status === "sent" && /^(YES|NO)$/.test(label)).length;
      return (
        facts.every(({ ms, status }) => status === "sent" && ms !== undefined && told.has(ms)) &&
        votes === op.steps.filter(({ phase }) => phase === "vote").length &&
        (!op.isSettled || messages.every(({ status }) => status === "sent"))
      );
    }),
  );
  t.end();
});

/** All glyphs of a diagram, as one string. */
function glyphsOf(columns: number, rows: number, view: SequenceView): string {
  const surface = new Surface(columns, rows);
  paintSequence(surface.canvas, view);
  return surface.glyphs.join("");
}

t.test("whatever the update and the size, ASCII mode is ASCII, also the letters of names and keys", (t) => {
  const size = fc.record({ width: fc.nat(80), height: fc.nat(20) });
  fc.assert(
    fc.property(opBetween([S3, S4]), moment, size, anyText(12), (op, nowMs, { width, height }, name) => {
      const view = sequenceView(op, { nowMs, glyphs: ASCII, slaves: withSlave(S3, { name }) });
      return /^[ -~]*$/.test(glyphsOf(width, height, view));
    }),
  );
  t.end();
});

t.test("the newest message and the next two are seen however low the canvas is", (t) => {
  t.match(glyphsOf(50, 7, sequenceView(OPS.committed)), /OK.*ACK\?.*ACK\?/su);
  t.end();
});

t.test("the mono theme has no colour, and what is predicted is dashed", (t) => {
  const surface = new Surface(59, 15);
  paintSequence(surface.canvas, sequenceView(OPS.oneVote, { theme: MONO }));
  t.same([...new Set(surface.styles)].sort(), [PLAIN, "1"]);
  t.match(surface.glyphs.join(""), /PREPARE ─▶.*◀─ YES ─.*◁┄ vote\? ┄.*┄ COMMIT ┄▷/su);
  t.end();
});
