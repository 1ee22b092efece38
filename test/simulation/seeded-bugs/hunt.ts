import { readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { SEEDED_BUGS, seededBug } from "./catalogue.js";
import { type RunResult, runPlanted } from "./planted-run.js";
import { type CaughtRecords, readRecords, writeRecords } from "./records.js";
import type { SeededBug } from "./seeded-bug.js";
import { seededBugsTable, withTable } from "./table.js";

/**
 * `npm run simulate:bugs -- --bug NAME --seeds 50000 --minutes 20`: runs the simulator with each seeded bug (or those named,
 * or with `--missing` those that have no record), two at a time, until a seed catches it. Writes caught.json as it goes and the
 * table in docs/simulation.md at the end. Exit code 1 when one was not caught within so many seeds and minutes.
 *
 * The source must stand still meanwhile: a bug is planted in what src holds, beside modules that were compiled at the start.
 */
const { values } = parseArgs({
  options: {
    bug: { type: "string", multiple: true, default: [] },
    missing: { type: "boolean", default: false },
    seeds: { type: "string", default: "50000" },
    minutes: { type: "string", default: "20" },
  },
});
const AT_A_TIME = 2;
const RECORDS = "test/simulation/seeded-bugs/caught.json";
const PAGE = "docs/simulation.md";

let records: CaughtRecords = readRecords(RECORDS);
const named = values.bug.length > 0 ? values.bug.map(seededBug) : SEEDED_BUGS;
const hunted = named.filter(({ name }) => !values.missing || records[name] === undefined);
const queue = [...hunted];
let caught = 0;
writeTable();
await Promise.all(Array.from({ length: AT_A_TIME }, huntNext));
writeTable();
console.log(`${caught} of ${hunted.length} caught`);
process.exitCode = caught === hunted.length ? 0 : 1;

/** Hunts one bug after the other for as long as there are any. */
async function huntNext(): Promise<void> {
  for (let bug = queue.shift(); bug !== undefined; bug = queue.shift()) {
    const startMs = performance.now();
    const result = await runPlanted(bug, {
      compiled: new URL("../../../", import.meta.url),
      from: 1,
      seeds: Number(values.seeds),
      minutes: Number(values.minutes),
    });
    console.log(`${bug.name}: ${told(result)} (${Math.round((performance.now() - startMs) / 1_000)} s)`);
    note(bug, result);
  }
}

function told(result: RunResult): string {
  switch (result.kind) {
    case "caught":
      return `caught by seed ${result.seed}: ${result.violation}`;
    case "missed":
      return `NOT CAUGHT: ${result.progress}`;
    case "broken":
      return `NO RESULT: ${result.why}`;
  }
}

/** Takes a catch into the records. An earlier one stays otherwise: this hunt may have been shorter. */
function note({ name }: SeededBug, result: RunResult): void {
  if (result.kind !== "caught") return;
  caught += 1;
  records = { ...records, [name]: { seed: result.seed, violation: result.violation } };
  writeRecords(RECORDS, records);
}

function writeTable(): void {
  writeFileSync(PAGE, withTable(readFileSync(PAGE, "utf8"), seededBugsTable(SEEDED_BUGS, records)));
}
