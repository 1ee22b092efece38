import t from "tap";
import type { SlaveId } from "../../../src/protocol/ids.js";
import { outOfPhase } from "../../../src/server/slave/checkpoints.js";
import { evenlySpreadIds } from "../../../src/server/supervisor/ring-ids.js";

const MIB = 1_048_576;

t.test("no slave lets its log grow longer than it may, and none takes many more checkpoints than it must", (t) => {
  for (const id of ["0", "1", "65536", (2n ** 63n).toString(), (2n ** 64n - 1n).toString()]) {
    const due = outOfPhase(16 * MIB, id as SlaveId);
    t.ok(due >= 12 * MIB && due <= 16 * MIB, `${id}: ${due.toString()}`);
    t.ok(Number.isInteger(due));
  }
  t.end();
});

t.test("slaves that are spread over the ring take their checkpoints at different lengths", (t) => {
  for (const slaves of [2, 4, 8]) {
    const due = evenlySpreadIds(slaves).map((id) => outOfPhase(16 * MIB, id));
    const apart = due.slice(1).map((bytes, index) => Math.abs(bytes - (due[index] ?? 0)));
    t.ok(Math.min(...apart) >= (4 * MIB) / slaves - 1, `${slaves.toString()} slaves: ${due.join()}`);
  }
  t.end();
});
