import type { SlaveStatus, Snapshot, UnresolvedOp } from "../../protocol/messages.js";

/** Unresolved ops told at most. */
const OPS_MAX = 5;

/** A cluster's state in a line, for people: `epoch 2, ring complete; s1 up, s2 down; nothing unresolved`. */
export function describeSnapshot({ info, slaves, unresolved, metrics }: Snapshot): string {
  const names = new Map(slaves.map(({ id, name }) => [id, name]));
  const ring = info.ringComplete ? "ring complete" : "ring incomplete";
  const ops = unresolved.slice(0, OPS_MAX).map((op) => describeOp(op, names));
  const more = metrics.unresolved - ops.length;
  if (more > 0) ops.push(`and ${more} more`);
  const open = ops.length === 0 ? "nothing unresolved" : `unresolved: ${ops.join(", ")}`;
  return `epoch ${info.epoch}, ${ring}; ${slaves.map(describeSlave).join(", ")}; ${open}`;
}

function describeSlave({ name, state, paused }: SlaveStatus): string {
  return `${name} ${state}${paused ? " (paused)" : ""}`;
}

function describeOp({ opId, kind, key, state, waitingFor }: UnresolvedOp, names: ReadonlyMap<string, string>): string {
  const awaited = waitingFor.map((id) => names.get(id) ?? id);
  const waits = awaited.length === 0 ? "" : `, waiting for ${awaited.join(" and ")}`;
  return `${opId} ${kind} ${JSON.stringify(key)} (${state}${waits})`;
}
