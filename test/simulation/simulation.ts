import { HASHES } from "../../src/core/hash.js";
import { evenlySpreadIds } from "../../src/server/supervisor/ring-ids.js";
import { compareDecimals } from "../../src/protocol/ids.js";
import { type Get, type Operation, describeOperation } from "../../src/testing/history.js";
import { checkLinearizability } from "../../src/testing/linearizability.js";
import { checkVersions, describeViolation } from "../../src/testing/version-check.js";
import { Random } from "../random.js";
import { Client } from "./client.js";
import { MasterMachine } from "./master-machine.js";
import { Network } from "./network.js";
import { Observer } from "./observer.js";
import { Operator } from "./operator.js";
import type { Plan } from "./plan.js";
import type { SometimesCounts } from "./sometimes.js";
import type { Surroundings } from "./machine.js";
import { SlaveMachine } from "./slave-machine.js";
import { unhealed, unequal } from "./whole.js";
import { World } from "./world.js";

/** What one plan's run came to. */
export interface Report {
  /** What was wrong, a line or a few each; empty when all was right. */
  readonly violations: readonly string[];
  readonly history: readonly Operation[];
  readonly acknowledged: number;
  readonly unknown: number;
  /** Processes that ended, by kind. */
  readonly ended: { readonly slaves: number; readonly masters: number };
  readonly simulatedMs: number;
  /** Lines that were delivered, and events in all. */
  readonly lines: number;
  readonly steps: number;
  readonly sometimes: SometimesCounts;
  /** Tells two runs apart. */
  readonly digest: () => string;
  /** What happened, line by line, when it was asked for. */
  readonly transcript: readonly string[];
}

/** The faults end when the clients have asked all they wanted, and at this time at the latest. */
const STORM_MS_MAX = 30_000;
/** After the faults everything must be whole again within this time. */
const HEAL_MS = 30_000;
const RETRY_MS = 200;

/**
 * Plays a plan: the shipped master, slaves, logs and ports in virtual time, over simulated disks and a simulated network, with
 * clients and faults. Afterwards the history must be linearizable and the cluster whole.
 */
export async function simulate(plan: Plan, options: { readonly transcript?: boolean } = {}): Promise<Report> {
  const random = new Random(plan.seed);
  const world: World = new World((life, error) => observer.crashed(life?.name ?? "the simulator", error));
  const observer = new Observer(world, plan, options.transcript ?? false);
  const network = new Network(world, random, plan.network);
  network.onLine = (from, to, line) => observer.line(from, to, line);
  const around: Surroundings = { world, random, network, plan, observer };
  const m1 = new MasterMachine("m1", around);
  const m2 = new MasterMachine("m2", around);
  const slaves = evenlySpreadIds(plan.slaves).map(
    (id, index) => new SlaveMachine(id, `s${index + 1}`, m1.registrationAddress, around),
  );
  const history: Operation[] = [];
  const depositionOf = (host: string) => {
    const [asked, other] = host === m1.host ? [m1, m2] : [m2, m1];
    const { epoch } = asked;
    return () => compareDecimals(other.epoch, epoch) > 0;
  };
  const clients = plan.clients.map(
    (_, index) => new Client(`c${index}`, m1.clientAddress, around, history, depositionOf),
  );
  const operator = new Operator(around, { m1, m2, slaves }, clients);

  operator.begin();
  await storm(around, clients);
  operator.endFaults();
  const master = () => operator.survivor.daemon?.master.core;
  const stormMs = world.nowMs;
  await until(around, stormMs + HEAL_MS, () => unhealed(master(), slaves).length === 0);
  const isWhole = unhealed(master(), slaves).length === 0;
  if (isWhole) {
    await writeEveryKey(around, operator.survivor, history);
    await until(around, world.nowMs + HEAL_MS, () => unhealed(master(), slaves).length === 0);
  }
  for (const line of unhealed(master(), slaves)) observer.violation(`after ${HEAL_MS} ms without faults: ${line}`);
  for (const line of unequal(operator.survivor.daemon?.master.core, slaves, plan)) observer.violation(line);
  for (const found of checkVersions(history)) observer.violation(describeViolation(found));
  const verdict = checkLinearizability(history);
  if (verdict.type !== "linearizable") observer.violation(`${verdict.type} of ${verdict.key}: ${verdict.reason}`);
  for (const read of clients.flatMap(({ readsAtDeposed }) => readsAtDeposed)) {
    if (!mayHaveBeenWritten(read, history)) observer.violation(`never written: ${describeOperation(read)}`);
  }

  return {
    violations: observer.violations,
    history,
    acknowledged: observer.counts.acknowledged,
    unknown: history.filter(({ outcome }) => outcome.type === "unknown").length,
    ended: observer.ends,
    simulatedMs: world.nowMs,
    lines: observer.counts.lines,
    steps: world.steps,
    sometimes: observer.sometimesCounts,
    digest: () => HASHES.xxh64(JSON.stringify([history, world.steps, world.nowMs, observer.counts])).toString(16),
    transcript: observer.transcript ?? [],
  };
}

