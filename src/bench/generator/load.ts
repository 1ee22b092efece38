import type { GeneratorResult } from "./job.js";
import type { Wire } from "./wire.js";

/** A load of one generator process, from its connections to its result. */
export interface Load {
  /** Connects all clients and begins to ask. @throws RingkvError UNAVAILABLE */
  start(wire: Wire): Promise<void>;
  /** What is answered from now on counts. */
  measure(): void;
  /** Ends the measured time, and with it the load. */
  stop(): Promise<GeneratorResult>;
}
