import t from "tap";
import { HASHES } from "../../../src/core/hash.js";
import { SlaveCore } from "../../../src/core/slave.js";
import type { ErrorCode } from "../../../src/protocol/errors.js";
import type { Epoch, OpId, SlaveId } from "../../../src/protocol/ids.js";
import { LIMITS } from "../../../src/protocol/limits.js";
import type { ToSlave } from "../../../src/protocol/messages.js";
import { StepLines } from "../../../src/server/slave/step-lines.js";
import { MemoryStore } from "../../../src/server/storage/memory-store.js";

const ID = "1" as SlaveId;
const REPLICAS: [SlaveId, SlaveId] = [ID, "2" as SlaveId];

/** The shipped core of a slave that obeys a master, with a log that is durable as soon as it is told to be. */
function scene({ isHeard = () => true }: { isHeard?: () => boolean } = {}) {
  const told: string[] = [];
  let refusal: readonly [ErrorCode, string] | undefined;
  let lsn = 0;
  const steps = new StepLines({
    find: (opId) => core.participant.find(opId),
    isHeard,
    tell: (level, text) => told.push(level === "info" ? text : `${level} ${text}`),
  });
  const core: SlaveCore = new SlaveCore(
    {
      identity: { slaveId: ID, storeId: "store" },
      store: new MemoryStore(),
      hash: HASHES.xxh64,
      cacheSets: 1,
      cacheWays: 1,
    },
    [],
    { append: () => ++lsn, refusalOf: () => refusal },
    steps,
  );
  const session = core.openSession({
    send: () => undefined,
    close: () => undefined,
    listKeys: () => Promise.resolve(),
    listCopies: () => Promise.resolve(),
    arm: () => undefined,
  });
  const receive = (...messages: ToSlave[]) => {
    for (const message of messages) session.receive(message);
  };
  const force = () => core.durable(lsn);
  receive({ type: "hello", epoch: "3" as Epoch, masterId: "m", slaveId: ID });
  force();
  t.teardown(() => steps.close());
  return {
    told,
    receive,
    force,
    refuse: (...why: readonly [ErrorCode, string]) => (refusal = why),
  };
}

const op = (opId: string) => opId as OpId;
const put = (opId: string, key: string, value: string): ToSlave => {
  return { type: "putreq", opId: op(opId), key, value, replicas: REPLICAS };
};
const del = (opId: string, key: string): ToSlave => ({ type: "delreq", opId: op(opId), key, replicas: REPLICAS });

t.test(
  "an update's steps are told when they have been taken: the vote after its force, keys quoted, no values",
  (t) => {
    const { told, receive, force } = scene();
    receive(put("3.17", 'us"er\n42', "naïve secret"));
    t.strictSame(told, [], "nothing is promised before the force");
    force();
    receive({ type: "commit", opId: op("3.17") }, { type: "forget", opId: op("3.17") });
    t.strictSame(told, [
      'PREPARE 3.17 put "us\\"er\\n42" (13 bytes): vote yes',
      'COMMIT 3.17 put "us\\"er\\n42": applied',
      "debug FORGET 3.17",
    ]);
    t.end();
  },
);

t.test("a vote no is told with its reason, an abort with what it changed", (t) => {
  const { told, receive, force, refuse } = scene();
  receive(del("3.1", "city"), put("3.2", "city", "Paris"));
  force();
  receive({ type: "abort", opId: op("3.2") }, { type: "abort", opId: op("3.2") }, { type: "abort", opId: op("3.9") });
  refuse("STORAGE", "The slave's disk has no room for this update.");
  receive(put("3.3", "city", "Rome"));
  t.strictSame(told, [
    'PREPARE 3.1 del "city": vote no: KEY_NOT_FOUND Key does not exist',
    'PREPARE 3.2 put "city" (5 bytes): vote yes',
    'ABORT 3.2 put "city": dropped',
    'ABORT 3.2 put "city": known already',
    "ABORT 3.9: no record of it here",
    `PREPARE 3.3 put "city" (4 bytes): vote no: STORAGE The slave's disk has no room for this update.`,
  ]);
  t.end();
});

t.test("under load so many steps are told in an interval, whatever they are", (t) => {
  const { told, receive, force } = scene();
  for (let n = 0; n < 100; n++) receive(put(`3.${n}`, `k${n}`, "v"));
  force();
  for (let n = 0; n < 100; n++) receive({ type: "commit", opId: op(`3.${n}`) });
  t.equal(told.length, LIMITS.stepLinesPerIntervalMax);
  t.end();
});

t.test("while no master takes lines none is made, nor counted", (t) => {
  let isHeard = false;
  const { told, receive, force } = scene({ isHeard: () => isHeard });
  for (let n = 0; n < 100; n++) receive(put(`3.${n}`, `k${n}`, "v"));
  force();
  isHeard = true;
  receive({ type: "commit", opId: op("3.0") });
  t.strictSame(told, ['COMMIT 3.0 put "k0": applied']);
  t.end();
});
