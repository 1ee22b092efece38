import type { LinkFault } from "../../protocol/messages.js";
import { describeFault } from "../../repl/fault-commands.js";

/** What can go wrong with a slave on purpose. */
interface Faulty {
  readonly fault?: LinkFault | undefined;
  /** The point at which its process will die, such as `after:force-prepared`. */
  readonly failpoint?: string | undefined;
}

/** What goes wrong between the master and a slave, in few words: `delay 200 ms`, `drop from vote`, `cut`; "" for nothing. */
export function linkFaultText(fault: LinkFault | undefined): string {
  switch (fault?.kind) {
    case undefined:
    case "none":
      return "";
    case "partition":
      return "cut";
    case "delay":
    case "drop":
      return describeFault(fault);
  }
}

/** The same, and where its process will die: `cut, dies after force-prepared`. */
export function faultText({ fault, failpoint }: Faulty): string {
  const death = failpoint === undefined ? "" : `dies ${failpoint.replace(":", " ")}`;
  return [linkFaultText(fault), death].filter((text) => text !== "").join(", ");
}

/** How many faults are in effect, counted as the command `faults` lists them. */
export function countFaults(slaves: readonly (Faulty & { readonly paused: boolean })[]): number {
  return slaves
    .flatMap(({ fault, failpoint, paused }) => [linkFaultText(fault) !== "", failpoint !== undefined, paused])
    .filter(Boolean).length;
}
