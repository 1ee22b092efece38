import { Random } from "../random.js";
import { TEARS } from "../inode.js";
import type { Delays } from "./network.js";
import { FAULT_KINDS, type Fault, type FaultKind, type FaultOf, type Plan, type Request, type Target } from "./plan.js";

/** About this many requests in a plan. */
const REQUESTS_MIN = 120;
const REQUESTS_SPREAD = 160;

/** The plan that a seed stands for. */
export function planOf(seed: number): Plan {
  const random = new Random(seed);
  const slaves = random.pick([2, 2, 3, 3, 4, 5]);
  const keys = Array.from({ length: 1 + random.below(5) }, (_, n) => `k${n}`);
  const stormMs = 1_000 + random.next() * 4_000;
  const clients = 1 + random.below(6);
  const requests = REQUESTS_MIN + random.below(REQUESTS_SPREAD);
  const faults = faultsOf(random, { slaves, clients, stormMs });
  return {
    seed,
    slaves,
    keys,
    masterCache: { sets: random.pick([1, 2, 8]), ways: random.pick([1, 2, 4]) },
    slaveCache: { sets: random.pick([1, 2, 8]), ways: random.pick([1, 2, 4]) },
    serial: random.next() < 0.1,
    segmentBytes: random.pick([1_536, 2_048, 4_096, 16_384]),
    valueChars: random.next() < 0.3 ? random.below(400) : 0,
    prepareTimeoutMs: random.pick([200, 500, 1_000]),
    readTimeoutMs: random.pick([20, 100, 500]),
    heartbeatIntervalMs: 200,
    heartbeatTimeoutMs: 1_000,
    network: networkOf(random, faults),
    disks: {
      typicalMs: random.pick([0.2, 1, 5]),
      slowPart: random.pick([0, 0.05]),
      slowMs: random.pick([20, 200]),
    },
    clients: Array.from({ length: clients }, () =>
      requestsOf(random, keys, Math.ceil(requests / clients), stormMs / Math.ceil(requests / clients)),
    ),
    faults,
  };
}

/** From quick to laggy; laggy beside a second master, whose slaves then hear of the first one late. */
function networkOf(random: Random, faults: readonly Fault[]): Delays {
  const isLaggy = faults.some(({ kind }) => kind === "second master");
  return {
    minMs: 0.05,
    typicalMs: random.pick([0.2, 1, 5]),
    slowPart: isLaggy ? 0.2 : random.pick([0, 0.02, 0.1]),
    slowMs: isLaggy ? 300 : random.pick([10, 60, 300]),
  };
}

function requestsOf(random: Random, keys: readonly string[], count: number, meanWaitMs: number): Request[] {
  const pipelines = random.next() < 0.3;
  const kinds = random.pick([
    ["get", "get", "put", "put", "put", "del"],
    ["get", "put"],
    ["put", "del", "get", "get", "get", "get"],
  ] as const);
  return Array.from({ length: count }, () => ({
    kind: random.pick<Request["kind"]>(kinds),
    key: random.pick(keys),
    wait: pipelines && random.next() < 0.4 ? ("at once" as const) : random.next() * 2 * meanWaitMs,
  }));
}

interface Size {
  readonly slaves: number;
  readonly clients: number;
  readonly stormMs: number;
}

/** From a calm run with a few faults of one kind to one where hardly anything stays up. */
function faultsOf(random: Random, size: Size): Fault[] {
  const part = random.pick([0.15, 0.35, 0.6]);
  const kinds = FAULT_KINDS.filter((kind) => random.next() < part * (WEIGHTS[kind] ?? 1)).flatMap((kind) => {
    return Array.from({ length: Math.max(1, WEIGHTS[kind] ?? 1) }, () => kind);
  });
  if (kinds.length === 0) return [];
  const meanGapMs = 40 + 1_500 * random.next() ** 2;
  const faults: Fault[] = [];
  // Mostly after the ring has formed.
  const calmMs = random.next() < 0.1 ? 0 : 300;
  for (let atMs = calmMs + random.next() * meanGapMs; atMs < size.stormMs; atMs += random.next() * 2 * meanGapMs) {
    const kind = random.pick(kinds);
    if (kind === "second master" && faults.some((fault) => fault.kind === kind)) continue;
    const fault = faultOf(kind, atMs, random, size);
    if (fault.kind === "second master" && random.next() < 0.5) faults.push(...prelude(fault, random));
    if (fault.kind === "crash" && fault.targets[0] === "m1" && random.next() < 0.3) {
      faults.push(...lateWords(fault, random.below(size.slaves), random));
    } else faults.push(fault);
  }
  return faults;
}

