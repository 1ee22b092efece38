import fs from "node:fs";
import path from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import t from "tap";
import type { LogRecord } from "../../../src/core/log-record.js";
import { RingkvError } from "../../../src/protocol/errors.js";
import { epoch, openLog, outcome, prepared } from "./log-fixtures.js";
import { SimulatedDisk, randomOf } from "./simulated-disk.js";

const SEGMENT_BYTES = 4_096;

const segmentsOf = (directory: string): string[] =>
  fs
    .readdirSync(path.join(directory, "log"))
    .filter((name) => name.endsWith(".log"))
    .sort();

t.test("appended records come back in order after a close", async (t) => {
  const directory = t.testdir();
  const records = [epoch(1), prepared(1), outcome("committed", 1), outcome("forgotten", 1), prepared(2, "")];
  const { log } = await openLog(directory);
  for (const record of records) log.append(record, "ride");
  await log.close();
  const reopened = await openLog(directory);
  t.same(reopened.records, records);
  await reopened.log.close();
});

t.test("the directory is 0700 and its files are 0600", async (t) => {
  const data = t.testdir();
  const directory = path.join(data, "log");
  const { log, durable } = await openLog(data);
  await durable(log.append(epoch(1), "force"));
  await log.close();
  t.equal(fs.statSync(directory).mode & 0o777, 0o700);
  for (const name of fs.readdirSync(directory)) {
    t.equal(fs.statSync(path.join(directory, name)).mode & 0o777, 0o600, name);
  }
});

t.test("all records appended in one turn share one force", async (t) => {
  const disk = new SimulatedDisk();
  const { log, durable } = await openLog("/data", { files: disk, segmentBytes: 65_536 });
  await disk.settled();
  const before = disk.forces;
  let last = 0;
  for (let seq = 0; seq < 100; seq++) last = log.append(prepared(seq), "force");
  t.equal(disk.forces, before, "nothing is forced within the turn");
  await durable(last);
  t.equal(disk.forces, before + 1);
  await log.close();
});

t.test("what is appended while a force runs leaves together with the next one, never beside it", async (t) => {
  const disk = new SimulatedDisk();
  const { log, durable } = await openLog("/data", { files: disk, segmentBytes: 65_536 });
  await disk.settled();
  const before = disk.forces;
  const release = disk.holdForces();
  log.append(prepared(1), "force");
  await nextTurn();
  t.equal(disk.forces, before + 1);
  log.append(prepared(2), "force");
  const last = log.append(prepared(3), "force");
  await nextTurn();
  await nextTurn();
  t.equal(disk.forces, before + 1, "the second waits for the first");
  t.equal(log.durable, 0);
  release();
  await durable(last);
  t.equal(disk.forces, before + 2);
  await log.close();
});

t.test("a record that rides is on disk after a few ms, without any other record", async (t) => {
  const { log, durable } = await openLog(t.testdir());
  await durable(log.append(outcome("committed", 1), "ride"));
  t.equal(log.durable, 1);
  await log.close();
});

t.test("a record that rides leaves with a forced one", async (t) => {
  const disk = new SimulatedDisk();
  const { log, durable } = await openLog("/data", { files: disk, rideMs: 1_000_000 });
  await disk.settled();
  const before = disk.forces;
  log.append(outcome("committed", 1), "ride");
  await durable(log.append(prepared(2), "force"));
  t.equal(log.durable, 2);
  t.equal(disk.forces, before + 1);
  await log.close();
});

t.test(
  "after a failed force nothing is reported durable, appends are refused, and the failure is told once",
  async (t) => {
    const disk = new SimulatedDisk();
    const { log, failures } = await openLog("/data", { files: disk });
    await disk.settled();
    disk.forceError = new Error("EIO: i/o error, fdatasync");
    log.append(prepared(1), "force");
    log.append(prepared(2), "force");
    while (failures.length === 0) await nextTurn();
    disk.forceError = undefined;
    t.match(failures, [{ code: "STORAGE", message: /EIO/ }]);
    t.throws(() => log.append(prepared(3), "force"), { code: "STORAGE" });
    t.equal(log.hasRoomFor(prepared(4)), false);
    await log.close();
    t.equal(log.durable, 0);
    t.equal(failures.length, 1);
  },
);

