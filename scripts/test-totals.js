// Prints each failed assertion with its diagnostics and, as the last line, `N passed, N failed` (and `, N skipped` where there
// are any), all from tap's own TAP output. Exits with 1 when there is no summary, no test ran, or one failed.
import { readFileSync } from "node:fs";
import { Parser } from "tap-parser";

const DIAGNOSTICS_MAX = 2_000;

const file = process.argv[2];
if (file === undefined) throw new Error("usage: node scripts/test-totals.js TAP_FILE");

const tap = readFileSync(file, "utf8");
const summary = tap.split("\n").findLast((line) => /^# \{ total: /.test(line));
const total = (name) => Number(new RegExp(`\\b${name}: (\\d+)`).exec(summary ?? "")?.[1] ?? 0);

for (const { fullname, diag } of failures(tap)) {
  console.log(`not ok - ${fullname}`);
  if (diag) console.log(JSON.stringify(diag, null, 2).slice(0, DIAGNOSTICS_MAX));
}

const [passed, failed, skipped] = [total("pass"), total("fail"), total("skip") + total("todo")];
console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`);
process.exitCode = passed > 0 && failed === 0 ? 0 : 1;

/** All that failed, innermost first: an assertion, the tests around it, and the file (which may fail alone: a timeout, a signal). */
function failures(text) {
  const found = [];
  const listen = (parser) => {
    parser.on("child", listen);
    parser.on("assert", (result) => {
      if (!result.ok && !result.skip && !result.todo) found.push(result);
    });
  };
  const parser = new Parser();
  listen(parser);
  parser.end(text);
  return found;
}
