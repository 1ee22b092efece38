import { MASTER_STEPS, type MasterStep, SLAVE_STEPS, type Side, type SlaveStep } from "../../src/server/failpoints.js";

/**
 * What the client of an update is told, and what has become of the update, when a process dies at each crash point. The
 * tables are typed over the steps in src/server/failpoints.ts: a new step does not compile before it has its row here, and
 * crash-points-slave.test.ts and crash-points-master.test.ts run every row with real processes. docs/two-phase-commit.md
 * shows them.
 */
export type Kind = "put" | "del";
export const KINDS: readonly Kind[] = ["put", "del"];

/** How a step is reached; crash-run.ts plays it. */
export const SCENARIOS = {
  update: "an update",
  restart: "a restart that finds an update open",
  silence: "an update whose successor is frozen, so that it times out",
  refusal: "the DEL of a key that does not exist; for PUT, one of another key beside it",
} as const;
export type Scenario = keyof typeof SCENARIOS;

export interface Outcome {
  readonly told: "Success" | "KEY_NOT_FOUND" | "ABORTED" | "OUTCOME_UNKNOWN";
  /** What a read gives when everything is up again. */
  readonly tookEffect: boolean;
}

export interface Crash extends Readonly<Record<Side, Readonly<Record<Kind, readonly Outcome[]>>>> {
  readonly scenario: Scenario;
  /** Why it is so; where there are two outcomes, what decides between them. */
  readonly why: string;
}

const SUCCESS: Outcome = { told: "Success", tookEffect: true };
const NOT_FOUND: Outcome = { told: "KEY_NOT_FOUND", tookEffect: false };
const ABORTED: Outcome = { told: "ABORTED", tookEffect: false };
const UNKNOWN_DONE: Outcome = { told: "OUTCOME_UNKNOWN", tookEffect: true };
const UNKNOWN_NOT_DONE: Outcome = { told: "OUTCOME_UNKNOWN", tookEffect: false };

const both = (...outcomes: readonly Outcome[]) => ({ put: outcomes, del: outcomes });

/** A replica dies; the other one and the master live on. */
export const SLAVE_CRASHES: Readonly<Record<SlaveStep, Crash>> = {
  replay: {
    scenario: "restart",
    before: both(SUCCESS),
    after: both(SUCCESS),
    why: "The log still says it; the next start applies it again, which changes nothing.",
  },
  "append-epoch": {
    scenario: "restart",
    before: both(SUCCESS),
    after: both(SUCCESS),
    why: "Nothing was reported: the next start reports COMMITTED and is told to commit.",
  },
  "force-epoch": {
    scenario: "restart",
    before: both(SUCCESS),
    after: both(SUCCESS),
    why: "The same.",
  },
  "send-unresolved": {
    scenario: "restart",
    before: both(SUCCESS),
    after: both(SUCCESS),
    why: "A report without its `welcome` does not count; the next one is whole.",
  },
  "send-welcome": {
    scenario: "restart",
    before: both(SUCCESS),
    after: both(SUCCESS),
    why: "If the report was taken, the decision was lost with the connection, and comes again.",
  },
  "append-prepared": {
    scenario: "update",
    before: both(ABORTED),
    after: both(ABORTED),
    why: "There is no record; the other replica acknowledges the abort.",
  },
  "force-prepared": {
    scenario: "update",
    before: both(ABORTED),
    after: both(ABORTED),
    why: "It had not voted: it reports PREPARED and is told to abort.",
  },
  "send-ready": {
    scenario: "update",
    before: both(ABORTED),
    after: both(SUCCESS, ABORTED),
    why: "After it: Success when the master reads the vote, ABORTED when it sees the end of the registration connection first.",
  },
  "send-abort": {
    scenario: "refusal",
    before: { put: [ABORTED, SUCCESS], del: [NOT_FOUND] },
    after: { put: [ABORTED, SUCCESS], del: [NOT_FOUND] },
    why: "The DEL is refused by the other replica as well. The PUT beside it is aborted unless this one had voted for it.",
  },
  "append-committed": {
    scenario: "update",
    before: both(SUCCESS),
    after: both(SUCCESS),
    why: "It reports PREPARED and is told to commit.",
  },
  apply: {
    scenario: "update",
    before: both(SUCCESS),
    after: both(SUCCESS),
    why: "The same.",
  },
  "force-committed": {
    scenario: "update",
    before: both(SUCCESS),
    after: both(SUCCESS),
    why: "It reports COMMITTED and is told to commit, which changes nothing.",
  },
  "append-aborted": {
    scenario: "silence",
    before: both(UNKNOWN_NOT_DONE),
    after: both(UNKNOWN_NOT_DONE),
    why: "No replica could confirm the abort in time; both do so later.",
  },
  "force-aborted": {
    scenario: "silence",
    before: both(UNKNOWN_NOT_DONE),
    after: both(UNKNOWN_NOT_DONE),
    why: "The same.",
  },
  "send-ack": {
    scenario: "update",
    before: both(SUCCESS),
    after: both(SUCCESS),
    why: "It reports COMMITTED, and is told so once more even when its `ack` had come.",
  },
  "append-forgotten": {
    scenario: "update",
    before: both(SUCCESS),
    after: both(SUCCESS),
    why: "It reports COMMITTED, of an op that is settled: told to commit and to forget, without effect.",
  },
  "force-forgotten": {
    scenario: "update",
    before: both(SUCCESS),
    after: both(SUCCESS),
    why: "The same, or nothing is left to report.",
  },
};

