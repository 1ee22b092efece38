import { COORDINATOR_BUGS } from "./coordinator-bugs.js";
import { MASTER_BUGS } from "./master-bugs.js";
import { PARTICIPANT_BUGS } from "./participant-bugs.js";
import type { SeededBug } from "./seeded-bug.js";
import { SLAVE_BUGS } from "./slave-bugs.js";
import { STORAGE_BUGS } from "./storage-bugs.js";

/** All seeded bugs, in the order in which the docs list them. */
export const SEEDED_BUGS: readonly SeededBug[] = [
  ...COORDINATOR_BUGS,
  ...PARTICIPANT_BUGS,
  ...MASTER_BUGS,
  ...SLAVE_BUGS,
  ...STORAGE_BUGS,
];

/** @throws Error for a name that none has */
export function seededBug(name: string): SeededBug {
  const bug = SEEDED_BUGS.find((candidate) => candidate.name === name);
  if (bug === undefined) throw new Error(`There is no seeded bug \`${name}\`.`);
  return bug;
}
