import t, { type Test } from "tap";
import { Failpoints, MASTER_POINTS, SLAVE_POINTS, masterFailpoints, pointsOf } from "../../src/server/failpoints.js";

/** Has failpoints whose death is seen: kills of this process are kept instead of sent. */
function observed(t: Test, spec: string | undefined) {
  const kills = t.capture(process, "kill", () => true);
  const failpoints = new Failpoints(pointsOf(["write", "read"]));
  failpoints.arm(spec);
  return { failpoints, kills };
}

t.test("there is a point before and one after each step", (t) => {
  t.strictSame(pointsOf(["write", "read"]), ["before:write", "after:write", "before:read", "after:read"]);
  t.equal(new Set(SLAVE_POINTS).size, SLAVE_POINTS.length);
  t.equal(new Set(MASTER_POINTS).size, MASTER_POINTS.length);
  t.end();
});

t.test("nothing is armed at first, and undefined disarms", (t) => {
  t.equal(masterFailpoints.armed, undefined);
  const { failpoints } = observed(t, "after:write");
  t.not(failpoints.armed, undefined);
  failpoints.arm(undefined);
  t.equal(failpoints.armed, undefined);
  t.end();
});

t.test("a spec that names no point is refused with the list of them", (t) => {
  const specs = [
    "",
    "write",
    "during:write",
    "after:Write",
    "after:write#0",
    "after:write#",
    "after:write#1x",
    "after:apply",
  ];
  for (const spec of specs) {
    t.throws(() => observed(t, spec), {
      code: "BAD_REQUEST",
      message: `No failpoint \`${spec}\` here; there are: before:write, after:write, before:read, after:read.`,
    });
  }
  t.end();
});

t.test("SIGKILL goes to this process at the armed point and nowhere else", (t) => {
  const { failpoints, kills } = observed(t, "after:write");
  failpoints.armed?.before("write");
  failpoints.armed?.after("read");
  t.equal(kills().length, 0);
  failpoints.armed?.after("write");
  t.match(kills(), [{ args: [process.pid, "SIGKILL"] }]);
  t.end();
});

t.test("`#3` lets the point pass twice", (t) => {
  const { failpoints, kills } = observed(t, "before:write#3");
  const killsAfter = [1, 2, 3].map(() => {
    failpoints.armed?.before("write");
    return kills().length;
  });
  t.strictSame(killsAfter, [0, 0, 1]);
  t.end();
});

t.test("what a send has queued is handed to the system before the end, and at no other passing", (t) => {
  const { failpoints, kills } = observed(t, "after:write");
  const order: string[] = [];
  const connection = { flush: () => order.push(`flush, ${kills().length} kills`) };
  failpoints.armed?.after("read", connection);
  failpoints.armed?.after("write", connection);
  t.strictSame(order, ["flush, 0 kills"]);
  t.end();
});
