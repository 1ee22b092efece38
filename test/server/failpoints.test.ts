import t from "tap";
import {
  Failpoints,
  MASTER_POINTS,
  MasterFailpoints,
  SLAVE_POINTS,
  SlaveFailpoints,
  killOwnProcess,
  pointsOf,
} from "../../src/server/failpoints.js";

/** Failpoints of two steps whose deaths are counted. */
function observed(spec: string | undefined) {
  let deaths = 0;
  const failpoints = new Failpoints(pointsOf(["write", "read"]), () => (deaths += 1));
  failpoints.arm(spec);
  return { failpoints, deaths: () => deaths };
}

t.test("there is a point before and one after each step", (t) => {
  t.strictSame(pointsOf(["write", "read"]), ["before:write", "after:write", "before:read", "after:read"]);
  t.equal(new Set(SLAVE_POINTS).size, SLAVE_POINTS.length);
  t.equal(new Set(MASTER_POINTS).size, MASTER_POINTS.length);
  t.end();
});

t.test("nothing is armed at first, and undefined disarms", (t) => {
  t.equal(new MasterFailpoints(killOwnProcess).armed, undefined);
  const { failpoints } = observed("after:write");
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
    t.throws(() => observed(spec), {
      code: "BAD_REQUEST",
      message: `No failpoint \`${spec}\` here; there are: before:write, after:write, before:read, after:read.`,
    });
  }
  t.end();
});

t.test("the daemon dies at the armed point and nowhere else", (t) => {
  const { failpoints, deaths } = observed("after:write");
  failpoints.armed?.before("write");
  failpoints.armed?.after("read");
  t.equal(deaths(), 0);
  failpoints.armed?.after("write");
  t.equal(deaths(), 1);
  t.end();
});

t.test("of two daemons in one process only the one dies whose point it is", (t) => {
  const died: string[] = [];
  const first = new SlaveFailpoints(() => died.push("first"));
  const second = new SlaveFailpoints(() => died.push("second"));
  second.arm("before:apply");
  for (const { armed } of [first, second]) armed?.before("apply");
  t.strictSame(died, ["second"]);
  t.end();
});

t.test("a daemon with a process to itself dies by its own SIGKILL", (t) => {
  const kills = t.capture(process, "kill", () => true);
  killOwnProcess();
  t.match(kills(), [{ args: [process.pid, "SIGKILL"] }]);
  t.end();
});

t.test("`#3` lets the point pass twice", (t) => {
  const { failpoints, deaths } = observed("before:write#3");
  const deathsAfter = [1, 2, 3].map(() => {
    failpoints.armed?.before("write");
    return deaths();
  });
  t.strictSame(deathsAfter, [0, 0, 1]);
  t.end();
});

t.test("what a send has queued is handed to the system before the end, and at no other passing", (t) => {
  const { failpoints, deaths } = observed("after:write");
  const order: string[] = [];
  const connection = { flush: () => order.push(`flush, ${deaths()} deaths`) };
  failpoints.armed?.after("read", connection);
  failpoints.armed?.after("write", connection);
  t.strictSame(order, ["flush, 0 deaths"]);
  t.end();
});

t.test("a force is passed once for each kind of record in its group", (t) => {
  let deaths = 0;
  const failpoints = new SlaveFailpoints(() => (deaths += 1));
  failpoints.arm("before:force-committed#2");
  const group = ["1.1", "1.2"].map((opId) => ({ record: { type: "committed", opId } as never }));
  failpoints.aroundForce("before", group);
  failpoints.aroundForce("after", group);
  t.equal(deaths, 0);
  failpoints.aroundForce("before", group);
  t.equal(deaths, 1);
  t.end();
});
