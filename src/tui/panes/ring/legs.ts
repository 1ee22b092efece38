import type { SlaveId } from "../../../protocol/ids.js";
import type { OpStep, OpTrace } from "../../model/op-trace.js";
import { holdOf, isHeld } from "../../model/step-holds.js";

/** How long a message takes on the ring: a real one takes a millisecond or two, which no eye can follow. */
export const LEG_MS = 250;

/** One message of an update on its way between the master and a replica, in slow motion. */
export interface Leg {
  readonly kind: "prepare" | "vote" | "decision" | "ack";
  /** The replica that it goes to or comes from. */
  readonly slave: SlaveId;
  /** Of a vote and a decision. */
  readonly outcome?: "commit" | "abort";
  /** ms of the monitor's clock. */
  readonly startMs: number;
  readonly endMs: number;
  /** 0 at the start, 1 on arrival, where its dot stays until the next leg begins. */
  readonly progress: number;
}

type PlannedLeg = Omit<Leg, "progress">;

/**
 * The legs of an update that have begun, in the order of their steps.
 *
 * A leg begins when its step was heard or when what it follows from has arrived, whichever is later: a replica's legs follow
 * one another, and a decision leaves the master when the votes before it are there; one that step mode holds does not begin
 * before it is let go. So a dot lags behind the truth by at most the legs before it, and is never ahead: a replica that has
 * not voted holds its dot.
 *
 * @param nowMs what was heard later has not happened yet
 * @param unreachable replicas that are down: the decision goes to one only when it is back
 */
export function legsOf(op: OpTrace, nowMs: number, unreachable: readonly SlaveId[] = []): readonly Leg[] {
  const steps = op.steps.filter(({ heardMs }) => heardMs <= nowMs);
  return legsOfSteps(op, steps, unreachable)
    .filter(({ startMs }) => startMs <= nowMs)
    .map((leg) => ({ ...leg, progress: nowMs >= leg.endMs ? 1 : (nowMs - leg.startMs) / LEG_MS }));
}

/**
 * When an update has shown all that is known of it: the last of its legs has arrived, and its decision is seen, which may have
 * no leg. −Infinity when there is neither.
 */
export function restsAt(op: OpTrace, unreachable: readonly SlaveId[] = []): number {
  return Math.max(decidedMs(op) ?? -Infinity, ...plannedLegs(op, unreachable).map(({ endMs }) => endMs));
}

/** An update as its legs have shown it so far. */
export interface SeenOp {
  readonly votes: number;
  /** Undefined until the dots of the votes that led to it are at the master. */
  readonly decision: "commit" | "abort" | undefined;
  readonly acks: number;
}

/** What has been seen of an update: what has happened, as late as its dots show it. */
export function seenOf(op: OpTrace, nowMs: number): SeenOp {
  const arrived = plannedLegs(op, []).filter(({ endMs }) => endMs <= nowMs);
  const count = (kind: Leg["kind"]) => arrived.filter((leg) => leg.kind === kind).length;
  return { votes: count("vote"), decision: decisionSeen(op, nowMs), acks: count("ack") };
}

function decisionSeen(op: OpTrace, nowMs: number): SeenOp["decision"] {
  const isDecided = op.state === "committed" || op.state === "aborted";
  if (!isDecided) return undefined;
  if ((decidedMs(op) ?? -Infinity) > nowMs) return undefined;
  return op.state === "committed" ? "commit" : "abort";
}

/** When the decision is seen; undefined when it was not heard. */
function decidedMs(op: OpTrace): number | undefined {
  const index = op.steps.findIndex(({ phase }) => phase === "decision");
  const step = op.steps[index];
  return step && decisionMs(step, legsOfSteps(op, op.steps.slice(0, index), []));
}

function plannedLegs(op: OpTrace, unreachable: readonly SlaveId[]): readonly PlannedLeg[] {
  return legsOfSteps(op, op.steps, unreachable);
}

function legsOfSteps(op: OpTrace, steps: readonly OpStep[], unreachable: readonly SlaveId[]): readonly PlannedLeg[] {
  const replicas = [...new Set(op.replicas)];
  const legs: PlannedLeg[] = [];
  const last = (slave: SlaveId) => legs.findLast((leg) => leg.slave === slave);
  const add = (step: OpStep, kind: Leg["kind"], slave: SlaveId, notBeforeMs = -Infinity): void => {
    if (isHeld(op, kind, slave)) return;
    const letGoMs = holdOf(op, kind, slave)?.letGo?.heardMs ?? -Infinity;
    const startMs = Math.max(step.heardMs, notBeforeMs, letGoMs, last(slave)?.endMs ?? -Infinity);
    const outcome = step.outcome === undefined ? {} : { outcome: step.outcome };
    legs.push({ kind, slave, ...outcome, startMs, endMs: startMs + LEG_MS });
  };
  for (const step of steps) {
    switch (step.phase) {
      case "begin":
        for (const slave of replicas) add(step, "prepare", slave);
        break;
      case "vote":
      case "ack":
        if (step.slave !== undefined) add(step, step.phase, step.slave);
        break;
      case "decision": {
        const leavesAtMs = decisionMs(step, legs);
        for (const slave of replicas) {
          if (isDecisionSent(slave, steps, legs, unreachable)) add(step, "decision", slave, leavesAtMs);
        }
        break;
      }
      case "in-doubt":
      case "answered":
      case "settled":
        break;
    }
  }
  return legs;
}

/** When the decision's dots leave: as it is heard, but not before the votes that led to it have arrived. */
function decisionMs(step: OpStep, before: readonly PlannedLeg[]): number {
  const votes = before.filter(({ kind }) => kind === "vote");
  return Math.max(step.heardMs, ...votes.map(({ endMs }) => endMs));
}

/** Who refused holds no record and is told nothing; who is down is told when it is back, at the latest before its ack. */
function isDecisionSent(
  slave: SlaveId,
  steps: readonly OpStep[],
  before: readonly PlannedLeg[],
  unreachable: readonly SlaveId[],
): boolean {
  if (before.some((leg) => leg.slave === slave && leg.kind === "vote" && leg.outcome === "abort")) return false;
  return !unreachable.includes(slave) || steps.some((step) => step.phase === "ack" && step.slave === slave);
}
