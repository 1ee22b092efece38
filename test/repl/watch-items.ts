import type { WatchItem } from "../../src/client/watch-status.js";
import type { ClusterInfo, SlaveState, SlaveStatus } from "../../src/protocol/messages.js";
import type { SlaveId } from "../../src/protocol/ids.js";
import { INFO, SNAPSHOT } from "./fake-cluster.js";

const IDS: Readonly<Record<string, string>> = { s1: "10", s2: "20", s3: "18446744073709551615" };

/** A snapshot of three slaves, all up but those that are said to be otherwise. */
export function snapshotOf(options: {
  readonly epoch: string;
  readonly states?: Readonly<Record<string, SlaveState>>;
  readonly isStepping?: boolean;
  readonly time?: number;
}): Extract<WatchItem, { type: "snapshot" }> {
  const { epoch, states = {}, isStepping = false, time = 0 } = options;
  return {
    ...SNAPSHOT,
    time,
    info: { ...INFO, epoch: epoch as ClusterInfo["epoch"] },
    slaves: ["s1", "s2", "s3"].map((name) => statusOf(name, states[name] ?? "up")),
    step: { on: isStepping, held: [] },
  };
}

/** A slave has changed. */
export function slaveEvent(name: string, state: SlaveState, time = 0): WatchItem {
  return { type: "event", seq: 1, time, event: "slave", slave: statusOf(name, state) };
}

/** So much time has passed. */
export function metricsEvent(time: number): WatchItem {
  return { type: "event", seq: 1, time, event: "metrics", metrics: SNAPSHOT.metrics, slaves: [] };
}

function statusOf(name: string, state: SlaveState): SlaveStatus {
  const [slave] = SNAPSHOT.slaves;
  if (slave === undefined) throw new Error("the sample has slaves");
  return { ...slave, id: (IDS[name] ?? name) as SlaveId, name, state };
}