t.test("a full segment is followed by the next one, and both are read again", async (t) => {
  const directory = t.testdir();
  const { log, durable } = await openLog(directory, { segmentBytes: SEGMENT_BYTES });
  const records: LogRecord[] = [];
  for (let seq = 0; seq < 200; seq++) records.push(prepared(seq));
  for (const record of records) await durable(log.append(record, "force"));
  await log.close();
  t.ok(segmentsOf(directory).length > 2);
  const reopened = await openLog(directory, { segmentBytes: SEGMENT_BYTES });
  t.same(reopened.records, records);
  await reopened.log.close();
});

t.test("one turn's records may fill several segments", async (t) => {
  const directory = t.testdir();
  const { log, durable } = await openLog(directory, { segmentBytes: SEGMENT_BYTES });
  const records = Array.from({ length: 200 }, (_, seq) => prepared(seq));
  await durable(records.map((record) => log.append(record, "force")).at(-1) ?? 0);
  await log.close();
  const reopened = await openLog(directory, { segmentBytes: SEGMENT_BYTES });
  t.same(reopened.records, records);
  await reopened.log.close();
});

t.test("a record larger than a segment is refused before it is accepted", async (t) => {
  const { log } = await openLog(t.testdir(), { segmentBytes: SEGMENT_BYTES });
  const large = prepared(1, "x".repeat(SEGMENT_BYTES));
  t.equal(log.hasRoomFor(large), false);
  t.throws(() => log.append(large, "force"), { code: "STORAGE" });
  await log.close();
});

t.test("a log that was closed refuses appends", async (t) => {
  const { log } = await openLog(t.testdir());
  await log.close();
  t.throws(() => log.append(epoch(1), "force"), { code: "STORAGE" });
});

t.test("a checkpoint leaves what it carried over and what came after it, and drops the older segments", async (t) => {
  const directory = t.testdir();
  const { log, durable } = await openLog(directory, { segmentBytes: SEGMENT_BYTES });
  for (let seq = 0; seq < 100; seq++) await durable(log.append(prepared(seq), "force"));
  const before = segmentsOf(directory);
  const order: string[] = [];
  const checkpoint = log.checkpoint(
    () => {
      order.push("carry over");
      return [epoch(4), prepared(99)];
    },
    () => {
      order.push("force store");
      return Promise.resolve();
    },
  );
  log.append(prepared(200), "force");
  await checkpoint;
  t.same(order, ["carry over", "force store"]);
  await durable(log.append(outcome("committed", 99), "force"));
  t.ok(log.bytesSinceCheckpoint < 500, `${log.bytesSinceCheckpoint} bytes since`);
  await log.close();
  for (const name of before.slice(0, 2)) t.notOk(segmentsOf(directory).includes(name), `${name} is gone`);
  const reopened = await openLog(directory, { segmentBytes: SEGMENT_BYTES });
  const withoutEarly = reopened.records.filter((record) => !("opId" in record && record.opId === "1.200"));
  t.same(withoutEarly, [epoch(4), prepared(99), outcome("committed", 99)]);
  await reopened.log.close();
});

t.test("a checkpoint whose carried-over records fill several segments is whole", async (t) => {
  const directory = t.testdir();
  const { log, durable } = await openLog(directory, { segmentBytes: SEGMENT_BYTES });
  await durable(log.append(epoch(1), "force"));
  const carried = [epoch(1), ...Array.from({ length: 150 }, (_, seq) => prepared(seq))];
  await log.checkpoint(
    () => carried,
    () => Promise.resolve(),
  );
  await durable(log.append(outcome("committed", 3), "force"));
  await log.close();
  const reopened = await openLog(directory, { segmentBytes: SEGMENT_BYTES });
  t.same(reopened.records, [...carried, outcome("committed", 3)]);
  await reopened.log.close();
});

t.test("appends become durable while a checkpoint waits for the store", async (t) => {
  const { log, durable } = await openLog(t.testdir(), { segmentBytes: SEGMENT_BYTES });
  let forceStore: () => void = () => undefined;
  const forcing = new Promise<void>((resolve) => (forceStore = resolve));
  const checkpoint = log.checkpoint(
    () => [epoch(1)],
    () => forcing,
  );
  for (let seq = 0; seq < 60; seq++) await durable(log.append(prepared(seq), "force"));
  forceStore();
  await checkpoint;
  await log.close();
});

