import type { SeededBug } from "./seeded-bug.js";

const participant = "core/two-phase-commit/participant.ts";
const core = "core/slave.ts";

/** Mistakes of a slave outside of two-phase commit: sessions, fencing, its cache, its registration. */
export const SLAVE_BUGS: readonly SeededBug[] = [
  {
    name: "epoch-not-fenced",
    what: "A slave takes orders from a master of an older epoch, which goes on beside the new one: their updates of a key mix.",
    file: participant,
    find: `if (order < 0 || (order === 0 && masterId !== this.#masterId)) return false;`,
    replace: `if (order === 0 && masterId !== this.#masterId) return false;`,
  },
  {
    name: "epoch-shared",
    what: "A slave takes orders from a second master of the same epoch: two updates get the same op ID, and the copies differ.",
    file: participant,
    find: `if (order < 0 || (order === 0 && masterId !== this.#masterId)) return false;`,
    replace: `if (order < 0) return false;`,
  },
  {
    name: "checkpoint-forgets-epoch",
    what: "A checkpoint does not carry the epoch over: after a restart a master that was fenced off comes in again beside the new one.",
    file: participant,
    find: `const records: LogRecord[] = [this.#epochRecord()];`,
    replace: `const records: LogRecord[] = [{ ...this.#epochRecord(), epoch: EPOCH_NONE }];`,
  },
  {
    name: "replay-forgets-epoch",
    what: "A restarted slave does not remember the newest epoch, so a master that was fenced off comes in again beside the new one.",
    file: participant,
    find: `this.#epoch = record.epoch;`,
    replace: ``,
  },
  {
    name: "replay-forgets-newest",
    what: "A start does not read which op was the newest before a checkpoint, so the slave is taken for an old copy of itself and never let in again.",
    file: participant,
    find: `this.#raiseNewest(record.newest);`,
    replace: ``,
  },
  {
    name: "old-session-obeyed",
    what: "A slave goes on to obey a connection that a newer one has replaced: a late PREPARE leaves an op that no master knows of.",
    file: core,
    find: `else if (session !== this.#active) throw new RingkvError("UNAUTHORIZED", "Say hello first.");
    else`,
    replace: `else`,
  },
  {
    name: "slave-cache-not-written",
    what: "A commit does not write the slave's cache, from which the next read is answered with the value before.",
    file: core,
    find: `else this.#cacheIt(key, { value, opId });`,
    replace: ``,
  },
  {
    name: "slave-cache-keeps-deleted",
    what: "A DEL leaves the value in the slave's cache: it is read on, and a second DEL of it is voted yes.",
    file: core,
    find: `if (value === undefined || value.length > LIMITS.cachedValueBytesMax) this.#cache.delete(key);
    else this.#cacheIt(`,
    replace: `if (value !== undefined) this.#cacheIt(`,
  },
  {
    name: "never-registers-again",
    what: "A slave that has lost its registration connection does not try again: it never comes back to the ring.",
    file: "server/slave/registration.ts",
    find: `this.#connection = undefined;
    this.#retry();`,
    replace: `this.#connection = undefined;`,
  },
];