/** A master dies when it has just said hello to a slave; its next life may be quicker than that hello. */
function lateWords(crash: FaultOf<"crash">, slave: number, random: Random): readonly Fault[] {
  const { atMs } = crash;
  return [
    { atMs: Math.max(0, atMs - 60 - random.next() * 100), kind: "cut", slave, part: 1 },
    { ...crash, how: "kill", downMs: random.next() * 30 },
  ];
}

/**
 * What makes an operator start a second master: the first one stands still, or has just lost a slave. The slave registers with
 * the first one anew, and has gone over to the second when the first one's hello arrives.
 */
function prelude({ atMs, slaves, forMs }: FaultOf<"second master">, random: Random): readonly Fault[] {
  const [slave] = slaves;
  if (slave === undefined || atMs < STANDSTILL_MS) return [];
  if (random.next() < 0.3) {
    const startMs = atMs - STANDSTILL_MS;
    return [
      { atMs: startMs, kind: "freeze", target: "m1", forMs: STANDSTILL_MS + forMs / 2 },
      { atMs: startMs + 20, kind: "cut", slave, part: 1 },
      { atMs: atMs + 20, kind: "cut", slave, part: 1 },
    ];
  }
  return [
    { atMs: atMs - 50 - random.next() * 300, kind: "cut", slave, part: 1 },
    { atMs: atMs + 20, kind: "cut", slave, part: 0.5 },
  ];
}

/** How long the first master stands still before a second one is started. */
const STANDSTILL_MS = 400;

/** How much more often than the others: few after which hardly anything else can be seen for a while, many crashes. */
const WEIGHTS: Partial<Record<FaultKind, number>> = {
  crash: 2,
  "lost disk": 1 / 3,
  "old disk": 1 / 3,
  "second master": 1 / 3,
};

function faultOf(kind: FaultKind, atMs: number, random: Random, { slaves, clients }: Size): Fault {
  const slave = random.below(slaves);
  const target: Target = random.next() < 0.4 ? "m1" : slave;
  const forMs = random.next() ** 2 * 3_000;
  switch (kind) {
    case "crash": {
      const all: readonly Target[] = ["m1", ...Array.from<unknown, Target>({ length: slaves }, (_, index) => index)];
      const targets = random.next() < 0.8 ? [target] : all.filter(() => random.next() < 0.6);
      const how = random.pick(["kill", "power"] as const);
      return { atMs, kind, targets, how, tear: random.pick(TEARS), downMs: random.next() ** 2 * 1_500 };
    }
    case "crash amid":
      return {
        atMs,
        kind,
        slave,
        operations: 1 + random.below(30),
        how: random.pick(["kill", "power", "power"] as const),
        tear: random.pick(TEARS),
        downMs: random.next() * 500,
      };
    case "freeze":
      return { atMs, kind, target, forMs };
    case "cut":
      return { atMs, kind, slave, part: random.pick([0.5, 1]) };
    case "client cut":
      return { atMs, kind, client: random.below(clients) };
    case "partition":
      return {
        atMs,
        kind,
        masters: random.pick([["m1"], ["m1", "m2"]] as const),
        slave,
        ways: random.pick(["to slave", "to master", "both"] as const),
        forMs,
      };
    case "slow disk":
      return { atMs, kind, target, factor: random.pick([5, 30, 200]), forMs };
    case "full disk":
      return { atMs, kind, slave, forMs };
    case "failing force":
      return { atMs, kind, slave, forces: random.pick([1, 1, 3]) };
    case "lost disk":
      return { atMs, kind, slave, forMs: 300 + forMs };
    case "old disk":
      return { atMs, kind, slave, copiedAtMs: random.next() * atMs, forMs: 300 + forMs };
    case "second master": {
      const half = (count: number) =>
        Array.from({ length: count }, (_, index) => index).filter(() => random.next() < 0.5);
      return {
        atMs,
        kind,
        copiedAtMs: random.next() < 0.5 ? 0 : random.next() * atMs,
        how: random.pick(["moved", "rerouted", "rerouted"] as const),
        slaves: half(slaves),
        clients: half(clients),
        forMs: 300 + forMs,
        survivor: random.pick(["m1", "m2"] as const),
      };
    }
  }
}
