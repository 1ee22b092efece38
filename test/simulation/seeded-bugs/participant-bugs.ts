import type { SeededBug } from "./seeded-bug.js";

const participant = "core/two-phase-commit/participant.ts";

/** Mistakes in a slave's half of two-phase commit. */
export const PARTICIPANT_BUGS: readonly SeededBug[] = [
  {
    name: "vote-before-force",
    what: "The yes vote leaves before PREPARED is forced, so a power cut takes the record of an update that was told as done.",
    file: participant,
    find: `this.#sendAfter(lsn, { type: "ready", opId });`,
    replace: `this.#effects.send({ type: "ready", opId });`,
  },
  {
    name: "commit-acked-unforced",
    what: "A commit is acknowledged before COMMITTED is forced: after a power cut the op is PREPARED again here and forgotten everywhere else.",
    file: participant,
    find: `this.#sendAfter(op.lsn, { type: "ack", opId });`,
    replace: `if (state === "committed") this.#effects.send({ type: "ack", opId });
    else this.#sendAfter(op.lsn, { type: "ack", opId });`,
  },
  {
    name: "abort-acked-unforced",
    what: "An abort is acknowledged, and then told to the client, before ABORTED is forced: after a power cut rule R may commit the op.",
    file: participant,
    find: `this.#sendAfter(op.lsn, { type: "ack", opId });`,
    replace: `if (state === "aborted") this.#effects.send({ type: "ack", opId });
    else this.#sendAfter(op.lsn, { type: "ack", opId });`,
  },
  {
    name: "report-before-force",
    what: "The report to a new master is made before it is on disk: it decides on records that a power cut then takes, or an older master comes in again.",
    file: participant,
    find: `this.#afterForce(this.#effects.append(this.#epochRecord(), "force"), onReady);`,
    replace: `this.#effects.append(this.#epochRecord(), "force");
    onReady();`,
  },
  {
    name: "report-omits-outcomes",
    what: "The report tells of PREPARED ops only: a commit that the other replica missed counts as having no record here, and is aborted there.",
    file: participant,
    find: `return Array.from(this.#ops.values(), ({ record, state }) => ({`,
    replace: `return [...this.#ops.values()].filter(({ state }) => state === "prepared").map(({ record, state }) => ({`,
  },
  {
    name: "missing-key-deleted",
    what: "A DEL of a key that does not exist is voted yes, so a client is told that it deleted what was not there.",
    file: participant,
    find: `if (record.kind === "del" && !this.#effects.holds(record.key)) return ["KEY_NOT_FOUND", "Key does not exist"];`,
    replace: ``,
  },
  {
    name: "key-never-released",
    what: "A decided op keeps its key at the slave: every later update of the key is refused as in doubt.",
    file: participant,
    find: `this.#preparedKeys.delete(key);`,
    replace: ``,
  },
  {
    name: "applied-after-force",
    what: "A committed write is applied only when COMMITTED is forced, and never when the connection breaks before: the copies differ.",
    file: participant,
    find: `if (state === "committed") this.#effects.apply({ key, value: kind === "put" ? value : undefined, opId });`,
    replace: `if (state !== "committed") return;
    this.#afterForce(op.lsn, () => this.#effects.apply({ key, value: kind === "put" ? value : undefined, opId }));`,
  },
  {
    name: "replay-skips-aborted",
    what: "A restarted slave overlooks ABORTED in its log and holds the op PREPARED again, so its key is stuck or the op commits after all.",
    file: participant,
    find: `if (op?.state === "prepared") this.#settle(op, record.type);`,
    replace: `if (op?.state === "prepared" && record.type === "committed") this.#settle(op, record.type);`,
  },
  {
    name: "replay-applies-aborted",
    what: "A restarted slave applies what its log says was aborted: a refused update is there, on one copy.",
    file: participant,
    find: `if (op?.state === "prepared") this.#settle(op, record.type);`,
    replace: `if (op?.state === "prepared") this.#settle(op, "committed");`,
  },
  {
    name: "checkpoint-drops-prepared",
    what: "A checkpoint carries no PREPARED op over: a slave that restarts before the decision acknowledges the commit without having the value.",
    file: participant,
    find: `records.push(state === "prepared" ? record : { type: "outcome", state, opId, kind, key, replicas });`,
    replace: `if (state !== "prepared") records.push({ type: "outcome", state, opId, kind, key, replicas });`,
  },
  {
    name: "checkpoint-drops-outcomes",
    what: "A checkpoint carries no outcome over: after a restart the slave has no record of a commit that the other replica missed, and it is aborted there.",
    file: participant,
    find: `records.push(state === "prepared" ? record : { type: "outcome", state, opId, kind, key, replicas });`,
    replace: `if (state === "prepared") records.push(record);
      void [opId, kind, key, replicas];`,
  },
];
