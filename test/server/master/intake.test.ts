import t from "tap";
import { LIMITS } from "../../../src/protocol/limits.js";
import { type Frame, Intake } from "../../../src/server/master/intake.js";
import { FakeConnection } from "../fake-connection.js";

/** An intake whose requests cost what the test says, and are done when it says. */
function scene(cost: (intake: Intake) => number = () => 0) {
  const connection = new FakeConnection();
  const taken: Frame[] = [];
  const costs: number[] = [];
  const intake: Intake = new Intake(connection, (frame) => {
    taken.push(frame);
    costs.push(cost(intake));
    intake.begun(costs.at(-1) ?? 0);
  });
  const answer = () => intake.done(costs.shift() ?? 0);
  return { connection, intake, taken, answer };
}

const lines = (count: number) => Array.from({ length: count }, (_, n) => `line ${n}`);

t.test("only so many requests are under way; the rest of what was read waits, and nothing more is read", (t) => {
  const { connection, intake, taken, answer } = scene();
  intake.push(lines(LIMITS.requestsInFlightMax + 2));
  t.equal(taken.length, LIMITS.requestsInFlightMax);
  t.ok(connection.isPaused);
  answer();
  t.equal(taken.at(-1), `line ${LIMITS.requestsInFlightMax}`);
  t.ok(connection.isPaused);
  for (let n = 0; n < 3; n++) answer();
  t.equal(taken.length, LIMITS.requestsInFlightMax + 2);
  t.notOk(connection.isPaused);
  t.end();
});

t.test("only so many bytes are under way", (t) => {
  const { connection, intake, taken, answer } = scene(() => LIMITS.requestsInFlightBytesMax / 4);
  intake.push(lines(6));
  t.equal(taken.length, 4);
  t.ok(connection.isPaused);
  answer();
  t.equal(taken.length, 5);
  t.end();
});

t.test("a client that does not take its answers is not read, and what it has asked waits", (t) => {
  const { connection, intake, taken } = scene();
  connection.queuedBytes = LIMITS.writeQueueBytesMax;
  intake.push(lines(3));
  t.strictSame([taken.length, connection.isPaused], [0, true]);
  connection.queuedBytes = 0;
  intake.regulate();
  t.strictSame([taken.length, connection.isPaused], [3, false]);
  t.end();
});

t.test("lines that come in spite of a pause wait behind those that came before", (t) => {
  const { connection, intake, taken } = scene();
  connection.queuedBytes = LIMITS.writeQueueBytesMax;
  intake.push(["a"]);
  intake.push(["b"]);
  connection.queuedBytes = 0;
  intake.push(["c"]);
  t.strictSame(taken, ["a", "b", "c"]);
  t.end();
});

t.test("the first reads are taken for the longest value; short ones make room, a long one takes it", (t) => {
  const { intake, taken, answer } = scene((intake) => intake.readBytes);
  const first = Math.ceil(LIMITS.requestsInFlightBytesMax / LIMITS.valueBytesMax);
  intake.push(lines(5_000));
  t.equal(taken.length, first);
  for (let n = 0; n < 200; n++) {
    intake.wasRead(10);
    answer();
  }
  t.equal(taken.length, 200 + LIMITS.requestsInFlightMax);
  intake.wasRead(LIMITS.valueBytesMax);
  t.ok(intake.readBytes > LIMITS.valueBytesMax);
  t.end();
});

t.test("after the client's end what it has asked is answered first, and what waits is asked still", (t) => {
  const { connection, intake, taken, answer } = scene(() => LIMITS.requestsInFlightBytesMax);
  intake.push(lines(2));
  intake.end();
  t.notOk(connection.isEnded);
  answer();
  t.strictSame([taken.length, connection.isEnded], [2, false]);
  answer();
  t.ok(connection.isEnded);
  t.end();
});

t.test("nothing is begun for a connection that is gone", (t) => {
  const { intake, taken, answer } = scene(() => LIMITS.requestsInFlightBytesMax);
  intake.push(lines(2));
  intake.close();
  answer();
  t.equal(taken.length, 1);
  t.end();
});

t.test("a long run of requests that are answered at once does not grow the stack", (t) => {
  const connection = new FakeConnection();
  let taken = 0;
  const intake: Intake = new Intake(connection, () => {
    taken += 1;
    intake.begun(0);
    intake.done(0);
  });
  intake.push(lines(100_000));
  t.equal(taken, 100_000);
  t.end();
});

t.test("who has sent a long line that was refused is not read for a while; a short one costs nothing", async (t) => {
  const { connection, intake, taken } = scene();
  intake.refused(65_536);
  intake.push(["a"]);
  t.strictSame([taken.length, connection.isPaused], [1, false]);
  const resumed = new Promise<void>((resolve) => (connection.resume = resolve));
  intake.refused(1_000_000);
  intake.push(["b"]);
  t.strictSame([taken.length, connection.isPaused], [1, true]);
  await resumed;
  t.strictSame(taken, ["a", "b"]);
});