t.test("a checkpoint whose store fails drops nothing", async (t) => {
  const directory = t.testdir();
  const { log, durable } = await openLog(directory, { segmentBytes: SEGMENT_BYTES });
  const records = Array.from({ length: 60 }, (_, seq) => prepared(seq));
  for (const record of records) await durable(log.append(record, "force"));
  const refusal = new RingkvError("STORAGE", "the store failed");
  await t.rejects(
    log.checkpoint(
      () => [epoch(1)],
      () => Promise.reject(refusal),
    ),
    refusal,
  );
  await log.close();
  const reopened = await openLog(directory, { segmentBytes: SEGMENT_BYTES });
  t.same(reopened.records, records, "what was carried over is not repeated");
  await reopened.log.close();
});

t.test("a force that fails during a checkpoint ends the checkpoint too", async (t) => {
  const disk = new SimulatedDisk();
  const { log, failures } = await openLog("/data", { files: disk, segmentBytes: 4 * SEGMENT_BYTES });
  await disk.settled();
  const checkpoint = log.checkpoint(
    () => [epoch(1)],
    () => Promise.resolve(),
  );
  disk.forceError = new Error("EIO");
  await t.rejects(checkpoint, { code: "STORAGE" });
  t.equal(failures.length, 1);
  await log.close();
});

t.test(
  "on a full disk a PREPARED is refused in time, every open op still gets its outcomes, and space freed helps",
  async (t) => {
    const disk = new SimulatedDisk();
    const { log, durable } = await openLog("/data", { files: disk, segmentBytes: 16_384 });
    await disk.settled();
    disk.capacityBytes = disk.usedBytes;
    const admitted: number[] = [];
    for (let seq = 0; log.hasRoomFor(prepared(seq)); seq++) {
      admitted.push(seq);
      const lsn = log.append(prepared(seq), "force");
      if (seq % 7 === 0) await durable(lsn);
    }
    t.ok(admitted.length > 50, `${admitted.length} ops were let in`);
    let last = 0;
    for (const seq of admitted) last = log.append(outcome("committed", seq), "ride");
    for (const seq of admitted) last = log.append(outcome("forgotten", seq), "ride");
    await durable(last);
    t.equal(log.hasRoomFor(prepared(1_000)), false, "still full");
    disk.capacityBytes = Infinity;
    while (!log.hasRoomFor(prepared(1_000))) await nextTurn();
    await durable(log.append(prepared(1_000), "force"));
    await log.close();
  },
);

t.test("appends that outrun the preparation of segments are let in while the disk has space", async (t) => {
  const { log, durable } = await openLog(t.testdir(), { segmentBytes: SEGMENT_BYTES });
  let last = 0;
  for (let seq = 0; seq < 300; seq++) {
    if (!log.hasRoomFor(prepared(seq))) t.fail(`refused at ${seq}`);
    last = log.append(prepared(seq), "force");
  }
  await durable(last);
  await log.close();
});

t.test("a torn tail is gone for good: none of it comes back behind what is appended in its place", async (t) => {
  const directory = t.testdir();
  const { log } = await openLog(directory, { segmentBytes: SEGMENT_BYTES });
  log.append(prepared(1, "aaaa"), "force");
  log.append(prepared(2, "bbbb"), "force");
  log.append(prepared(3, "cccc"), "force");
  await log.close();
  const segment = path.join(directory, "log", "00000001.log");
  const bytes = fs.readFileSync(segment);
  const first = bytes.indexOf("aaaa");
  bytes[first] = 0;
  fs.writeFileSync(segment, bytes);
  const torn = await openLog(directory, { segmentBytes: SEGMENT_BYTES });
  t.same(torn.records, []);
  torn.log.append(prepared(4, "dddd"), "force");
  await torn.log.close();
  const reopened = await openLog(directory, { segmentBytes: SEGMENT_BYTES });
  t.same(reopened.records, [prepared(4, "dddd")]);
  await reopened.log.close();
});

