import type { SeededBug } from "./seeded-bug.js";

const coordinator = "core/two-phase-commit/coordinator.ts";
const recovery = "core/two-phase-commit/recovery.ts";

/** Mistakes in the master's half of two-phase commit and in rule R. */
export const COORDINATOR_BUGS: readonly SeededBug[] = [
  {
    name: "commit-on-first-vote",
    what: "The op commits, and its client is told, when one of the two replicas has voted yes: the other may refuse, or never have got the op.",
    file: coordinator,
    find: `op.standings[0] === "prepared" && op.standings[1] === "prepared"`,
    replace: `op.standings[0] === "prepared" || op.standings[1] === "prepared"`,
  },
  {
    name: "late-vote-commits",
    what: "A vote that comes after the decision to abort makes the op commit after all, though its abort was sent and may have been told.",
    file: coordinator,
    find: `if (op.state === "preparing") {
      if (op.standings[0]`,
    replace: `if (op.refusals.length === 0) {
      if (op.standings[0]`,
  },
  {
    name: "forget-after-one-ack",
    what: "The master forgets an op when one replica has acknowledged it, so the other, which missed the decision, is never told.",
    file: coordinator,
    find: `if (!isClosed(op.standings[0]) || !isClosed(op.standings[1])) return;`,
    replace: `if (!isClosed(op.standings[0]) && !isClosed(op.standings[1])) return;`,
  },
  {
    name: "forget-not-sent",
    what: "The slaves are not told that both have acknowledged, so they remember every outcome for ever and their memory grows without bound.",
    file: coordinator,
    find: `this.#effects.send(slave, { type: "forget", opId: op.opId });`,
    replace: ``,
  },
  {
    name: "decision-not-sent-again",
    what: "A decision that a slave missed is not sent when it links anew: the op stays open and its key is refused there for ever.",
    file: coordinator,
    find: `if (!isClosed(standingOf(op, slave))) this.#effects.send(slave, decisionMessage(op));`,
    replace: ``,
  },
  {
    name: "abort-told-unconfirmed",
    what: "The client is told ABORTED before a replica has forced the abort, so the next master may find both PREPARED and commit.",
    file: coordinator,
    find: `} else if (op.standings.includes("settled")) {`,
    replace: `} else if (isDecided(op)) {`,
  },
  {
    name: "unknown-told-as-aborted",
    what: "When no replica can confirm the abort the client is told ABORTED and not OUTCOME_UNKNOWN, though the next master may commit the op.",
    file: coordinator,
    find: `else this.#answer(op, "OUTCOME_UNKNOWN",`,
    replace: `else this.#answer(op, "ABORTED",`,
  },
  {
    name: "doubt-not-marked",
    what: "The key of an op taken over from an older epoch is not marked in doubt, so it is read before it is known whether the op commits.",
    file: coordinator,
    find: `this.#inDoubt.set(entry.key, (this.#inDoubt.get(entry.key) ?? 0) + 1);`,
    replace: ``,
  },
  {
    name: "silence-stays-unreported",
    what: "A slave that reports without an op in doubt is not taken as having no record of it: the op is in doubt for ever and its key unusable.",
    file: coordinator,
    find: `reported.get(op.opId)?.state ?? "none"`,
    replace: `reported.get(op.opId)?.state ?? "unreported"`,
  },
  {
    name: "unheard-taken-for-none",
    what: "A replica that has not reported yet is taken for one without a record, so the new master aborts what the old one has told as committed.",
    file: coordinator,
    find: `splitOpId(entry.opId).epoch !== this.#epoch ? "none" : "unreported";`,
    replace: `splitOpId(entry.opId).epoch !== this.#epoch ? "none" : "none";`,
  },
  {
    name: "old-outcome-pinned",
    what: "A committed op that a replica reports again is answered from as if it were the newest of its key, and hides a later value.",
    file: coordinator,
    find: `if (own) this.#pinned.set(op.key, op);`,
    replace: `this.#pinned.set(op.key, op);`,
  },
  {
    name: "both-prepared-aborts",
    what: "Rule R turned round: an op that both replicas have PREPARED is aborted by the next master, though success may have been told.",
    file: recovery,
    find: `if (left === "prepared" && right === "prepared") return "commit";`,
    replace: `if (left === "prepared" && right === "prepared") return "abort";`,
  },
  {
    name: "one-prepared-commits",
    what: "Rule R does not wait for the other replica: an op is committed on one PREPARED, though the other may have refused or aborted it.",
    file: recovery,
    find: `if (left === "prepared" && right === "prepared") return "commit";`,
    replace: `if (left === "prepared" || right === "prepared") return "commit";`,
  },
  {
    name: "no-record-commits",
    what: "Rule R commits an op of which one replica has no record: a refused update comes back, and on one copy only.",
    file: recovery,
    find: `if (left === "none" || right === "none") return "abort";`,
    replace: `if (left === "none" || right === "none") return "commit";`,
  },
  {
    name: "no-record-beats-committed",
    what: "Rule R looks for a missing record before it looks for COMMITTED: what one replica has applied and the other forgotten is aborted.",
    file: recovery,
    find: `if (left === "committed" || right === "committed") return "commit";`,
    replace: `if (left === "none" || right === "none") return "abort";
  if (left === "committed" || right === "committed") return "commit";`,
  },
  {
    name: "aborted-not-heeded",
    what: "Rule R does not know ABORTED: an op that one replica has aborted and the other PREPARED is in doubt for ever.",
    file: recovery,
    find: `if (left === "aborted" || right === "aborted") return "abort";`,
    replace: ``,
  },
  {
    name: "aborted-and-prepared-commits",
    what: "Rule R counts ABORTED as a vote like PREPARED: an op whose abort was forced and told is committed at the other replica.",
    file: recovery,
    find: `if (left === "aborted" || right === "aborted") return "abort";`,
    replace: `if ((left === "aborted" || right === "aborted") && left !== right) return "commit";
  if (left === "aborted") return "abort";`,
  },
];
