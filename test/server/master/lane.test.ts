import fc from "fast-check";
import t from "tap";
import { Lane, type LaneItem } from "../../../src/server/master/lane.js";

t.test("without a delay a message passes at once, and a held one stops those behind it", (t) => {
  const heard: number[] = [];
  const lane = new Lane<number>((message) => heard.push(message));
  lane.push(1, false);
  lane.pump();
  const held = lane.push(2, true);
  lane.push(3, false);
  lane.pump();
  t.strictSame(heard, [1]);
  held.isHeld = false;
  lane.pump();
  t.strictSame(heard, [1, 2, 3]);
  t.ok(lane.isEmpty);
  t.end();
});

t.test("a delay that ends lets everything under way go, in its order", (t) => {
  const heard: number[] = [];
  const lane = new Lane<number>((message) => heard.push(message));
  lane.delayMs = 60_000;
  for (const message of [1, 2, 3]) lane.push(message, false);
  lane.pump();
  t.strictSame(heard, []);
  lane.delayMs = 0;
  t.strictSame(heard, [1, 2, 3]);
  t.end();
});

t.test("a message leaves by itself when its delay has passed, and no sooner", async (t) => {
  const beganMs = performance.now();
  await new Promise<void>((resolve) => {
    const lane = new Lane<number>(() => resolve());
    lane.delayMs = 20;
    lane.push(1, false);
    lane.pump();
  });
  t.ok(performance.now() - beganMs >= 20);
});

t.test("what is sent while a message is delivered comes after it", (t) => {
  const heard: number[] = [];
  const lane: Lane<number> = new Lane((message) => {
    if (message === 1) {
      lane.push(2, false);
      lane.pump();
    }
    heard.push(message);
  });
  lane.push(1, false);
  lane.pump();
  t.strictSame(heard, [1, 2]);
  t.end();
});

t.test("what is lost amid a delivery is lost, and what comes later passes", (t) => {
  const heard: number[] = [];
  const lane: Lane<number> = new Lane((message) => {
    heard.push(message);
    if (message === 1) lane.clear();
  });
  lane.push(1, false);
  lane.push(2, false);
  lane.pump();
  lane.push(3, false);
  lane.pump();
  t.strictSame(heard, [1, 3]);
  t.end();
});

/** What happens to a lane: a message comes, held or not; one of the held is let go; time passes; the delay changes. */
const happening = fc.oneof(
  { weight: 4, arbitrary: fc.record({ what: fc.constant("push" as const), isHeld: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ what: fc.constant("release" as const), index: fc.nat(5) }) },
  { weight: 2, arbitrary: fc.record({ what: fc.constant("wait" as const), ms: fc.nat(50) }) },
  { weight: 1, arbitrary: fc.record({ what: fc.constant("delay" as const), ms: fc.nat(40) }) },
);

t.test(
  "whatever is held, let go, delayed and undelayed: all messages come, each once, in order, and none early",
  (t) => {
    fc.assert(
      fc.property(fc.array(happening, { maxLength: 60 }), (happenings) => {
        let nowMs = 0;
        let delayMs = 0;
        let sent = 0;
        const heard: number[] = [];
        const arrived: number[] = [];
        const held: LaneItem<number>[] = [];
        const lane = new Lane<number>(
          (message) => {
            if (nowMs < (arrived[message] ?? Infinity) + delayMs) throw new Error(`${message} came early`);
            heard.push(message);
          },
          () => nowMs,
        );
        for (const happens of happenings) {
          switch (happens.what) {
            case "push": {
              arrived[sent] = nowMs;
              const item = lane.push(sent++, happens.isHeld);
              if (happens.isHeld) held.push(item);
              break;
            }
            case "release": {
              const [item] = held.splice(happens.index, 1);
              if (item !== undefined) item.isHeld = false;
              break;
            }
            case "wait":
              nowMs += happens.ms;
              break;
            case "delay":
              delayMs = happens.ms;
              lane.delayMs = delayMs;
          }
          lane.pump();
          // The first that is still under way has a reason to be.
          if (heard.length < sent) {
            const isHeld = held.some(({ message }) => message === heard.length);
            if (!isHeld && nowMs >= (arrived[heard.length] ?? 0) + delayMs) throw new Error("it stays for nothing");
          }
        }
        for (const item of held) item.isHeld = false;
        delayMs = 0;
        lane.delayMs = 0;
        return heard.length === sent && heard.every((message, index) => message === index);
      }),
      { numRuns: 500 },
    );
    t.end();
  },
);
