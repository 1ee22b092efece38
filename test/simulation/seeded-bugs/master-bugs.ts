import type { SeededBug } from "./seeded-bug.js";

const core = "core/master.ts";
const master = "server/master/master.ts";

/** Mistakes of the master outside of two-phase commit: locks, cache, reads, links, fencing. */
export const MASTER_BUGS: readonly SeededBug[] = [
  {
    name: "in-doubt-read-served",
    what: "A key in doubt is read like any other, so a value is told that the op, once it commits, had replaced before.",
    file: core,
    find: `if (this.#coordinator.isInDoubt(key)) {
      done(IN_DOUBT);
      return;
    }`,
    replace: ``,
  },
  {
    name: "fill-race",
    what: "A read gives its lock back when it has asked and not when it is answered: an answer overtaken by an update fills the cache with the old value.",
    file: core,
    find: `this.#read(key, set, replicas, (result) => {
        done(result);
        this.#locks.release(set, "read");
      }),
    );`,
    replace: `{
        this.#read(key, set, replicas, done);
        this.#locks.release(set, "read");
      },
    );`,
  },
  {
    name: "lock-kept-after-abort",
    what: "The lock of an aborted update is never given back: all later requests of its cache set wait for ever.",
    file: core,
    find: `if (pending !== undefined) this.#release(pending);`,
    replace: `if (pending !== undefined && outcome === "commit") this.#release(pending);`,
  },
  {
    name: "lock-kept-after-refusal",
    what: "The lock of an update that could not be begun is never given back: all later requests of its cache set wait for ever.",
    file: core,
    find: `pending.done(result);
    this.#release(pending);`,
    replace: `pending.done(result);`,
  },
  {
    name: "cache-not-written",
    what: "A commit does not write the master's cache, which goes on to answer with the value before.",
    file: core,
    find: `if (outcome === "commit") this.#writeThrough(op);`,
    replace: ``,
  },
  {
    name: "cache-written-on-abort",
    what: "An abort writes the master's cache like a commit: a value that was refused is read.",
    file: core,
    find: `if (outcome === "commit") this.#writeThrough(op);`,
    replace: `this.#writeThrough(op);`,
  },
  {
    name: "cache-written-at-prepare",
    what: "An update writes the master's cache before it is decided: its value stays there when it is aborted.",
    file: core,
    find: `this.#updates.set(this.#coordinator.begin(update, replicas), pending);`,
    replace: `{
      const opId = this.#coordinator.begin(update, replicas);
      this.#updates.set(opId, pending);
      if (update.value !== undefined) this.#fill(pending.set, update.key, { value: update.value, opId });
    }`,
  },
  {
    name: "deleted-stays-cached",
    what: "A DEL leaves the value in the master's cache, from where it is read on.",
    file: core,
    find: `if (op.value === undefined) this.#cache.delete(op.key);
    else this.#fill(`,
    replace: `if (op.value !== undefined) this.#fill(`,
  },
  {
    name: "cache-overwrite-lost",
    what: "A cached key that is written again keeps its old value in the cache.",
    file: "core/cache.ts",
    find: `present.value = value;
      present.referenced = true;`,
    replace: `present.referenced = true;`,
  },
  {
    name: "readers-pass-writers",
    what: "A read does not wait for the update that holds its set: its answer may be older than the update, and fills the cache after it.",
    file: "core/lock-table.ts",
    find: `return !lock.writing && (mode === "read" || lock.readers === 0);`,
    replace: `return mode === "read" || (!lock.writing && lock.readers === 0);`,
  },
  {
    name: "writers-pass-readers",
    what: "An update does not wait for the reads that hold its set: an answer under way fills the cache with the value before.",
    file: "core/lock-table.ts",
    find: `return !lock.writing && (mode === "read" || lock.readers === 0);`,
    replace: `return !lock.writing;`,
  },
  {
    name: "no-replica-is-not-found",
    what: "A read that no replica has answered is told as KEY_NOT_FOUND, though the key exists.",
    file: "core/replica-reads.ts",
    find: `if (slave === undefined) {
      read.done(`,
    replace: `if (slave === undefined) {
      read.done(read.asked !== undefined ? KEY_NOT_FOUND :`,
  },
  {
    name: "report-dropped",
    what: "A slave's report is not handed on, so ops of the last master are never decided: their keys are refused for ever, or the copies differ.",
    file: master,
    find: `this.core.link(id, report, welcome.newest)`,
    replace: `this.core.link(id, [], welcome.newest)`,
  },
  {
    name: "broken-link-not-noticed",
    what: "The master does not notice that a slave's connection broke while its heartbeats go on: nothing reaches the slave any more.",
    file: master,
    find: `if (isCurrent()) this.#lose(member, reason);`,
    replace: `void [isCurrent, reason];`,
  },
  {
    name: "failed-link-forgotten",
    what: "When the master cannot connect to a registered slave it does not drop the registration, so the slave never tries again.",
    file: master,
    find: `if (isCurrent()) this.#lose(member, error.message);`,
    replace: ``,
  },
  {
    name: "fenced-master-goes-on",
    what: "A master that a slave has refused for its epoch does not stop: it answers reads from a cache that a newer master's updates do not reach.",
    file: master,
    find: `this.stopping = true;
    void this.#record.fenced(epochSeen, why).then((isWritten) => {
      if (isWritten)`,
    replace: `void this.#record.fenced(epochSeen, why).then((isWritten) => {
      if (!isWritten)`,
  },
  {
    name: "blank-disk-admitted",
    what: "A slave that comes with another store is taken in under its old ID: what its lost disk held counts as never written.",
    file: "server/master/roster.ts",
    find: `if (member.storeId !== storeId) {`,
    replace: `if (member.storeId !== storeId) {
      return this.#add(slaveId, storeId, EPOCH_NONE);`,
  },
  {
    name: "old-disk-admitted",
    what: "A slave on an old copy of its disk is let in by the master that it has told more: what it voted for and acknowledged since counts as never there.",
    file: "core/two-phase-commit/coordinator.ts",
    find: `if (this.#isOldCopy(slave, report, newest)) return false;`,
    replace: ``,
  },
  {
    name: "votes-not-remembered",
    what: "The master takes a slave's disk for its own by its last report alone: a copy made between that and its last votes is let in.",
    file: "core/two-phase-commit/coordinator.ts",
    find: `if (compareOpIds(opId, this.#newestOf(slave)) > 0) this.#newest.set(slave, opId);`,
    replace: ``,
  },
  {
    name: "old-epoch-disk-admitted",
    what: "A slave on a copy of its disk that has not seen the epoch in which it was linked is let in by the next master, which has heard nothing else of it.",
    file: "server/master/roster.ts",
    find: `if (compareDecimals(epochSeen, member.epoch) < 0) {`,
    replace: `if (compareDecimals(epochSeen, EPOCH_NONE) < 0) {`,
  },
  {
    name: "epoch-not-raised",
    what: "A master that starts again takes the epoch of its last life: its ops get IDs that others have, and no slave tells the two lives apart by age.",
    file: "server/master/running-master.ts",
    find: `epoch: nextEpoch(state.found?.epoch ?? EPOCH_NONE)`,
    replace: `epoch: state.found?.epoch ?? nextEpoch(EPOCH_NONE)`,
  },
];
