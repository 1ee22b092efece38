import t from "tap";
import { NO_TRAFFIC, SECONDS_KEPT, withMark, withReading } from "../../../src/tui/model/traffic.js";
import { metrics } from "../sample.js";

const at = (second: number, ms = 0) => second * 1_000 + ms;

t.test("requests per second come from the counters of about the last second", (t) => {
  let traffic = NO_TRAFFIC;
  for (let step = 0; step <= 12; step += 1)
    traffic = withReading(traffic, at(100, step * 250), metrics({ puts: step * 10 }));
  t.equal(traffic.opsPerSecond, 40);
  t.end();
});

t.test("with the traffic over, the rate falls to 0 within a second and a quarter", (t) => {
  let traffic = withReading(NO_TRAFFIC, at(100), metrics());
  traffic = withReading(traffic, at(100, 250), metrics({ gets: 100 }));
  for (let step = 2; step <= 6; step += 1) traffic = withReading(traffic, at(100, step * 250), metrics({ gets: 100 }));
  t.equal(traffic.opsPerSecond, 0);
  t.end();
});

t.test("the first reading is a starting point: what came before is nobody's second", (t) => {
  const traffic = withReading(NO_TRAFFIC, at(100), metrics({ gets: 1_000_000 }));
  t.strictSame(traffic.seconds, [{ atSecond: 100, ops: 0, marks: [] }]);
  t.end();
});

t.test("seconds without readings are there, with nothing in them", (t) => {
  const traffic = withReading(withReading(NO_TRAFFIC, at(100), metrics()), at(104), metrics({ dels: 2 }));
  t.strictSame(
    traffic.seconds.map(({ atSecond, ops }) => [atSecond, ops]),
    [
      [100, 0],
      [101, 0],
      [102, 0],
      [103, 0],
      [104, 2],
    ],
  );
  t.end();
});

t.test("only the last minutes are kept, however long nothing was heard", (t) => {
  const traffic = withReading(withReading(NO_TRAFFIC, at(100), metrics()), at(1_000_000), metrics());
  t.equal(traffic.seconds.length, SECONDS_KEPT);
  t.equal(traffic.seconds.at(-1)?.atSecond, 1_000_000);
  t.end();
});

t.test("a mark stands once in its second", (t) => {
  const traffic = withMark(withMark(withMark(NO_TRAFFIC, at(5), "down"), at(5, 9), "down"), at(5, 10), "up");
  t.strictSame(traffic.seconds, [{ atSecond: 5, ops: 0, marks: ["down", "up"] }]);
  t.end();
});

t.test("a mark of a second that has gone by goes where it belongs", (t) => {
  const traffic = withMark(withMark(NO_TRAFFIC, at(7), "up"), at(6), "down");
  t.strictSame(
    traffic.seconds.map(({ marks }) => marks),
    [["up"]],
    "a second before the first is not made up",
  );
  t.end();
});
