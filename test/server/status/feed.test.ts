import t from "tap";
import { LIMITS } from "../../../src/protocol/limits.js";
import { StatusFeed } from "../../../src/server/status/feed.js";
import { FakeConnection } from "../fake-connection.js";

const event = { event: "cache", action: "hit", set: 1, key: "k", hash: "7" } as const;

t.test("every subscriber gets every event, numbered without holes", (t) => {
  const feed = new StatusFeed();
  const [first, second] = [new FakeConnection(), new FakeConnection()];
  feed.emit(event);
  feed.subscribe(first);
  feed.emit(event);
  feed.subscribe(second);
  feed.emit(event);
  t.match(first.sent, [{ type: "event", seq: 2, ...event }, { seq: 3 }]);
  t.match(second.sent, [{ seq: 3 }]);
  t.equal(feed.seq, 3);
  feed.unsubscribe(first);
  feed.emit(event);
  t.equal(first.sent.length, 2);
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
    t.equal(stuck.sent.length, 0);
    t.equal(brisk.sent.length, 5);
    stuck.queuedBytes = 0;
    feed.emit(event);
    t.match(stuck.sent, [
      { type: "gap", missed: 5 },
      { type: "event", seq: 6 },
    ]);
    t.end();
  },
);

t.test("what is traced is bounded for each interval, and nothing is traced when no one watches", (t) => {
  const feed = new StatusFeed();
  t.equal(feed.mayTrace(), false);
  feed.subscribe(new FakeConnection());
  const traced = () => {
    let count = 0;
    while (feed.mayTrace()) count += 1;
    return count;
  };
  t.equal(traced(), LIMITS.tracedPerIntervalMax);
  t.equal(traced(), 0);
  feed.startInterval();
  t.equal(traced(), LIMITS.tracedPerIntervalMax);
  t.end();
});
