import { HASHES } from "../../src/core/hash.js";
import type { MasterObserver } from "../../src/core/master.js";
import type { Op } from "../../src/core/two-phase-commit/coordinator.js";
import type { Outcome } from "../../src/core/two-phase-commit/recovery.js";
import type { OpId, SlaveId } from "../../src/protocol/ids.js";
import type { Operation } from "../../src/testing/history.js";
import { checkVersions, describeViolation } from "../../src/testing/version-check.js";
import { Random } from "../random.js";
import { Client } from "./client.js";
import { EventQueue } from "./event-queue.js";
import { MasterProcess } from "./master-process.js";
import { SlaveProcess } from "./slave-process.js";

/** What one seed's run came to. */
export interface Report {
  /** What was wrong, a line or a few each; empty when all was right. */
  readonly violations: readonly string[];
  readonly operations: number;
  readonly acknowledged: number;
  readonly unknown: number;
  readonly faults: Readonly<Record<Fault, number>>;
  /** Tells two runs apart: the whole history. */
  readonly digest: string;
}

export type Fault = "slave killed" | "slave power cut" | "master killed" | "link cut" | "slave frozen";

const STORM_MS = 4_000;
/** After the faults everything must be whole again within this time. */
const HEAL_MS = 30_000;

/**
 * One schedule: a master, slaves and clients, the shipped cores over a simulated network and simulated disks, and faults, all
 * from one seed. Afterwards the history must be linearizable, nothing open, and both copies of every key equal.
 */
export function simulate(seed: number): Report {
  const random = new Random(seed);
  const queue = new EventQueue();
  const ids = Array.from({ length: 2 + random.below(3) }, (_, index) => `${1_000 * (index + 1)}` as SlaveId);
  const slaves = ids.map((id) => new SlaveProcess(id, queue, random));
  const violations: string[] = [];
  const outcomes = new Outcomes(violations);
  const master = new MasterProcess(ids, queue, random, outcomes);
  const keys = Array.from({ length: 1 + random.below(4) }, (_, n) => `k${n}`);
  const history: Operation[] = [];

  master.start();
  for (const slave of slaves) {
    slave.start();
    keepRegistered(slave, master, queue, random);
  }
  const clients = Array.from(
    { length: 1 + random.below(4) },
    (_, n) => new Client(`c${n}`, keys, { queue, random, master }, history),
  );
  const faults = plague(slaves, master, queue, random);
  queue.runUntil(STORM_MS);
  for (const client of clients) client.stop();
  queue.runUntil(STORM_MS + HEAL_MS);

  violations.push(...checkVersions(history).map(describeViolation), ...unhealed(slaves, master, keys));
  const count = (type: string) => history.filter(({ outcome }) => outcome.type === type).length;
  return {
    violations,
    operations: history.length,
    acknowledged: count("done"),
    unknown: count("unknown"),
    faults,
    digest: HASHES.xxh64(JSON.stringify(history)).toString(16),
  };
}

/**
 * Watches that no op both commits and aborts. An abort is final from the moment when one replica has acknowledged it: before,
 * a master that dies takes its decision along, and the next one may commit the op (its client was told nothing, or that the
 * outcome is unknown).
 */
class Outcomes implements MasterObserver {
  readonly #violations: string[];
  readonly #final = new Map<OpId, Outcome>();

  constructor(violations: string[]) {
    this.#violations = violations;
  }

  opDecided(op: Op, outcome: Outcome): void {
    const before = this.#final.get(op.opId);
    if (before !== undefined && before !== outcome) this.#violations.push(`op ${op.opId}: ${before}, then ${outcome}`);
    if (outcome === "commit") this.#final.set(op.opId, outcome);
  }

  opAcked(op: Op): void {
    if (op.state === "aborted") this.#final.set(op.opId, "abort");
  }

  opBegan(): void {
    // Nothing to watch for.
  }

  opVoted(): void {
    // Nothing to watch for.
  }

  opSettled(): void {
    // Nothing to watch for.
  }

  cache(): void {
    // Nothing to watch for.
  }
}

/** A slave without a master connection registers, again and again. */
function keepRegistered(slave: SlaveProcess, master: MasterProcess, queue: EventQueue, random: Random): void {
  queue.after(random.next() * 100, () => {
    if (slave.isUp && !slave.isFrozen && !slave.isConnected) master.register(slave);
    keepRegistered(slave, master, queue, random);
  });
}

/** Faults at random moments until the storm is over; then everything is started and thawed. */
function plague(
  slaves: readonly SlaveProcess[],
  master: MasterProcess,
  queue: EventQueue,
  random: Random,
): Record<Fault, number> {
  const counts: Record<Fault, number> = {
    "slave killed": 0,
    "slave power cut": 0,
    "master killed": 0,
    "link cut": 0,
    "slave frozen": 0,
  };
  const kinds = (Object.keys(counts) as Fault[]).filter(() => random.next() < 0.7);
  // From a calm run with a few faults to one where hardly anything stays up.
  const meanGapMs = 30 + 2_000 * random.next() ** 2;
  const strike = () => {
    if (queue.nowMs >= STORM_MS || kinds.length === 0) return;
    const kind = random.pick(kinds);
    const slave = random.pick(slaves);
    counts[kind] += 1;
    switch (kind) {
      case "slave killed":
      case "slave power cut":
        slave.crash(kind === "slave power cut");
        queue.after(random.next() * 800, () => slave.start());
        break;
      case "master killed":
        master.crash();
        queue.after(random.next() * 500, () => master.start());
        break;
      case "link cut":
        master.cut(slave.id, random.next() * 100);
        break;
      case "slave frozen":
        slave.freeze();
        queue.after(random.next() * 4_000, () => slave.thaw());
    }
    queue.after(random.next() * 2 * meanGapMs, strike);
  };
  queue.after(200 + random.next() * meanGapMs, strike);
  return counts;
}

/** What is not whole after all faults are over. */
function unhealed(slaves: readonly SlaveProcess[], master: MasterProcess, keys: readonly string[]): string[] {
  const core = master.core;
  if (core === undefined) return ["the master is down"];
  const found: string[] = [];
  for (const slave of slaves) {
    if (!core.isLinked(slave.id)) found.push(`slave ${slave.id} is not linked`);
    if (slave.openOps > 0) found.push(`slave ${slave.id} holds ${slave.openOps} open ops`);
  }
  if (core.openCount > 0) found.push(`the master holds ${core.openCount} open ops`);
  for (const key of keys) {
    const replicas = core.locate(key)?.replicas ?? [];
    const copies = replicas.map((id) => JSON.stringify(slaves.find((slave) => slave.id === id)?.contents.get(key)));
    if (copies[0] !== copies[1]) found.push(`${key}: copies differ: ${copies.join(" and ")}`);
    core.get(key, (result) => {
      if (result.ok && JSON.stringify({ value: result.value, opId: result.opId }) !== copies[0]) {
        found.push(`${key}: the cache says ${result.value} (${result.opId}), the copies ${String(copies[0])}`);
      }
    });
  }
  return found;
}
