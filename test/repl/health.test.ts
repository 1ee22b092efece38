import t from "tap";
import type { WatchItem } from "../../src/client/watch-status.js";
import { RingkvError } from "../../src/protocol/errors.js";
import { type Health, UNKNOWN_HEALTH, healthAfter, slavesUp } from "../../src/repl/health.js";
import { promptLabel } from "../../src/repl/prompt-label.js";
import { SNAPSHOT } from "./fake-cluster.js";
import { metricsEvent, slaveEvent, snapshotOf } from "./watch-items.js";

const LOST: WatchItem = { type: "lost", error: new RingkvError("UNAVAILABLE") };

/** The health after these, and the news of them all. */
function after(items: readonly WatchItem[], health: Health = UNKNOWN_HEALTH) {
  const news: string[] = [];
  for (const item of items) {
    const heard = healthAfter(health, item);
    health = heard.health;
    news.push(...heard.news.map(({ text }) => text));
  }
  const label = promptLabel(health);
  return { health, news, text: label.map(({ text }) => text).join(""), look: label[1]?.look };
}

const { health: LIVE } = after([snapshotOf({ epoch: "4" })]);

t.test("nothing heard, the prompt is the name", (t) => {
  t.match(after([]), { text: "ringkv> ", news: [] });
  t.end();
});

t.test("a first snapshot is no news, whatever it tells", (t) => {
  t.match(after([{ type: "connected" }, snapshotOf({ epoch: "4", states: { s2: "down" } })]), {
    text: "ringkv 2/3> ",
    look: "warning",
    news: [],
  });
  t.match(after([snapshotOf({ epoch: "4" })]), { text: "ringkv 3/3> ", look: "good", news: [] });
  t.end();
});

t.test("a slave that goes and comes back is told, one that is suspected only counted", (t) => {
  const down = after([slaveEvent("s3", "suspect"), slaveEvent("s3", "down")], LIVE);
  t.match(down, { text: "ringkv 2/3> ", look: "warning", news: ["s3 is down"] });
  t.match(after([slaveEvent("s3", "joining"), slaveEvent("s3", "up")], down.health), {
    text: "ringkv 3/3> ",
    news: ["s3 is up"],
  });
  t.match(after([slaveEvent("s3", "suspect"), slaveEvent("s3", "up")], LIVE), { text: "ringkv 3/3> ", news: [] });
  t.end();
});

t.test("no slave at all is as bad as no master", (t) => {
  const items = ["s1", "s2", "s3"].map((name) => slaveEvent(name, "down"));
  t.match(after(items, LIVE), { text: "ringkv 0/3> ", look: "bad" });
  t.end();
});

t.test("a master that is lost is told once, and the next one with its epoch", (t) => {
  const lost = after([LOST, LOST], LIVE);
  t.match(lost, { text: "ringkv offline> ", look: "bad", news: ["the master is gone"] });
  t.match(after([{ type: "connected" }, snapshotOf({ epoch: "5" })], lost.health), {
    text: "ringkv 3/3> ",
    news: ["the master is back: epoch 5 (it was 4)"],
  });
  t.same(after([snapshotOf({ epoch: "4" })], lost.health).news, ["the master is back: epoch 4, as before"]);
  t.end();
});

t.test("slaves that come back to a new master are no news, one that does not in time is", (t) => {
  const states = { s1: "down", s2: "joining", s3: "down" } as const;
  const back = after([LOST, snapshotOf({ epoch: "5", states, time: 1_000 })], LIVE);
  t.equal(slavesUp(back.health), 0);
  const whole = after(
    ["s1", "s2", "s3"].map((name) => slaveEvent(name, "up", 1_500)),
    back.health,
  );
  t.same(whole.news, []);
  const partly = after([slaveEvent("s1", "up", 1_500), slaveEvent("s2", "up", 1_600)], back.health);
  t.same(partly.news, []);
  t.same(after([metricsEvent(6_500)], partly.health).news, ["s3 is down"]);
  t.end();
});

t.test("of a slave that went while the master could not be heard, the next snapshot tells", (t) => {
  const items = [LOST, snapshotOf({ epoch: "4", states: { s2: "down" } })];
  t.same(after(items, LIVE).news, ["the master is gone", "the master is back: epoch 4, as before", "s2 is down"]);
  t.end();
});

t.test("a slave that is new is told when it is up, and counted", (t) => {
  t.match(after([slaveEvent("s4", "joining"), slaveEvent("s4", "up")], LIVE), {
    text: "ringkv 4/4> ",
    news: ["s4 is up"],
  });
  t.end();
});

t.test("a ring that changes is taken as it is told", (t) => {
  const slaves = snapshotOf({ epoch: "4", states: { s1: "down" } }).slaves;
  const ring: WatchItem = { type: "event", seq: 1, time: 0, event: "ring", complete: true, slaves };
  t.match(after([ring], LIVE), { text: "ringkv 2/3> ", news: ["s1 is down"] });
  t.end();
});

t.test("step mode shows", (t) => {
  const step: WatchItem = { type: "event", seq: 1, time: 0, event: "step", step: { on: true, held: [] } };
  t.equal(after([step], LIVE).text, "ringkv 3/3 step> ");
  t.equal(after([snapshotOf({ epoch: "4", isStepping: true })]).text, "ringkv 3/3 step> ");
  t.end();
});

t.test("what says nothing of health changes nothing", (t) => {
  const { metrics } = SNAPSHOT;
  const items: readonly WatchItem[] = [
    { type: "gap", missed: 3 },
    { type: "connected" },
    { type: "event", seq: 1, time: 0, event: "metrics", metrics, slaves: [] },
    { type: "event", seq: 1, time: 0, event: "log", level: "error", text: "trouble" },
  ];
  for (const item of items) t.same(after([item], LIVE), after([], LIVE));
  t.end();
});
