import type { FeedItem } from "../../client/feed.js";
import type {
  LinkFault,
  LogLevel,
  SlaveMetrics,
  SlaveStatus,
  Snapshot,
  StatusEvent,
  StepState,
  UnresolvedOp,
} from "../../protocol/messages.js";
import {
  type FeedModel,
  NOTHING_KNOWN,
  OPS_KEPT,
  READS_KEPT,
  type ReadTrace,
  type SlaveView,
  nameOf,
} from "./feed-model.js";
import { type LogLine, withLines } from "./log-buffer.js";
import type { OpTrace } from "./op-trace.js";
import { withHolds } from "./step-holds.js";
import { type TimelineMark, withMark, withReading } from "./traffic.js";

/** What the monitor hears: the feed, the state of its connection, and what its own keys and commands did. */
export type Heard =
  | FeedItem
  | { readonly type: "connected" }
  | { readonly type: "lost"; readonly reason: string }
  | { readonly type: "unresolved"; readonly ops: readonly UnresolvedOp[] }
  | { readonly type: "line"; readonly time: number; readonly level: LogLevel; readonly text: string };

/** Seconds of a slave's traffic that are kept. */
const SECONDS_OF_SLAVES = 120;

/**
 * The model after what was heard. Many items are taken at once, since each list is copied once for all of them.
 *
 * @param heardMs the monitor's own monotone clock, by which animations go
 */
export function heard(model: FeedModel, items: readonly Heard[], heardMs: number): FeedModel {
  const draft: Draft = { ...model, ops: [...model.ops], reads: [...model.reads], newLines: [] };
  for (const item of items) take(draft, item, heardMs);
  const { newLines, ...rest } = draft;
  return {
    ...rest,
    ops: draft.ops.slice(-OPS_KEPT),
    reads: draft.reads.slice(-READS_KEPT),
    logs: withLines(draft.logs, newLines),
  };
}

/** A model that is being changed; nobody else sees it. */
type Draft = { -readonly [Field in keyof FeedModel]: FeedModel[Field] } & {
  ops: OpTrace[];
  reads: ReadTrace[];
  readonly newLines: Omit<LogLine, "seq">[];
};

function take(draft: Draft, item: Heard, heardMs: number): void {
  switch (item.type) {
    case "snapshot":
      takeSnapshot(draft, item, heardMs);
      return;
    case "event":
      takeEvent(draft, item, heardMs);
      return;
    case "gap":
      draft.missed += item.missed;
      return;
    case "connected":
      draft.connection = { state: "live" };
      return;
    case "lost":
      if (draft.connection.state === "lost") return;
      draft.connection = { state: "lost", reason: item.reason, sinceMs: heardMs };
      mark(draft, draft.traffic.readings.at(-1)?.time ?? 0, "lost");
      return;
    case "unresolved":
      draft.unresolved = item.ops;
      return;
    case "line":
      draft.newLines.push({ time: item.time, source: "monitor", level: item.level, text: item.text });
  }
}

/** A first one fills the model; one after a reconnect renews what it tells, and the history of what was seen stays. */
function takeSnapshot(draft: Draft, snapshot: Snapshot, heardMs: number): void {
  const isSameMaster = draft.info?.epoch === snapshot.info.epoch;
  draft.connection = { state: "live" };
  draft.info = snapshot.info;
  takeSlaves(draft, snapshot.slaves, snapshot.time, heardMs);
  draft.metrics = snapshot.metrics;
  draft.unresolved = snapshot.unresolved;
  draft.traffic = withReading(draft.traffic, snapshot.time, snapshot.metrics);
  // What a master told before it was lost is known already, and the next master's tail begins with its own life.
  const newest = isSameMaster ? newestTime(draft) : Number.NEGATIVE_INFINITY;
  for (const { slave, time, level, text } of snapshot.logs) {
    if (time > newest) draft.newLines.push({ time, source: slave ?? "master", level, text });
  }
  // Ops of which no end was heard are told anew, if they are still open, by `in-doubt` or in `unresolved`.
  if (!isSameMaster) draft.ops = draft.ops.map((op) => ({ ...op, isSettled: true }));
  takeStep(draft, snapshot.step, snapshot.time, heardMs);
}

function takeEvent(draft: Draft, event: StatusEvent, heardMs: number): void {
  switch (event.event) {
    case "slave":
      takeSlaves(
        draft,
        draft.slaves.some(({ id }) => id === event.slave.id)
          ? draft.slaves.map((slave) => (slave.id === event.slave.id ? event.slave : slave))
          : [...draft.slaves, event.slave],
        event.time,
        heardMs,
      );
      if (event.slave.state === "up" || event.slave.state === "down") mark(draft, event.time, event.slave.state);
      return;
    case "ring":
      takeSlaves(draft, event.slaves, event.time, heardMs);
      if (draft.info !== undefined) draft.info = { ...draft.info, ringComplete: event.complete };
      mark(draft, event.time, "ring");
      return;
    case "op":
      takeOp(draft, event, heardMs);
      return;
    case "cache":
      if (event.action === "hit" || event.action === "miss") {
        draft.reads.push({ key: event.key, hash: event.hash, isHit: event.action === "hit", heardMs });
      }
      draft.newLines.push({
        time: event.time,
        source: "master",
        level: "debug",
        text: `cache ${event.action} set=${event.set} key="${event.key}"`,
      });
      return;
    case "log":
      draft.newLines.push({
        time: event.time,
        source: event.slave ?? "master",
        level: event.level,
        text: event.text,
      });
      return;
    case "step":
      takeStep(draft, event.step, event.time, heardMs);
      return;
    case "metrics":
      if (event.metrics.unresolved === 0) draft.unresolved = [];
      draft.metrics = event.metrics;
      takeSlaveMetrics(draft, event.slaves, event.time);
      draft.traffic = withReading(draft.traffic, event.time, event.metrics);
  }
}

