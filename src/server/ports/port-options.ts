import type { Refusals } from "../../protocol/messages.js";
import type { Log } from "../log.js";
import type { Transport } from "../../transport/transport.js";

/** Why a port sent a connection away; each has a counter in the metrics. */
export type Departure = keyof Pick<Refusals, "full" | "introduction" | "line" | "idle" | "unread" | "memory">;

/** What a port allows its visitors. Times are ms, exact to a second. */
export interface PortLimits {
  readonly connectionsMax: number;
  readonly frameBytesMax: number;
  /** Whoever has not `entered` by then is sent away; default: there is time. */
  readonly introductionWithinMs?: number;
  /** Whoever has neither sent nor taken anything for so long is sent away; default: never. */
  readonly idleMs?: number;
  /** Whoever takes nothing of what is queued for it for so long is dropped. */
  readonly unreadMs: number;
  /** Messages taken from one visitor in a second; of more it is read on in the next one. Default: any number. */
  readonly messagesPerSecondMax?: number;
}

export interface PortOptions {
  /** For people: `client port`. */
  readonly name: string;
  readonly host: string;
  /** 0 means any free one. */
  readonly port: number;
  readonly transport: Transport;
  readonly limits: PortLimits;
  /** Told of everyone who is sent away or held back, and why. */
  readonly onRefusal: (why: keyof Refusals) => void;
  readonly log: Log;
}
