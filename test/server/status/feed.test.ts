import t from "tap";
import { LIMITS } from "../../../src/protocol/limits.js";
import { decodeMessage, statusPortMessage } from "../../../src/protocol/messages.js";
import { StatusFeed } from "../../../src/server/status/feed.js";
import { FakeConnection } from "../fake-connection.js";

const event = { event: "cache", action: "hit", set: 1, key: "k", hash: "7" } as const;

t.test("every subscriber gets every event after its snapshot, numbered without holes", (t) => {
  const feed = new StatusFeed();
  const [first, second] = [new FakeConnection(), new FakeConnection()];
  feed.emit(event);
  feed.subscribe(first);
  feed.emit(event);
  feed.subscribe(second);
  feed.emit(event);
  feed.flush();
  t.match(first.sent, [{ type: "event", seq: 2, ...event }, { seq: 3 }]);
  t.match(second.sent, [{ seq: 3 }]);
  t.equal(second.sent.length, 1);
  t.equal(feed.seq, 3);
  feed.unsubscribe(first);
  feed.emit(event);
  feed.flush();
  t.equal(first.sent.length, 2);
  t.end();
});

t.test("what is sent is a message of the status port, dated by the master or by who wrote it", (t) => {
  const feed = new StatusFeed();
  const watcher = new FakeConnection();
  feed.subscribe(watcher);
  const before = Date.now();
  feed.emit({ ...event, key: 'quo"ted\n' });
  feed.emit({ event: "log", level: "info", text: "started" }, 17);
  feed.flush();
  const [cache, log] = watcher.sent.map((message) => decodeMessage(statusPortMessage, JSON.stringify(message)));
  t.match(cache, { type: "event", event: "cache", seq: 1, key: 'quo"ted\n' });
  t.ok(cache !== undefined && "time" in cache && cache.time >= before);
  t.match(log, { type: "event", event: "log", seq: 2, time: 17 });
  t.end();
});

t.test("events leave together at the flush, or before it when they are many", (t) => {
  const feed = new StatusFeed();
  const watcher = new FakeConnection();
  feed.subscribe(watcher);
  feed.emit(event);
  t.equal(watcher.sent.length, 0);
  feed.flush();
  t.equal(watcher.sent.length, 1);
  feed.flush();
  t.equal(watcher.sent.length, 1, "a flush of nothing sends nothing");
  for (let n = 0; n < LIMITS.feedBatchCharsMax / 50; n++) feed.emit(event);
  t.ok(watcher.sent.length > 1);
  t.end();
});

t.test(
  "a subscriber that does not read misses events, holds nobody up, and is told how many when it reads again",
  (t) => {
    const feed = new StatusFeed();
    const [stuck, brisk] = [new FakeConnection(), new FakeConnection()];
    feed.subscribe(stuck);
    feed.subscribe(brisk);
    stuck.queuedBytes = LIMITS.subscriberQueueBytesMax + 1;
    for (let n = 0; n < 5; n++) feed.emit(event);
    feed.flush();
    t.equal(stuck.sent.length, 0);
    t.equal(brisk.sent.length, 5);
    stuck.queuedBytes = 0;
    feed.emit(event);
    feed.flush();
    t.match(stuck.sent, [
      { type: "gap", missed: 5 },
      { type: "event", seq: 6 },
    ]);
    t.end();
  },
);