function takeOp(draft: Draft, event: Extract<StatusEvent, { event: "op" }>, heardMs: number): void {
  const { opId, kind, key, phase, ms, slave, outcome, code } = event;
  const step = {
    phase,
    ms,
    heardMs,
    ...(slave !== undefined && { slave }),
    ...(outcome !== undefined && { outcome }),
    ...(code !== undefined && { code }),
  };
  if (phase === "begin" || phase === "in-doubt") {
    if (event.hash === undefined || event.replicas === undefined) return;
    const op: OpTrace = {
      opId,
      kind,
      key,
      hash: event.hash,
      replicas: event.replicas,
      beganAt: event.time,
      state: phase === "begin" ? "preparing" : "in-doubt",
      isSettled: false,
      steps: [step],
      holds: [],
    };
    draft.ops.push(withHolds(op, draft.step.held, event.time, heardMs));
    const names = event.replicas.map((replica) => nameOf(draft, replica)).join(", ");
    const verb = phase === "begin" ? "begin" : "in doubt";
    tellOp(draft, event, phase === "begin" ? "info" : "warn", `${verb} ${opId} ${kind} "${key}" → ${names}`);
    return;
  }
  const index = draft.ops.findLastIndex((op) => op.opId === opId);
  const op = draft.ops[index];
  if (op === undefined) return;
  const decided = phase === "decision" ? (outcome === "commit" ? "committed" : "aborted") : op.state;
  draft.ops[index] = { ...op, state: decided, isSettled: phase === "settled", steps: [...op.steps, step] };
  if (phase !== "decision") return;
  if (outcome === "abort") mark(draft, event.time, "abort");
  tellOp(
    draft,
    event,
    outcome === "abort" ? "warn" : "info",
    `${outcome ?? ""} ${opId} ${kind} "${key}" (${ms.toFixed(1)} ms)`,
  );
}

function tellOp(draft: Draft, { time }: { readonly time: number }, level: LogLevel, text: string): void {
  draft.newLines.push({ time, source: "master", level, text });
}

function takeStep(draft: Draft, step: StepState, time: number, heardMs: number): void {
  draft.step = step;
  draft.ops = draft.ops.map((op) => withHolds(op, step.held, time, heardMs));
}

/** The slaves as the master tells them now; what the monitor itself has gathered of each stays. */
function takeSlaves(draft: Draft, slaves: readonly SlaveStatus[], time: number, heardMs: number): void {
  draft.slaves = slaves.map((slave): SlaveView => {
    const known = draft.slaves.find(({ id }) => id === slave.id);
    return {
      ...slave,
      opsBySecond: known?.opsBySecond ?? [],
      stateSince: known?.state === slave.state ? known.stateSince : time,
      faultHeardMs: isSameFault(known?.fault, slave.fault) ? (known?.faultHeardMs ?? heardMs) : heardMs,
    };
  });
}

function isSameFault(left: LinkFault | undefined, right: LinkFault | undefined): boolean {
  return JSON.stringify(left) === JSON.stringify(right);
}

function takeSlaveMetrics(draft: Draft, figures: readonly SlaveMetrics[], time: number): void {
  const last = draft.traffic.seconds.at(-1)?.atSecond ?? Math.floor(time / 1_000);
  const secondsOn = Math.max(0, Math.min(SECONDS_OF_SLAVES, Math.floor(time / 1_000) - last));
  draft.slaves = draft.slaves.map((slave): SlaveView => {
    const now = figures.find(({ id }) => id === slave.id);
    const added = now === undefined ? 0 : now.ops - slave.ops;
    const bySecond = [...slave.opsBySecond, ...new Array<number>(secondsOn).fill(0)];
    if (bySecond.length === 0) bySecond.push(0);
    // A count that falls is a new master's.
    bySecond[bySecond.length - 1] = (bySecond.at(-1) ?? 0) + Math.max(0, added);
    return { ...slave, ...now, opsBySecond: bySecond.slice(-SECONDS_OF_SLAVES) };
  });
}

function mark(draft: Draft, time: number, which: TimelineMark): void {
  draft.traffic = withMark(draft.traffic, time, which);
}

function newestTime({ logs }: Draft): number {
  return logs.lines.reduce((newest, { time, source }) => (source === "monitor" ? newest : Math.max(newest, time)), 0);
}

/** The model of a monitor that has heard nothing but this. */
export function modelOf(items: readonly Heard[], heardMs = 0): FeedModel {
  return heard(NOTHING_KNOWN, items, heardMs);
}
