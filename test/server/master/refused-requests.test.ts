import t, { type Test } from "tap";
import { LIMITS } from "../../../src/protocol/limits.js";
import { serveClient } from "../../../src/server/master/client-port.js";
import { FakeConnection } from "../fake-connection.js";
import { ScriptedRing, member, until } from "./scripted-ring.js";

const ADDRESS = { host: "127.0.0.1", port: 8080 };

/** The shipped master of two slaves that take everything and answer nothing, and a client of it. */
async function scene(t: Test) {
  const ring = new ScriptedRing([member("1", "5"), member("2", "5")]);
  ring.master.start({ client: ADDRESS, registration: ADDRESS, status: ADDRESS });
  t.teardown(() => ring.master.stop());
  for (const id of ["1", "2"]) await ring.register({ id, epochSeen: "5" });
  await until(() => ring.isLinked("1") && ring.isLinked("2"));
  const ask = (...lines: string[]) => {
    const connection = new FakeConnection();
    serveClient(ring.master, connection).onFrames(lines);
    return connection;
  };
  return { ask, refusals: ring.master.refusals };
}

t.test("a line that is refused is counted by what was wrong with it", async (t) => {
  const { ask, refusals } = await scene(t);
  const put = (key: string, value: string) => JSON.stringify({ type: "putreq", key, value });
  ask("no JSON", "[".repeat(LIMITS.nestingMax + 1), put("k".repeat(LIMITS.keyBytesMax + 1), "v"));
  ask(put("k", "v".repeat(LIMITS.valueBytesMax + 1)), JSON.stringify({ type: "unknown" }));
  t.match(refusals.figures, { malformed: 2, key: 1, value: 1, lockQueue: 0, busy: 0 });
});

t.test(
  "a request whose cache set has as many waiting as may is refused and counted, and so is one too many of all",
  async (t) => {
    const { ask, refusals } = await scene(t);
    const connections = 5;
    const each = LIMITS.requestsInFlightMax - 1;
    // One of them holds the lock, which no slave's answer ever gives back.
    for (let n = 0; n < connections; n++) ask(...Array.from({ length: each }, () => '{"type":"delreq","key":"k"}'));
    t.match(refusals.figures, { busy: connections * each - LIMITS.requestsUnderWayAtFirst, lockQueue: 0 });
    const get = (id: number) => JSON.stringify({ type: "getreq", id, key: "k" });
    const reader = ask(get(1), get(2), get(3));
    t.match(reader.sent, [
      { id: 2, code: "OVERLOADED" },
      { id: 3, code: "OVERLOADED" },
    ]);
    t.equal(refusals.figures.lockQueue, 2);
  },
);
