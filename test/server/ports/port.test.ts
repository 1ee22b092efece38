import { mock } from "node:test";
import t from "tap";
import { RingkvError } from "../../../src/protocol/errors.js";
import { LIMITS } from "../../../src/protocol/limits.js";
import { openScriptedPort, type ScriptedPeer } from "./scripted-port.js";

t.beforeEach(() => mock.timers.enable({ apis: ["setTimeout", "setInterval"] }));
t.afterEach(() => mock.timers.reset());

/** Lets seconds pass, one look of the port at a time. */
function pass(ms: number, eachSecond: () => void = () => undefined): void {
  for (let passed = 0; passed < ms; passed += 1_000) {
    eachSecond();
    mock.timers.tick(1_000);
  }
}

/** A second more than a limit: deadlines are exact to a second. */
const OVER = 2_000;

function begins(peer: ScriptedPeer): void {
  peer.line = { isMidLine: true, lineBytes: 7 };
}

t.test("a newcomer to a port that is full of known guests is told OVERLOADED and sent away", async (t) => {
  const script = await openScriptedPort({ connectionsMax: 2 });
  const known = [script.connect(), script.connect()];
  for (const peer of known) {
    peer.guest?.enter();
    peer.says("hello");
  }
  const late = script.connect();
  t.match(late.sent, [{ type: "resp", code: "OVERLOADED", retriable: true }]);
  t.ok(late.isEnded);
  t.notOk(known.some((peer) => peer.isEnded));
  t.strictSame(script.refusals, ["full"]);
});

t.test(
  "a newcomer to a port that is full of strangers takes the place of the oldest, who is told OVERLOADED",
  async (t) => {
    const script = await openScriptedPort({ connectionsMax: 2 });
    const [oldest, other] = [script.connect(), script.connect()];
    const late = script.connect();
    t.strictSame([oldest.codes, oldest.isEnded], [["OVERLOADED"], true]);
    late.says("hello");
    t.strictSame(late.heard, ["hello"]);
    t.notOk(other.isEnded);
  },
);

t.test("who has entered and said nothing is a stranger still, who has only spoken is one, too", async (t) => {
  const script = await openScriptedPort({ connectionsMax: 2 });
  const [entered, spoken] = [script.connect(), script.connect()];
  entered.guest?.enter();
  spoken.says("hello");
  script.connect();
  script.connect();
  t.ok(entered.isEnded);
  t.ok(spoken.isEnded);
});

t.test("the place of a guest that goes is free", async (t) => {
  const script = await openScriptedPort({ connectionsMax: 1 });
  const first = script.connect();
  first.guest?.enter();
  first.says("hello");
  first.destroy();
  const second = script.connect();
  second.says("hello");
  t.strictSame(second.heard, ["hello"]);
});

t.test("of those that were sent away and stay, only so many are waited for", async (t) => {
  const script = await openScriptedPort({ connectionsMax: 1 });
  const known = script.connect();
  known.guest?.enter();
  known.says("hello");
  const late = Array.from({ length: LIMITS.leavingConnectionsMax + 3 }, () => script.connect());
  t.strictSame(
    late.map((peer) => peer.isDestroyed),
    late.map((_, index) => index < 3),
  );
});

t.test("who was sent away and does not go is dropped", async (t) => {
  const script = await openScriptedPort({ connectionsMax: 1 });
  const evicted = script.connect();
  script.connect();
  pass(LIMITS.leaveWithinMs);
  t.notOk(evicted.isDestroyed);
  pass(OVER);
  t.ok(evicted.isDestroyed);
});

t.test("who was sent away is not heard any more", async (t) => {
  const script = await openScriptedPort({ connectionsMax: 1 });
  const evicted = script.connect();
  script.connect();
  evicted.says("hello");
  t.match(evicted.heard, [{ code: "OVERLOADED" }]);
});

t.test("a line that does not end in time is refused like a line, and its connection ends", async (t) => {
  const script = await openScriptedPort({});
  const peer = script.connect();
  begins(peer);
  pass(LIMITS.lineWithinMs);
  t.notOk(peer.isEnded);
  pass(OVER);
  t.match(peer.heard, [{ code: "TIMEOUT" }]);
  t.strictSame([peer.codes, peer.isEnded], [["TIMEOUT"], true]);
  t.strictSame(script.refusals, ["line"]);
});

