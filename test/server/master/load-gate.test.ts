import t, { type Test } from "tap";
import { LIMITS } from "../../../src/protocol/limits.js";
import { LoadGate } from "../../../src/server/master/load-gate.js";

const WAIT_MS = 1_000;

/** A gate before a master that the test plays, at a time that it sets. */
function scene(t: Test) {
  let nowMs = 0;
  const real = performance.now.bind(performance);
  performance.now = () => nowMs;
  t.teardown(() => (performance.now = real));
  const meter = { inFlight: 0, served: 0 };
  const gate = new LoadGate(meter, WAIT_MS);
  /** Seconds at this rate, with so much under way. */
  const serve = (perSecond: number, inFlight: number, seconds = 5) => {
    meter.inFlight = inFlight;
    for (let tick = 0; tick < seconds * 4; tick++) {
      nowMs += 250;
      meter.served += perSecond / 4;
      gate.tick();
    }
  };
  return { gate, meter, serve };
}

t.test("a master that is busy may have under way what it serves in the time that a request may wait", (t) => {
  const { gate, serve } = scene(t);
  serve(10_000, 10_000);
  t.ok(Math.abs(gate.underWayMax - 10_000) < 200, `${gate.underWayMax}`);
  serve(500, gate.underWayMax);
  t.ok(Math.abs(gate.underWayMax - 500) < 50, `${gate.underWayMax}`);
  t.end();
});

t.test("past that an update is refused, and a read past twice as many", (t) => {
  const { gate, meter } = scene(t);
  meter.inFlight = gate.underWayMax - 1;
  t.ok(gate.beginUpdate(1));
  meter.inFlight = gate.underWayMax;
  t.notOk(gate.beginUpdate(1));
  t.ok(gate.admitsRead);
  meter.inFlight = 2 * gate.underWayMax;
  t.notOk(gate.admitsRead);
  t.end();
});

t.test("what a master with little to do serves says nothing of what it could", (t) => {
  const { gate, serve } = scene(t);
  const before = gate.underWayMax;
  serve(3, 1);
  t.equal(gate.underWayMax, before);
  t.end();
});

t.test("refusals alone show that there is enough to do", (t) => {
  const { gate, meter, serve } = scene(t);
  meter.inFlight = gate.underWayMax;
  t.notOk(gate.beginUpdate(1));
  serve(100, 0, 0.25);
  t.ok(gate.underWayMax < LIMITS.requestsUnderWayAtFirst);
  t.end();
});

t.test("it has bounds: slaves that stand still get some work, and no number of requests only waits", (t) => {
  const { gate, meter, serve } = scene(t);
  serve(0, gate.underWayMax);
  t.equal(gate.underWayMax, LIMITS.requestsUnderWayMin);
  meter.inFlight = LIMITS.requestsUnderWayMin;
  serve(10_000_000, LIMITS.requestsUnderWayMax);
  t.equal(gate.underWayMax, LIMITS.requestsUnderWayMax);
  t.end();
});

t.test("updates hold a bounded number of bytes, which come back as they end", (t) => {
  const { gate } = scene(t);
  t.ok(gate.beginUpdate(LIMITS.updateBytesMax));
  t.notOk(gate.beginUpdate(1));
  gate.updateEnded(LIMITS.updateBytesMax);
  t.ok(gate.beginUpdate(1));
  t.end();
});
