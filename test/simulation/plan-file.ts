import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import type { Plan } from "./plan.js";

/** A plan that has once failed, as it lies in test/simulation/regressions. */
export interface PlanFile {
  /** Changes when an old plan cannot be played any more. */
  readonly format: 1;
  /** What it found, and when. */
  readonly found: string;
  readonly plan: Plan;
}

/** @throws Error when the file is no plan of this format */
export function readPlanFile(file: string): PlanFile {
  const content = JSON.parse(readFileSync(file, "utf8")) as Partial<PlanFile>;
  if (content.format !== 1 || content.plan === undefined || content.found === undefined) {
    throw new Error(`${file} is no plan of format 1`);
  }
  return { format: content.format, found: content.found, plan: content.plan };
}

/** Written so that a person can read and edit it: one fault and one request a line. */
export function writePlanFile(file: string, { format, found, plan }: PlanFile): void {
  const lines = (items: readonly unknown[], indent: string) =>
    items.length === 0
      ? "[]"
      : `[\n${items.map((item) => `${indent}  ${JSON.stringify(item)}`).join(",\n")}\n${indent}]`;
  const { clients, faults, ...rest } = plan;
  const fields = Object.entries(rest).map(([name, value]) => `    ${JSON.stringify(name)}: ${JSON.stringify(value)}`);
  const requests = clients.map((client) => `      ${lines(client, "      ")}`).join(",\n");
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(
    file,
    `{\n  "format": ${format},\n  "found": ${JSON.stringify(found)},\n  "plan": {\n${fields.join(",\n")},\n` +
      `    "clients": [\n${requests}\n    ],\n    "faults": ${lines(faults, "    ")}\n  }\n}\n`,
  );
}
