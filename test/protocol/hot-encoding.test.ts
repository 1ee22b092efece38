import fc from "fast-check";
import t from "tap";
import { encodeFrame } from "../../src/protocol/framing.js";
import { encodeFromSlave, encodeSuccess, encodeToSlave } from "../../src/protocol/hot-encoding.js";
import type { OpId, SlaveId } from "../../src/protocol/ids.js";
import type { FromSlave, Prepare, ToSlave } from "../../src/protocol/messages.js";

const text = fc.oneof(fc.string(), fc.string({ unit: "binary" }), fc.constantFrom('"', "\\", "\n", "\u2028", "😀", ""));
const opId = fc.tuple(fc.bigInt(0n, 2n ** 64n - 1n), fc.nat()).map(([epoch, seq]) => `${epoch}.${seq}` as OpId);
const slaveId = fc.bigInt(0n, 2n ** 64n - 1n).map((id) => id.toString() as SlaveId);
const prepare: fc.Arbitrary<Prepare> = fc
  .record({ isPut: fc.boolean(), opId, key: text, value: text, replicas: fc.tuple(slaveId, slaveId) })
  .map(({ isPut, opId, key, value, replicas }) =>
    isPut ? { type: "putreq", opId, key, value, replicas } : { type: "delreq", opId, key, replicas },
  );
const toSlave: fc.Arbitrary<ToSlave> = fc.oneof(
  prepare,
  fc.record({ type: fc.constantFrom("commit", "abort", "forget"), opId }),
  fc.record({ type: fc.constant("getreq"), id: fc.nat(), key: text }),
);
const fromSlave: fc.Arbitrary<FromSlave> = fc.oneof(
  fc.record({ type: fc.constantFrom("ready", "ack"), opId }),
  fc.record({ type: fc.constant("resp"), id: fc.nat(), value: text, opId }),
  fc.record({ type: fc.constant("resp"), id: fc.nat(), value: text, opId, more: fc.boolean() }),
  fc.record({ type: fc.constant("resp"), id: fc.nat(), code: fc.constant("KEY_NOT_FOUND"), message: text }),
);

t.test("what is put together is what is encoded as a whole, however often the same one goes out", (t) => {
  fc.assert(
    fc.property(
      fc.array(toSlave, { minLength: 1, maxLength: 8 }),
      fc.array(fc.nat(), { maxLength: 24 }),
      (messages, order) => {
        for (const index of order) {
          const message = messages[index % messages.length];
          if (message !== undefined && encodeToSlave(message) !== encodeFrame(message)) t.fail(JSON.stringify(message));
        }
      },
    ),
    { numRuns: 500 },
  );
  fc.assert(
    fc.property(fromSlave, (message) => encodeFromSlave(message) === encodeFrame(message)),
    { numRuns: 500 },
  );
  fc.assert(
    fc.property(opId, (opId) => encodeSuccess(opId) === encodeFrame({ type: "resp", message: "Success", opId })),
  );
  t.end();
});