t.test("a peer whose lines end is in the midst of one for as long as it likes", async (t) => {
  const script = await openScriptedPort({});
  const peer = script.connect();
  begins(peer);
  pass(10 * LIMITS.lineWithinMs, () => peer.says("a line"));
  t.strictSame(script.refusals, []);
});

t.test("a line that we do not read on has time", async (t) => {
  const script = await openScriptedPort({});
  const peer = script.connect();
  begins(peer);
  peer.pause();
  pass(10 * LIMITS.lineWithinMs);
  t.strictSame([...new Set(script.refusals)], ["paused"]);
  t.notOk(peer.isEnded);
});

t.test("who does not say in time who it is is sent away; who has said it stays", async (t) => {
  const script = await openScriptedPort({ introductionWithinMs: 10_000 });
  const [stranger, known] = [script.connect(), script.connect()];
  known.guest?.enter();
  pass(10_000 + OVER);
  t.strictSame([stranger.codes, stranger.isEnded], [["TIMEOUT"], true]);
  t.notOk(known.isEnded);
  t.strictSame(script.refusals, ["introduction"]);
});

t.test("who is idle is sent away without a word; who asks or is answered is not idle", async (t) => {
  const script = await openScriptedPort({ idleMs: 60_000 });
  const [idle, asking, answered] = [script.connect(), script.connect(), script.connect()];
  pass(60_000 + OVER, () => {
    asking.says("ping");
    answered.takenBytes += 1;
  });
  t.strictSame([idle.sent, idle.isEnded], [[], true]);
  t.notOk(asking.isEnded);
  t.notOk(answered.isEnded);
  t.strictSame(script.refusals, ["idle"]);
});

t.test("who takes nothing of what is queued for it is dropped; who takes a little is not", async (t) => {
  const script = await openScriptedPort({ unreadMs: 30_000 });
  const [stuck, slow] = [script.connect(), script.connect()];
  stuck.queuedBytes = 1_000;
  slow.queuedBytes = 1_000;
  pass(30_000 + OVER, () => (slow.takenBytes += 1));
  t.ok(stuck.isDestroyed);
  t.notOk(slow.isDestroyed);
  t.strictSame(script.refusals, ["unread"]);
});

t.test("when all hold too much those that hold most are dropped, and no more of them than it takes", async (t) => {
  const script = await openScriptedPort({});
  const peers = [1, 2, 3].map((share) => {
    const peer = script.connect();
    peer.queuedBytes = (share * LIMITS.portBytesMax) / 4;
    return peer;
  });
  pass(1_000);
  t.strictSame(
    peers.map((peer) => peer.isDestroyed),
    [false, false, true],
  );
  t.strictSame(script.refusals, ["memory"]);
});

t.test("who sends too many messages is read on in the next second", async (t) => {
  const script = await openScriptedPort({ messagesPerSecondMax: 10 });
  const peer = script.connect();
  peer.says(...Array.from({ length: 10 }, () => "log"));
  t.notOk(peer.isPaused);
  peer.says("log");
  t.ok(peer.isPaused);
  pass(1_000);
  t.notOk(peer.isPaused);
  t.equal(peer.heard.length, 11);
  t.strictSame(script.refusals, ["flood"]);
});

t.test("those that are sent away are told in the log, of a great many some and their number", async (t) => {
  const script = await openScriptedPort({ connectionsMax: 1 });
  for (let n = 0; n <= LIMITS.stepLinesPerIntervalMax + 5; n++) script.connect();
  t.equal(script.logged.length, LIMITS.stepLinesPerIntervalMax);
  t.match(script.logged[0], /127\.0\.0\.1:40000 at the scripted port: sent away, the port is full/);
  pass(1_000);
  t.match(script.logged.at(-1), /and 5 more/);
});

t.test("a line that is too long is counted, and so is each second in which a connection is not read", async (t) => {
  const script = await openScriptedPort({});
  const peer = script.connect();
  peer.handlers?.onFrames(["hello", new RingkvError("FRAME_TOO_LARGE"), new RingkvError("BAD_FRAME")]);
  t.strictSame(script.refusals, ["tooLong"]);
  peer.pause();
  pass(2_000);
  peer.resume();
  pass(2_000);
  t.strictSame(script.refusals, ["tooLong", "paused", "paused"]);
});
