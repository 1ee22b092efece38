import type { Mix } from "../../src/bench/load/workload.js";

/** What is loaded: ringkv, ringkv with a cache that is much smaller than its data, and those it is compared with. */
export type TargetName = "ringkv" | "ringkv cold" | "bare Node" | "redis" | "redis WAIT" | "etcd 1" | "etcd 3";

/** One load of a round. */
export interface Cell {
  readonly target: TargetName;
  readonly mix: Mix & ("put" | "get");
  readonly depth: number;
}

/** Two loads of a round whose rates are compared, and what the ratio is to be, by the number of clients. */
export interface Comparison {
  readonly work: string;
  readonly against: string;
  readonly ours: Cell;
  readonly theirs: Cell;
  readonly aims: Readonly<Record<number, number>>;
}

const cell = (target: TargetName, mix: "put" | "get", depth = 1): Cell => ({ target, mix, depth });

/** Issue-sized: what ringkv wants to be good at, against the best that does the same. */
export const COMPARISONS: readonly Comparison[] = [
  {
    work: "PUT, forced on two slaves",
    against: "Redis with a replica, always, WAIT 1",
    ours: cell("ringkv", "put"),
    theirs: cell("redis WAIT", "put"),
    aims: { 1: 1.1, 16: 1.3, 64: 1.3, 256: 1.2 },
  },
  {
    work: "PUT, forced on two slaves",
    against: "Redis with a replica, always, no WAIT (on one disk when answered)",
    ours: cell("ringkv", "put"),
    theirs: cell("redis", "put"),
    aims: {},
  },
  {
    work: "PUT, forced on two slaves",
    against: "etcd, three nodes",
    ours: cell("ringkv", "put"),
    theirs: cell("etcd 3", "put"),
    aims: { 1: 2, 16: 3, 64: 4, 256: 4 },
  },
  {
    work: "PUT, forced on two slaves",
    against: "etcd, one node",
    ours: cell("ringkv", "put"),
    theirs: cell("etcd 1", "put"),
    aims: {},
  },
  {
    work: "GET, in the master's cache",
    against: "bare Node server, JSON.parse",
    ours: cell("ringkv", "get"),
    theirs: cell("bare Node", "get"),
    aims: { 1: 0.95, 16: 1, 64: 1, 256: 1 },
  },
  {
    work: "GET, in the master's cache",
    against: "Redis GET",
    ours: cell("ringkv", "get"),
    theirs: cell("redis", "get"),
    aims: {},
  },
  {
    work: "GET, not in the cache",
    against: "etcd, three nodes, linearizable",
    ours: cell("ringkv cold", "get"),
    theirs: cell("etcd 3", "get"),
    aims: { 1: 2, 16: 2, 64: 2, 256: 2 },
  },
  {
    work: "GET, not in the cache",
    against: "etcd, one node",
    ours: cell("ringkv cold", "get"),
    theirs: cell("etcd 1", "get"),
    aims: {},
  },
];

/** With 16 requests in flight on each connection. */
export const PIPELINED: readonly Comparison[] = [
  {
    work: "PUT, 16 in flight",
    against: "ringkv itself, one in flight",
    ours: cell("ringkv", "put", 16),
    theirs: cell("ringkv", "put"),
    aims: { 16: 4 },
  },
  {
    work: "GET in the cache, 16 in flight",
    against: "bare Node server, JSON.parse, 16 in flight",
    ours: cell("ringkv", "get", 16),
    theirs: cell("bare Node", "get", 16),
    aims: { 16: 1.3, 64: 1.3 },
  },
];

/** The clients at which `PIPELINED` is measured. */
export const PIPELINED_CLIENTS = [16, 64];

/** The p99 of a put at so many clients is at most so many times that of Redis with WAIT. */
export const P99 = { clients: 64, aim: 1.5 } as const;

/** The loads that comparisons need, each once. */
export function cellsOf(comparisons: readonly Comparison[], clients: number): readonly Cell[] {
  const cells = new Map<string, Cell>();
  for (const { ours, theirs } of comparisons) {
    for (const one of [ours, theirs]) cells.set(cellName(one, clients), one);
  }
  return [...cells.values()];
}

export function cellName({ target, mix, depth }: Cell, clients: number): string {
  return `${target} ${mix} x${clients}${depth === 1 ? "" : `, ${depth} in flight`}`;
}
