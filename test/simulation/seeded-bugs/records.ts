import { readFileSync, writeFileSync } from "node:fs";
import { SEEDED_BUGS } from "./catalogue.js";

/** How a seeded bug was caught. */
export interface CaughtRecord {
  /** The first seed, counted from 1, whose run fails. */
  readonly seed: number;
  /** The first line of what was wrong in it. */
  readonly violation: string;
}

/** What is known of each bug, by its name; kept in caught.json. */
export type CaughtRecords = Readonly<Record<string, CaughtRecord>>;

/** @param file the path of caught.json */
export function readRecords(file: string | URL): CaughtRecords {
  return JSON.parse(readFileSync(file, "utf8")) as CaughtRecords;
}

/** Writes the records of the bugs that there are, in the catalogue's order. */
export function writeRecords(file: string | URL, records: CaughtRecords): void {
  const present = SEEDED_BUGS.flatMap(({ name }) => (records[name] === undefined ? [] : [[name, records[name]]]));
  writeFileSync(file, `${JSON.stringify(Object.fromEntries(present), undefined, 2)}\n`);
}
