import { openLog, prepared } from "./log-fixtures.js";

// Run by log-kill.test.ts, which kills it: appends ops without end, a few in each turn, and prints the newest one on disk.
const [, , directory] = process.argv;
if (directory === undefined) throw new Error("usage: log-writer DIRECTORY");
const { log, records, durable } = await openLog(directory);
for (let seq = records.length; ;) {
  let last = 0;
  for (let count = 0; count < 5; count++) last = log.append(prepared(++seq), "force");
  await durable(last);
  process.stdout.write(`${seq}\n`);
}