/** The master dies; both replicas live on. */
export const MASTER_CRASHES: Readonly<Record<MasterStep, Crash>> = {
  "save-epoch": {
    scenario: "restart",
    before: both(UNKNOWN_DONE),
    after: both(UNKNOWN_DONE),
    why: "Both replicas are PREPARED and wait for a master that lives: it commits.",
  },
  "send-hello": {
    scenario: "restart",
    before: both(UNKNOWN_DONE),
    after: both(UNKNOWN_DONE),
    why: "The same; the next one takes a higher epoch.",
  },
  "send-prepare": {
    scenario: "update",
    before: both(UNKNOWN_NOT_DONE),
    after: both(UNKNOWN_NOT_DONE),
    why: "No replica has a record, or the primary alone: abort.",
  },
  "send-commit": {
    scenario: "update",
    before: both(UNKNOWN_DONE),
    after: both(UNKNOWN_DONE),
    why: "Both are PREPARED, or the primary is COMMITTED already: commit.",
  },
  answer: {
    scenario: "update",
    before: both(UNKNOWN_DONE),
    after: both(SUCCESS),
    why: "The same.",
  },
  "send-abort": {
    scenario: "silence",
    before: both(UNKNOWN_DONE),
    after: both(UNKNOWN_NOT_DONE),
    why: "Before it: the successor wakes, finds PREPARE in its socket and forces PREPARED, so both have: commit. After it: the primary has forced ABORTED: abort.",
  },
  "send-forget": {
    scenario: "update",
    before: both(SUCCESS),
    after: both(SUCCESS),
    why: "Whoever was not told to forget reports COMMITTED: told to commit and to forget, without effect.",
  },
};

/** The tables for docs/two-phase-commit.md. */
export function renderCrashPoints(): string {
  return [
    ...renderTable("A replica dies, the other one and the master live on:", SLAVE_STEPS, SLAVE_CRASHES),
    "",
    ...renderTable("The master dies, both replicas live on:", MASTER_STEPS, MASTER_CRASHES),
    "",
  ].join("\n");
}

function renderTable<Step extends string>(
  title: string,
  steps: readonly Step[],
  crashes: Readonly<Record<Step, Crash>>,
): string[] {
  return [
    title,
    "",
    "| step | reached in | dead before it | dead after it | why |",
    "|---|---|---|---|---|",
    ...steps.map((step) => {
      const { scenario, before, after, why } = crashes[step];
      return `| \`${step}\` | ${SCENARIOS[scenario]} | ${renderOutcomes(before)} | ${renderOutcomes(after)} | ${why} |`;
    }),
  ];
}

function renderOutcomes({ put, del }: Crash[Side]): string {
  const [forPut, forDel] = [put, del].map((outcomes) => outcomes.map(renderOutcome).join(" or "));
  return forPut === forDel ? (forPut ?? "") : `PUT: ${forPut ?? ""}; DEL: ${forDel ?? ""}`;
}

function renderOutcome({ told, tookEffect }: Outcome): string {
  return told === "OUTCOME_UNKNOWN" ? `${told}, ${tookEffect ? "done" : "not done"}` : told;
}
