import type { LinkFault } from "../../protocol/messages.js";

/** The delays that a key goes through, in ms. */
const DELAYS_MS = [200, 1_000] as const;

const HEALED: LinkFault = { kind: "none" };

/** The next longer delay, and after the longest none. */
export function nextDelay(fault: LinkFault | undefined): LinkFault {
  const now = fault?.kind === "delay" ? fault.ms : 0;
  const ms = DELAYS_MS.find((each) => each > now);
  return ms === undefined ? HEALED : { kind: "delay", ms };
}

/** A link that lets nothing through, or an end to any that does not. */
export function nextDrop(fault: LinkFault | undefined): LinkFault {
  return fault?.kind === "drop" || fault?.kind === "partition" ? HEALED : { kind: "drop" };
}

/** A link that is cut, or an end to that. */
export function nextPartition(fault: LinkFault | undefined): LinkFault {
  return fault?.kind === "partition" ? HEALED : { kind: "partition" };
}
