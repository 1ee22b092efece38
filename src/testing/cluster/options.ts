import { RingkvError } from "../../protocol/errors.js";
import { type SlaveId, parseSlaveId } from "../../protocol/ids.js";
import { DEFAULTS, LIMITS } from "../../protocol/limits.js";

/** How a cluster for tests is made; what is left out is as `ringkv up` has it. */
export interface ClusterOptions {
  /** Slaves in the ring, at least 2; default 4. */
  readonly slaves?: number;
  /** Their IDs, 64-bit decimals, instead of an even spread: `s1` is the lowest. */
  readonly ids?: readonly string[];
  /** A vote that takes longer counts as an abort, in ms; default 2,000. */
  readonly prepareTimeoutMs?: number;
  /** A read that takes a slave longer goes to the other replica, in ms; default 1,000. */
  readonly readTimeoutMs?: number;
  /** A slave's heartbeat, in ms; default 500. */
  readonly heartbeatIntervalMs?: number;
  /** A slave that is silent for longer counts as down, in ms; default 3,000. */
  readonly heartbeatTimeoutMs?: number;
  /** Hash function of the ring; default `xxh64`. */
  readonly hash?: HashName;
  /** Run one update at a time; default false. */
  readonly serial?: boolean;
  /** Sets of each cache; default 4,096. */
  readonly cacheSets?: number;
  /** Entries in each set; default 4. */
  readonly cacheWays?: number;
  /** Data directory of the whole cluster, which stays; default a temporary one, removed with the cluster. */
  readonly data?: string;
  /**
   * Run all daemons in this process, over a network and disks in memory: ready in milliseconds, and killed and started again
   * like processes. Default false: each daemon is a process of its own, on free ports of this machine.
   */
  readonly inProcess?: boolean;
  /** The test that the cluster is for: it is closed when that ends, however it ends. */
  readonly test?: TestContext;
}

/** A test that runs something when it ends: `t` of tap, `t` of node:test, or anything like them. */
export type TestContext =
  { teardown(action: () => Promise<void>): unknown } | { after(action: () => Promise<void>): unknown };

export type HashName = (typeof HASH_NAMES)[number];
const HASH_NAMES = ["xxh64", "poly31"] as const;

/** The options of the daemons, all said. */
export interface DaemonSettings extends Record<keyof typeof WHOLE_NUMBERS, number> {
  readonly hash: HashName;
  readonly serial: boolean;
}

/** Each with its default and what it may be, as the flags have it. */
const WHOLE_NUMBERS = {
  prepareTimeoutMs: { fallback: DEFAULTS.prepareTimeoutMs, min: 1, max: 600_000 },
  readTimeoutMs: { fallback: DEFAULTS.readTimeoutMs, min: 1, max: 600_000 },
  heartbeatIntervalMs: { fallback: DEFAULTS.heartbeatIntervalMs, min: 10, max: 600_000 },
  heartbeatTimeoutMs: { fallback: DEFAULTS.heartbeatTimeoutMs, min: 10, max: 600_000 },
  cacheSets: { fallback: DEFAULTS.cacheSets, min: 1, max: 1_048_576 },
  cacheWays: { fallback: DEFAULTS.cacheWays, min: 1, max: 1_024 },
} as const;

/** @throws RingkvError BAD_REQUEST, and names the option */
export function daemonSettingsOf(options: ClusterOptions): DaemonSettings {
  const numbers = Object.entries(WHOLE_NUMBERS).map(([name, { fallback, min, max }]) => {
    return [name, wholeNumber(name, options[name as keyof typeof WHOLE_NUMBERS] ?? fallback, min, max)];
  });
  const { hash = "xxh64", serial = false } = options;
  if (!HASH_NAMES.includes(hash)) throw refusal("hash", hash, HASH_NAMES.join(" or "));
  if (typeof serial !== "boolean") throw refusal("serial", serial, "true or false");
  return { ...(Object.fromEntries(numbers) as Record<keyof typeof WHOLE_NUMBERS, number>), hash, serial };
}

/**
 * The ring that is wished for.
 * @throws RingkvError BAD_REQUEST, and names the option
 */
export function ringWishOf({ slaves, ids }: ClusterOptions): {
  readonly slaves: number | undefined;
  readonly ids: readonly SlaveId[] | undefined;
} {
  const parsed = ids?.map((id) => {
    const slaveId = parseSlaveId(id);
    if (slaveId === undefined) throw refusal("ids", id, "64-bit decimals");
    return slaveId;
  });
  if (slaves !== undefined) wholeNumber("slaves", slaves, 2, LIMITS.slavesMax);
  if (parsed !== undefined) wholeNumber("ids.length", parsed.length, slaves ?? 2, slaves ?? LIMITS.slavesMax);
  return { slaves, ids: parsed };
}

function wholeNumber(name: string, value: unknown, min: number, max: number): number {
  if (typeof value === "number" && Number.isInteger(value) && value >= min && value <= max) return value;
  throw refusal(name, value, `a whole number, ${min} to ${max}`);
}

function refusal(name: string, value: unknown, expected: string): RingkvError {
  return new RingkvError("BAD_REQUEST", `startCluster: \`${name}\` must be ${expected}, not ${String(value)}`);
}
