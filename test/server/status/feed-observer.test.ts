import t from "tap";
import { HASHES } from "../../../src/core/hash.js";
import type { Op } from "../../../src/core/two-phase-commit/coordinator.js";
import type { OpId, SlaveId } from "../../../src/protocol/ids.js";
import { LIMITS } from "../../../src/protocol/limits.js";
import { type StatusEvent, decodeMessage, statusEvent } from "../../../src/protocol/messages.js";
import { StatusFeed } from "../../../src/server/status/feed.js";
import { FeedObserver } from "../../../src/server/status/feed-observer.js";
import { FakeConnection } from "../fake-connection.js";

const [S1, S2] = ["1", "2"] as [SlaveId, SlaveId];

function op(opId: string, state: Op["state"] = "preparing"): Op {
  return {
    opId: opId as OpId,
    kind: "put",
    key: "city",
    value: "Paris",
    replicas: [S1, S2],
    state,
    standings: ["asked", "asked"],
  };
}

function scene({ watched = true } = {}) {
  const feed = new StatusFeed();
  const lines: string[] = [];
  const observer = new FeedObserver(feed, HASHES.xxh64, (text) => lines.push(text));
  const watcher = new FakeConnection();
  if (watched) feed.subscribe(watcher);
  const events = (): StatusEvent[] => {
    feed.flush();
    return watcher.sent.map((event) => decodeMessage(statusEvent, JSON.stringify(event)));
  };
  t.teardown(() => observer.close());
  return { observer, lines, events };
}

/** A committed update from begin to end. */
function commit(observer: FeedObserver, update: Op): void {
  observer.opBegan(update);
  for (const slave of update.replicas) observer.opVoted(update, slave, "commit");
  observer.opDecided(update, "commit");
  observer.opAnswered(update);
  for (const slave of update.replicas) observer.opAcked(update, slave);
  observer.opSettled(update);
}

t.test("an update is told in all its phases, with the key's place at the begin and rising times", (t) => {
  const { observer, events } = scene();
  commit(observer, op("3.17"));
  const told = events();
  t.strictSame(
    told.map((event) => event.event === "op" && event.phase),
    ["begin", "vote", "vote", "decision", "answered", "ack", "ack", "settled"],
  );
  t.match(told, [
    { opId: "3.17", kind: "put", key: "city", hash: HASHES.xxh64("city").toString(), replicas: [S1, S2] },
    { slave: S1, outcome: "commit" },
    { slave: S2, outcome: "commit" },
    { outcome: "commit" },
  ]);
  const times = told.map((event) => (event.event === "op" ? event.ms : Number.NaN));
  t.strictSame(
    times,
    times.toSorted((left, right) => left - right),
  );
  t.ok(times.every((ms) => ms >= 0 && Number(ms.toFixed(3)) === ms));
  t.notOk(told.some((event) => JSON.stringify(event).includes("Paris")));
  t.end();
});

t.test("an op that was taken over is told as in doubt", (t) => {
  const { observer, events } = scene();
  observer.opBegan(op("2.9", "in-doubt"));
  t.match(events(), [{ phase: "in-doubt", replicas: [S1, S2], hash: /^\d+$/ }]);
  t.end();
});

t.test("a refusal is told with its code and is a line of the log, the key quoted", (t) => {
  const { observer, lines, events } = scene();
  const update = op("3.1");
  observer.opBegan(update);
  observer.opDecided(update, "abort");
  observer.opAnswered(update, { code: "STORAGE", message: "no room" });
  t.match(events().at(-1), { phase: "answered", code: "STORAGE" });
  t.strictSame(lines, ['aborted 3.1 put "city": STORAGE no room']);
  t.equal(observer.aborts, 1);
  t.end();
});

t.test("under load ops are told whole or not at all, within the budget; it comes back with time", (t) => {
  const { observer, events } = scene();
  const perSecond = LIMITS.tracedPerSecondMax;
  for (let n = 0; n < perSecond; n++) commit(observer, op(`3.${n}`));
  const told = events().length;
  t.equal(told % 8, 0);
  t.ok(told <= perSecond && told > perSecond - 8);
  observer.tick(500);
  for (let n = 0; n < perSecond; n++) observer.cache("hit", n, "k");
  const hits = events().length - told;
  t.ok(hits >= perSecond / 2 && hits <= perSecond / 2 + 8, `${hits} after half a second`);
  t.end();
});

t.test("forty updates a second, each with its cache fill, are told whole", (t) => {
  const { observer, events } = scene();
  for (let second = 0; second < 5; second++) {
    for (let n = 0; n < 40; n++) {
      observer.tick(second * 1_000 + n * 25);
      commit(observer, op(`3.${second * 40 + n}`));
      observer.cache("fill", 17, "city");
    }
  }
  t.equal(events().length, 5 * 40 * 9);
  t.end();
});

t.test("an op whose begin was not told stays untold, even when someone comes to watch", (t) => {
  const { observer, events } = scene({ watched: false });
  const update = op("3.1");
  commit(observer, update);
  t.strictSame(events(), []);
  t.end();
});
