import { type SlaveId, parseOpId, parseSlaveId } from "../../../src/protocol/ids.js";
import type { OpStep, OpTrace } from "../../../src/tui/model/op-trace.js";
import type { RingSlave, RingView } from "../../../src/tui/panes/ring/ring-view.js";
import { DARK, UNICODE } from "../../../src/tui/screen/theme.js";

/** The slave ID with these upper digits, in hexadecimal. */
export function slaveIdAt(upperDigits: string): SlaveId {
  const id = parseSlaveId(BigInt(`0x${upperDigits.padEnd(16, "0")}`).toString());
  if (id === undefined) throw new Error(`${upperDigits} is no ID`);
  return id;
}

const STARTS = ["05", "2f", "5a", "87", "b2", "dd"] as const;
export const [S1, S2, S3, S4, S5, S6] = STARTS.map(slaveIdAt) as [SlaveId, SlaveId, SlaveId, SlaveId, SlaveId, SlaveId];

/** Slaves s1, s2 … at these places. */
export function slavesAt(ids: readonly SlaveId[]): readonly RingSlave[] {
  return ids.map((id, index) => ({
    id,
    name: `s${(index + 1).toString()}`,
    state: "up",
    share: shareOf(ids, index),
    paused: false,
  }));
}

function shareOf(ids: readonly SlaveId[], index: number): number {
  if (ids.length === 1) return 1;
  const width = BigInt(ids[index] ?? 0n) - BigInt(ids.at(index - 1) ?? 0n);
  return Number(BigInt.asUintN(64, width) >> 11n) / 2 ** 53;
}

export const SIX: readonly RingSlave[] = slavesAt([S1, S2, S3, S4, S5, S6]);

/** The same slaves with something changed for one of them. */
export function withSlave(id: SlaveId, change: Partial<RingSlave>, slaves = SIX): readonly RingSlave[] {
  return slaves.map((slave) => (slave.id === id ? { ...slave, ...change } : slave));
}

/** An update of `user:42`, whose replicas are s3 and s4. */
export function opWith(steps: readonly OpStep[], changes: Partial<OpTrace> = {}): OpTrace {
  const opId = parseOpId("3.17");
  if (opId === undefined) throw new Error("no op ID");
  return {
    opId,
    kind: "put",
    key: "user:42",
    hash: BigInt("0x4b0c7e19a2d3f1c0").toString(),
    replicas: [S3, S4],
    beganAt: 1_789_992_000_000,
    state: "preparing",
    isSettled: false,
    steps,
    holds: [],
    ...changes,
  };
}

/** The monitor's clock when `user:42` began. */
export const T0 = 1_000;

/** A step at so many ms of the update, heard as it happened. */
export function step(phase: OpStep["phase"], ms: number, details: Partial<OpStep> = {}): OpStep {
  return { phase, ms, heardMs: T0 + ms, ...details };
}

export const BEGUN: readonly OpStep[] = [step("begin", 0)];
export const ONE_VOTE: readonly OpStep[] = [...BEGUN, step("vote", 3.1, { slave: S3, outcome: "commit" })];
export const DECIDED: readonly OpStep[] = [
  ...ONE_VOTE,
  step("vote", 3.9, { slave: S4, outcome: "commit" }),
  step("decision", 3.9, { outcome: "commit" }),
  step("answered", 4),
];
export const SETTLED: readonly OpStep[] = [
  ...DECIDED,
  step("ack", 4.6, { slave: S3 }),
  step("ack", 5.2, { slave: S4 }),
  step("settled", 5.2),
];

/** An update that both replicas have voted for and applied. */
export const COMMITTED: OpTrace = opWith(SETTLED, { state: "committed", isSettled: true });

/** A view of six slaves at rest, with something changed. */
export function ringView(changes: Partial<RingView> = {}): RingView {
  return { slaves: SIX, ops: [], reads: [], nowMs: T0, theme: DARK, glyphs: UNICODE, isStale: false, ...changes };
}
