import fs from "node:fs";
import path from "node:path";
import t from "tap";
import { dumpLog, verifyLog } from "../../../src/server/storage/log-report.js";
import { epoch, openLog, outcome, prepared } from "./log-fixtures.js";

t.test("a dump reads every record aloud, with its segment and offset, while the slave holds the log", async (t) => {
  const directory = t.testdir();
  const { log, durable } = await openLog(directory);
  log.append(epoch(1), "force");
  log.append(prepared(7), "force");
  log.append(outcome("committed", 7), "force");
  await durable(log.append(outcome("forgotten", 7), "force"));
  await log.checkpoint(
    () => [epoch(1)],
    () => Promise.resolve(),
  );
  await durable(log.append({ ...prepared(8), kind: "del", value: "" } as ReturnType<typeof prepared>, "force"));
  const lines = await dumpLog(directory);
  t.same(lines.slice(0, -1), [
    "00000002:00000032  START      follows segment 1, which ends at 264; a checkpoint, 1 records carried over",
    '00000002:00000064  EPOCH      1  of master "m1"; newest op prepared before: 0.0  (carried over)',
    '00000002:00000112  PREPARED   1.8  del "key 8"  on 5, 9',
  ]);
  t.match(lines.at(-1), /^OK: 3 records in 1 segments/);
  await log.close();
});

t.test("control characters and reordering marks in keys and values are escaped", async (t) => {
  const directory = t.testdir();
  const { log, durable } = await openLog(directory);
  await durable(log.append(prepared(1, "\u001b[31mred\n\u007f\u202e\u0085"), "force"));
  const [, line] = await dumpLog(directory);
  t.match(line, '"\\u001b[31mred\\n\\u007f\\u202e\\u0085"');
  t.notMatch(line, /[\u0000-\u001f\u007f-\u009f\u202e]/);
  await log.close();
});

t.test("verify says ok, torn tail or damage, with file and offset, and changes nothing", async (t) => {
  const directory = t.testdir();
  const { log, durable } = await openLog(directory);
  await durable(log.append(prepared(1, "aaaa"), "force"));
  await durable(log.append(prepared(2, "bbbb"), "force"));
  await log.close();
  const segment = path.join(directory, "log", "00000001.log");
  const whole = fs.readFileSync(segment);
  t.match(await verifyLog(directory), { verdict: "ok", text: /^OK: 3 records/ });

  const torn = Buffer.from(whole);
  torn[torn.indexOf("bbbb")] = 0;
  fs.writeFileSync(segment, torn);
  t.match(await verifyLog(directory), { verdict: "torn", text: /^TORN TAIL: .*00000001\.log, offset \d+/ });

  const damaged = Buffer.from(whole);
  damaged[damaged.indexOf("aaaa")] = 0;
  fs.writeFileSync(segment, damaged);
  t.match(await verifyLog(directory), { verdict: "damage", text: /^DAMAGE: .*00000001\.log, offset 64: / });
  const lines = await dumpLog(directory);
  t.match(lines.at(-1), /^DAMAGE/, "a dump shows what comes before the damage, and says so");
  t.ok(fs.readFileSync(segment).equals(damaged));
});

t.test("a directory without a log is refused by name", async (t) => {
  await t.rejects(verifyLog(path.join(t.testdir(), "none")), { code: "STORAGE", message: /none/ });
});
