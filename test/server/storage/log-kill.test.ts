import { spawn } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { createInterface } from "node:readline";
import t from "tap";
import { openLog } from "./log-fixtures.js";

const ROUNDS = 3;
const LINES_BEFORE_KILL = 40;

t.test("everything that a killed process had reported as forced is there, round after round", async (t) => {
  const directory = t.testdir();
  let acknowledged = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const script = path.join(import.meta.dirname, "log-writer.ts");
    const child = spawn(process.execPath, [...process.execArgv, script, directory], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    let lines = 0;
    for await (const line of createInterface({ input: child.stdout })) {
      acknowledged = Math.max(acknowledged, Number(line));
      lines += 1;
      if (lines === LINES_BEFORE_KILL) child.kill("SIGKILL");
    }
    if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
    t.equal(child.signalCode, "SIGKILL");
    const { log, records } = await openLog(directory);
    await log.close();
    const seqs = records.flatMap((record) => (record.type === "prepared" ? [Number(record.opId.slice(2))] : []));
    t.equal(
      seqs.findIndex((seq, index) => seq !== index + 1),
      -1,
      "no record is missing or out of order",
    );
    t.ok(seqs.length >= acknowledged, `${seqs.length} records, ${acknowledged} acknowledged`);
  }
});