t.test(
  "damage before the tail is refused with file, offset and the way to look at it, and nothing is changed",
  async (t) => {
    const directory = t.testdir();
    const { log, durable } = await openLog(directory, { segmentBytes: SEGMENT_BYTES });
    await durable(log.append(prepared(1, "aaaa"), "force"));
    await durable(log.append(prepared(2, "bbbb"), "force"));
    await log.close();
    const segment = path.join(directory, "log", "00000001.log");
    const bytes = fs.readFileSync(segment);
    bytes[bytes.indexOf("aaaa")] = 0;
    fs.writeFileSync(segment, bytes);
    const message = /00000001\.log is damaged at offset 64: .*`ringkv log verify .*`.*`ringkv log dump /;
    await t.rejects(openLog(directory, { segmentBytes: SEGMENT_BYTES }), { code: "STORAGE", message });
    t.ok(fs.readFileSync(segment).equals(bytes));
  },
);

t.test("a missing segment, a missing manifest and a segment that lost its end are refused", async (t) => {
  const breakings: Readonly<Record<string, (log: string) => void>> = {
    "which is missing": (log) => fs.rmSync(path.join(log, "00000002.log")),
    "log begins is missing": (log) => fs.rmSync(path.join(log, "00000001.log")),
    manifest: (log) => fs.rmSync(path.join(log, "manifest.json")),
    "its records end here": (log) => {
      const segment = path.join(log, "00000001.log");
      const bytes = fs.readFileSync(segment);
      fs.writeFileSync(segment, bytes.fill(0, bytes.lastIndexOf("value") - 100));
    },
  };
  for (const [message, breaking] of Object.entries(breakings)) {
    const directory = t.testdir();
    const { log, durable } = await openLog(directory, { segmentBytes: SEGMENT_BYTES });
    for (let seq = 0; seq < 200; seq++) await durable(log.append(prepared(seq), "force"));
    await log.close();
    breaking(path.join(directory, "log"));
    await t.rejects(openLog(directory), { code: "STORAGE", message: new RegExp(message) }, message);
  }
});

t.test(
  "what was in the page cache only when a process was killed is forced before anything is built upon it",
  async (t) => {
    const killed = new SimulatedDisk();
    const first = await openLog("/data", { files: killed });
    await killed.settled();
    killed.holdForces();
    for (let seq = 1; seq <= 3; seq++) first.log.append(prepared(seq, "x".repeat(600)), "force");
    await killed.settled();
    const disk = killed.afterKill();
    const { log, records } = await openLog("/data", { files: disk });
    t.equal(records.length, 3);
    await disk.settled();
    disk.holdForces();
    log.append(prepared(4), "force");
    await disk.settled();
    for (let seed = 0; seed < 50; seed++) {
      const survivor = await openLog("/data", { files: disk.afterPowerCut(randomOf(seed)) });
      t.same(survivor.records.slice(0, 3), records);
      await survivor.log.close();
    }
  },
);

/** A log whose second force failed, so that its second record is in the page cache and is taken for forced there. */
async function diskAfterFailedForce(): Promise<SimulatedDisk> {
  const disk = new SimulatedDisk();
  const { log, failures, durable } = await openLog("/data", { files: disk, segmentBytes: SEGMENT_BYTES });
  await durable(log.append(prepared(1), "force"));
  await disk.settled();
  disk.forceError = new Error("EIO: i/o error, fdatasync");
  log.append(prepared(2), "force");
  while (failures.length === 0) await nextTurn();
  return disk.afterKill();
}

t.test("what a failed force has left in the page cache is recovered, and written again so that it lasts", async (t) => {
  const disk = await diskAfterFailedForce();
  const { log, records } = await openLog("/data", { files: disk, segmentBytes: SEGMENT_BYTES });
  t.same(records, [prepared(1), prepared(2)]);
  await log.close();
  const survivor = await openLog("/data", { files: disk.afterPowerCut(() => 0), segmentBytes: SEGMENT_BYTES });
  t.same(survivor.records, records);
  await survivor.log.close();
});

t.test("where the disk refuses again, the log is recovered into another file", async (t) => {
  const disk = await diskAfterFailedForce();
  disk.forceError = new Error("EIO: i/o error, fdatasync");
  disk.forcesFailing = 1;
  const { log, records, durable } = await openLog("/data", { files: disk, segmentBytes: SEGMENT_BYTES });
  t.equal(disk.forcesFailing, 0);
  t.same(records, [prepared(1), prepared(2)]);
  await durable(log.append(prepared(3), "force"));
  const survivor = await openLog("/data", { files: disk.afterPowerCut(() => 0), segmentBytes: SEGMENT_BYTES });
  t.same(survivor.records, [...records, prepared(3)]);
  await survivor.log.close();
  await log.close();
});

t.test("where the disk refuses everything, the log stays shut", async (t) => {
  const disk = await diskAfterFailedForce();
  disk.forceError = new Error("EIO: i/o error, fdatasync");
  await t.rejects(openLog("/data", { files: disk, segmentBytes: SEGMENT_BYTES }), { code: "STORAGE", message: /EIO/ });
});
