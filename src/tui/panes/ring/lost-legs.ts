import type { LinkFault } from "../../../protocol/messages.js";
import type { Leg } from "./legs.js";
import type { RingSlave } from "./ring-view.js";

/** A lost message is seen up to here, as a part of its way: where it was lost nobody can tell. */
export const LOST_AT = 0.5;

const PHASES: readonly Leg["kind"][] = ["prepare", "vote", "decision", "ack"];

/** Whether a message to a slave was sent into a wire that lets nothing through; of what comes from it, it was heard. */
export function isLost({ kind, startMs }: Leg, slave: RingSlave | undefined): boolean {
  const isOutward = kind === "prepare" || kind === "decision";
  if (slave?.fault === undefined || !isOutward || startMs < (slave.faultHeardMs ?? -Infinity)) return false;
  const from = lostFrom(slave.fault);
  return from !== undefined && PHASES.indexOf(kind) >= PHASES.indexOf(from);
}

/** The first phase of an update that such a wire swallows, and with it all later ones; undefined when it swallows none. */
function lostFrom(fault: LinkFault): Leg["kind"] | undefined {
  switch (fault.kind) {
    case "none":
    case "delay":
      return undefined;
    case "drop":
      return fault.from ?? "prepare";
    case "partition":
      return "prepare";
  }
}
