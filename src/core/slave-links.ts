import type { SlaveId } from "../protocol/ids.js";
import type { ToSlave } from "../protocol/messages.js";

/** How the master reaches its slaves. */
export interface SlaveLinks {
  isLinked(slave: SlaveId): boolean;
  /** Unique among all questions to slaves, so that an answer finds the one it belongs to. */
  nextRequestId(): number;
  send(slave: SlaveId, message: ToSlave): void;
}
