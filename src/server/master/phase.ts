import type { OpId } from "../../protocol/ids.js";
import type { FromSlave, HeldStep, ToSlave } from "../../protocol/messages.js";

/** A phase of two-phase commit, as faults and step mode name it. */
export type Phase = HeldStep["phase"];

/** Whose phase a message is. */
export interface PhaseOf {
  readonly opId: OpId;
  readonly phase: Phase;
}

/** The phase that a message to a slave makes; undefined for hello, forget and questions. */
export function phaseToSlave(message: ToSlave): PhaseOf | undefined {
  switch (message.type) {
    case "putreq":
    case "delreq":
      return { opId: message.opId, phase: "prepare" };
    case "commit":
    case "abort":
      return { opId: message.opId, phase: "decision" };
    default:
      return undefined;
  }
}

/** The phase that a slave's message makes; undefined for its report and for answers. */
export function phaseFromSlave(message: FromSlave): PhaseOf | undefined {
  switch (message.type) {
    case "ready":
    case "abort":
      return { opId: message.opId, phase: "vote" };
    case "ack":
      return { opId: message.opId, phase: "ack" };
    default:
      return undefined;
  }
}
