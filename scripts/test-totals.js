// Prints `N passed, N failed` (and `, N skipped` where there are any) from the closing summary of tap's own TAP output.
// Exits with 1 when there is no summary, no test ran, or one failed.
import { readFileSync } from "node:fs";

const file = process.argv[2];
if (file === undefined) throw new Error("usage: node scripts/test-totals.js TAP_FILE");

const summary = readFileSync(file, "utf8")
  .split("\n")
  .findLast((line) => /^# \{ total: /.test(line));
const total = (name) => Number(new RegExp(`\\b${name}: (\\d+)`).exec(summary ?? "")?.[1] ?? 0);

const [passed, failed, skipped] = [total("pass"), total("fail"), total("skip") + total("todo")];
console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`);
process.exitCode = passed > 0 && failed === 0 ? 0 : 1;
