import { RingkvError } from "../protocol/errors.js";
import { tokenize } from "../repl/tokenize.js";
import type { ClusterOptions } from "../testing/cluster/options.js";

/** What the first statement of a scenario can say of the cluster it wants. */
const NUMBERS = {
  slaves: "slaves",
  "prepare-timeout-ms": "prepareTimeoutMs",
  "read-timeout-ms": "readTimeoutMs",
  "heartbeat-interval-ms": "heartbeatIntervalMs",
  "heartbeat-timeout-ms": "heartbeatTimeoutMs",
  "cache-sets": "cacheSets",
  "cache-ways": "cacheWays",
} as const;

export type WantedCluster = Omit<ClusterOptions, "inProcess" | "test" | "data">;

/** Reads `cluster slaves=4 cache-ways=2 …`; undefined for a statement that is none. @throws RingkvError BAD_REQUEST */
export function parseClusterLine(statement: string): WantedCluster | undefined {
  if (!/^\s*cluster(?:\s|$)/i.test(statement)) return undefined;
  let wanted: WantedCluster = {};
  for (const { text } of tokenize(statement).slice(1)) {
    const [, name = "", value = ""] = /^([a-z-]+)=(\S+)$/.exec(text) ?? [];
    wanted = { ...wanted, ...wish(name, value) };
  }
  return wanted;
}

function wish(name: string, value: string): WantedCluster {
  const number = NUMBERS[name as keyof typeof NUMBERS] as (typeof NUMBERS)[keyof typeof NUMBERS] | undefined;
  if (number !== undefined && /^[0-9]{1,9}$/.test(value)) return { [number]: Number(value) };
  if (name === "ids") return { ids: value.split(",") };
  if (name === "hash" && (value === "xxh64" || value === "poly31")) return { hash: value };
  if (name === "serial" && (value === "true" || value === "false")) return { serial: value === "true" };
  const names = [...Object.keys(NUMBERS), "ids", "hash", "serial"].join(", ");
  throw new RingkvError("BAD_REQUEST", `\`${name}=${value}\` says nothing of a cluster; there are ${names}.`);
}
