import type { OpId, SlaveId } from "../../src/protocol/ids.js";
import type { Metrics, SlaveMetrics, SlaveStatus, Snapshot, StatusEvent } from "../../src/protocol/messages.js";
import { RefusalCounts } from "../../src/server/ports/refusal-counts.js";

/** A cluster to feed a monitor with: what its master would tell, at fixed times. */

/** 2026-01-02T03:04:05Z, in ms since 1970. */
export const START = Date.UTC(2026, 0, 2, 3, 4, 5);

/** The six slaves' places on the ring. */
export const IDS = [
  "360287970189639680",
  "3386706919782612992",
  "6485183463413514240",
  "9727775195120271360",
  "12826251738751172608",
  "15924728282382073856",
] as unknown as readonly SlaveId[];

const SHARES = [0.164, 0.168, 0.168, 0.176, 0.168, 0.156];

export function slaveStatus(index: number, changed: Partial<SlaveStatus> = {}): SlaveStatus {
  return {
    id: IDS[index] as SlaveId,
    name: `s${index + 1}`,
    state: "up",
    host: "127.0.0.1",
    port: 40_001 + index,
    pid: 5_001 + index,
    supervised: true,
    paused: false,
    share: SHARES[index] ?? 0,
    keys: 200 + index * 11,
    ops: 0,
    voteMs: 1.2 + index / 10,
    cacheHits: 90 + index,
    cacheMisses: 10,
    ...changed,
  };
}

export function metrics(changed: Partial<Metrics> = {}): Metrics {
  return {
    gets: 0,
    puts: 0,
    dels: 0,
    errors: 0,
    aborts: 0,
    cacheHits: 90,
    cacheMisses: 10,
    evictions: 0,
    inFlight: 0,
    unresolved: 0,
    getMs: { p50: 0.2, p99: 0.9 },
    updateMs: { p50: 1.4, p99: 3.8 },
    refusals: new RefusalCounts().figures,
    ...changed,
  };
}

export function snapshot(changed: Partial<Snapshot> = {}): Snapshot {
  const address = (port: number) => ({ host: "127.0.0.1", port });
  const slaves = IDS.map((_, index) => slaveStatus(index));
  return {
    type: "snapshot",
    seq: 0,
    time: START,
    info: {
      version: "0.1.0",
      pid: 5_000,
      epoch: "12" as Snapshot["info"]["epoch"],
      hash: "xxh64",
      client: address(8080),
      registration: address(9090),
      status: address(8081),
      ringSize: IDS.length,
      ringComplete: true,
      slaves: slaves.map(({ id, name, state }) => ({ id, name, state })),
    },
    slaves,
    metrics: metrics(),
    unresolved: [],
    logs: [],
    step: { on: false, held: [] },
    ...changed,
  };
}

type EventOf<Name extends StatusEvent["event"]> = Omit<
  Extract<StatusEvent, { event: Name }>,
  "type" | "seq" | "time" | "event"
>;

/** An event so many ms after START. */
export function event<Name extends StatusEvent["event"]>(
  afterMs: number,
  name: Name,
  body: EventOf<Name>,
): StatusEvent {
  return { type: "event", seq: 1, time: START + afterMs, event: name, ...body } as unknown as StatusEvent;
}

/** What the counters tell after so many ms and requests; each slave has answered as many votes and reads as there were requests. */
export function counted(afterMs: number, total: number, changed: Partial<Metrics> = {}): StatusEvent {
  const slaves: SlaveMetrics[] = IDS.map((id, index) => ({
    id,
    keys: 200 + index * 11,
    ops: total,
    cacheHits: 90 + index,
    cacheMisses: 10,
  }));
  return event(afterMs, "metrics", { metrics: metrics({ gets: total, ...changed }), slaves });
}

export const OP = "12.17" as OpId;

/** The first steps of a put of `user:42` to s3 and s4: begun, and s3 has voted yes. */
export function putBegun(afterMs: number): readonly StatusEvent[] {
  const op = { opId: OP, kind: "put" as const, key: "user:42" };
  return [
    event(afterMs, "op", {
      ...op,
      phase: "begin",
      ms: 0,
      hash: "5407872000000000000",
      replicas: [IDS[2] as SlaveId, IDS[3] as SlaveId],
    }),
    event(afterMs + 3, "op", { ...op, phase: "vote", ms: 3.1, slave: IDS[2], outcome: "commit" }),
  ];
}

/** The rest of it, to the moment when both replicas have forgotten it. */
export function putFinished(afterMs: number): readonly StatusEvent[] {
  const op = { opId: OP, kind: "put" as const, key: "user:42" };
  return [
    event(afterMs, "op", { ...op, phase: "vote", ms: 4.2, slave: IDS[3], outcome: "commit" }),
    event(afterMs, "op", { ...op, phase: "decision", ms: 4.3, outcome: "commit" }),
    event(afterMs, "op", { ...op, phase: "answered", ms: 4.4 }),
    event(afterMs + 1, "op", { ...op, phase: "ack", ms: 5.5, slave: IDS[2] }),
    event(afterMs + 2, "op", { ...op, phase: "ack", ms: 6.1, slave: IDS[3] }),
    event(afterMs + 2, "op", { ...op, phase: "settled", ms: 6.2 }),
  ];
}