/** Until every client is done and the last fault has begun. */
async function storm(around: Surroundings, clients: readonly Client[]): Promise<void> {
  const { world, plan } = around;
  let busy = clients.length;
  const lastFaultMs = plan.faults.reduce((latest, { atMs }) => Math.max(latest, atMs), 0);
  for (const [index, client] of clients.entries()) {
    client.ask(plan.clients[index] ?? [], () => {
      busy -= 1;
    });
  }
  await until(around, STORM_MS_MAX, () => busy === 0 && world.nowMs > lastFaultMs);
  for (const client of clients) client.stop();
}

/** Whether what a read gives was written at some time: all that a deposed master promises of its reads. */
function mayHaveBeenWritten({ key, outcome, returnedMs }: Get, history: readonly Operation[]): boolean {
  if (outcome.type !== "found") return true;
  return history.some((write) => {
    return (
      write.kind === "put" &&
      write.key === key &&
      write.value === outcome.value &&
      write.outcome.type !== "failed" &&
      write.calledMs < returnedMs
    );
  });
}

/** Every key must take a write, at once or after being refused for a while, and can be read then. */
async function writeEveryKey(around: Surroundings, master: MasterMachine, history: Operation[]): Promise<void> {
  const { world, plan, observer } = around;
  const client = new Client("last", master.clientAddress, around, history);
  const left = new Set(plan.keys);
  const last = () => history.findLast((operation) => operation.client === "last")?.outcome.type;
  const tryKey = (key: string) => {
    client.ask([{ kind: "put", key, wait: 0 }], () => {
      if (last() !== "done") world.after(RETRY_MS, undefined, () => tryKey(key));
      else readBack(key);
    });
  };
  // What it reads is for the checkers: a client's del may have come between. A slow answer makes it ask again, as people would.
  const readBack = (key: string) => {
    client.ask([{ kind: "get", key, wait: 0 }], () => {
      if (last() === "failed") world.after(RETRY_MS, undefined, () => readBack(key));
      else left.delete(key);
    });
  };
  for (const key of plan.keys) {
    tryKey(key);
    await until(around, world.nowMs + HEAL_MS, () => !left.has(key));
  }
  for (const key of left) observer.violation(`${key} was not writable after all was whole`);
}

/** Lets time pass until `isEnough`, asked every 50 ms, says so. */
async function until({ world }: Surroundings, untilMs: number, isEnough: () => boolean): Promise<void> {
  let isWatching = true;
  const watch = () => {
    if (!isWatching) return;
    if (isEnough()) world.stop();
    else world.after(50, undefined, watch);
  };
  world.after(0, undefined, watch);
  await world.run(untilMs);
  isWatching = false;
}
