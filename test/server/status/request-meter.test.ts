import t from "tap";
import { RequestMeter } from "../../../src/server/status/request-meter.js";

t.test(
  "a read that the cache answers at once is a get, and never was under way: the load gate does not count it",
  (t) => {
    const meter = new RequestMeter();
    for (let hits = 0; hits < 100; hits++) meter.hitEnded(meter.hitBegins());
    t.match(meter.figures, { gets: 100, inFlight: 0, errors: 0 });
    t.equal(meter.served, 0);
    meter.start("get")({ ok: false, code: "KEY_NOT_FOUND", message: "" });
    t.equal(meter.served, 1);
    t.equal(meter.figures.gets, 101);
    t.end();
  },
);

t.test("hits show among the times of gets, though only some of them are timed", (t) => {
  const meter = new RequestMeter();
  const timed = Array.from({ length: 64 }, () => {
    const startedMs = meter.hitBegins();
    meter.hitEnded(startedMs);
    return startedMs;
  });
  t.equal(timed.filter((startedMs) => startedMs !== undefined).length, 2);
  t.ok(meter.figures.getMs.p99 > 0);
  t.end();
});
