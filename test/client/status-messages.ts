/** Messages of a status port, for tests that play one. */
import { RefusalCounts } from "../../src/server/ports/refusal-counts.js";

const address = { host: "127.0.0.1", port: 8080 };
const percentiles = { p50: 0, p99: 0 };

/** The snapshot of a master to which no slave has come yet. */
export const EMPTY_SNAPSHOT = {
  type: "snapshot",
  seq: 0,
  time: 1,
  info: {
    version: "0.1.0",
    pid: 4711,
    epoch: "3",
    hash: "xxh64",
    client: address,
    registration: address,
    status: address,
    ringSize: 0,
    ringComplete: false,
    slaves: [],
  },
  slaves: [],
  metrics: {
    gets: 0,
    puts: 0,
    dels: 0,
    errors: 0,
    aborts: 0,
    cacheHits: 0,
    cacheMisses: 0,
    evictions: 0,
    inFlight: 0,
    unresolved: 0,
    getMs: percentiles,
    updateMs: percentiles,
    refusals: new RefusalCounts().figures,
  },
  unresolved: [],
  logs: [],
  step: { on: false, held: [] },
};

export function ringEvent(seq: number) {
  return { type: "event", seq, time: seq, event: "ring", complete: true, slaves: [] };
}
