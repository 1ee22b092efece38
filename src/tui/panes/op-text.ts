import type { SlaveId } from "../../protocol/ids.js";
import type { OpTrace } from "../model/op-trace.js";
import type { Style } from "../screen/style.js";
import type { Glyphs, Theme } from "../screen/theme.js";
import { NAME_COLUMNS_MAX, fitted } from "../screen/legible.js";
import { seenOf } from "./ring/legs.js";

/**
 * What is seen of an update's state: `PREPARE 1/2`, `COMMIT 0/2`, `COMMITTED`.
 *
 * @param nowMs as late as its dots on the ring show it; Infinity: as it is
 */
export function stateText(op: OpTrace, nowMs: number): string {
  if (op.state === "in-doubt") return "IN DOUBT";
  const { votes, decision, acks } = seenOf(op, nowMs);
  switch (decision) {
    case undefined:
      return `PREPARE ${Math.min(votes, 2).toString()}/2`;
    case "commit":
      return op.isSettled && acks === 2 ? "COMMITTED" : `COMMIT ${acks.toString()}/2`;
    case "abort":
      return op.isSettled && acks === ackCount(op) ? "ABORTED" : "ABORT";
  }
}

/** The style of what `stateText` tells. */
export function stateStyle(op: OpTrace, nowMs: number, theme: Theme): Style {
  switch (seenOf(op, nowMs).decision) {
    case "commit":
      return theme.good;
    case "abort":
      return theme.bad;
    case undefined:
      return theme.warning;
  }
}

/** The name of a slave by its ID, fit to be shown; of one that the ring does not know, the beginning of its ID in hexadecimal. */
export function nameOfSlave(
  { slaves, glyphs }: { readonly slaves: readonly { id: SlaveId; name: string }[]; readonly glyphs: Glyphs },
  id: SlaveId,
): string {
  const name = slaves.find((slave) => slave.id === id)?.name;
  if (name !== undefined) return fitted(name, NAME_COLUMNS_MAX, glyphs);
  return `${hexOf(id).slice(0, 4)}${glyphs.ellipsis}`;
}

/** A 64-bit unsigned decimal as 16 hexadecimal digits. */
export function hexOf(decimal: string): string {
  return BigInt(decimal).toString(16).padStart(16, "0");
}

/** Who refused acknowledges nothing. */
function ackCount(op: OpTrace): number {
  return 2 - op.steps.filter(({ phase, outcome }) => phase === "vote" && outcome === "abort").length;
}
