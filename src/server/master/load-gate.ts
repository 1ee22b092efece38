import { performance } from "node:perf_hooks";
import { LIMITS } from "../../protocol/limits.js";
import type { RequestMeter } from "../status/request-meter.js";

/** A rate is taken over at least so long, in ms: shorter, and the groups in which updates are forced would show in it. */
const RATE_OVER_MS = 250;

/**
 * Refuses a request at once when it would have to wait too long.
 *
 * The wait is known beforehand: requests under way, by those served in a second (Little's law). So the gate holds the number
 * under way below what is served in the time that a request may wait. The rate is what was served while there was enough to do;
 * of a master with little to do it says nothing, and changes nothing. Requests that failed do not count as served, for a master
 * that only fails would seem fast.
 */
export class LoadGate {
  readonly #meter: Pick<RequestMeter, "inFlight" | "served">;
  readonly #waitMsMax: number;
  #underWayMax: number = LIMITS.requestsUnderWayAtFirst;
  #updateBytes = 0;
  #hasRefused = false;
  #since: { readonly ms: number; readonly served: number };

  /** @param waitMsMax how long a request may wait for those before it */
  constructor(meter: Pick<RequestMeter, "inFlight" | "served">, waitMsMax: number) {
    this.#meter = meter;
    this.#waitMsMax = waitMsMax;
    this.#since = { ms: performance.now(), served: meter.served };
  }

  /** Requests that may be under way now. */
  get underWayMax(): number {
    return this.#underWayMax;
  }

  /** No update may begin now, however small. */
  get isFull(): boolean {
    return this.#meter.inFlight >= this.#underWayMax;
  }

  /** An update was refused because `isFull` was true. */
  refused(): void {
    this.#hasRefused = true;
  }

  /** Whether an update with so many bytes may begin; if so, `updateEnded` must be told of its end. */
  beginUpdate(bytes: number): boolean {
    if (!this.isFull && this.#updateBytes + bytes <= LIMITS.updateBytesMax) {
      this.#updateBytes += bytes;
      return true;
    }
    this.#hasRefused = true;
    return false;
  }

  updateEnded(bytes: number): void {
    this.#updateBytes -= bytes;
  }

  /** Whether a read may begin that the cache does not answer: reads go on for longer than updates, since they cost less. */
  get admitsRead(): boolean {
    return this.#meter.inFlight < 2 * this.#underWayMax;
  }

  /** Takes the rate anew when it is time; call it every few ten ms. */
  tick(): void {
    const nowMs = performance.now();
    const passedMs = nowMs - this.#since.ms;
    if (passedMs < RATE_OVER_MS) return;
    const { inFlight, served } = this.#meter;
    if (this.#hasRefused || inFlight >= this.#underWayMax / 2) {
      const worthwhile = ((served - this.#since.served) / passedMs) * this.#waitMsMax;
      // Half of what it was, so that a single hiccup of a disk does not send everyone away.
      const next = Math.round((this.#underWayMax + worthwhile) / 2);
      this.#underWayMax = Math.min(LIMITS.requestsUnderWayMax, Math.max(LIMITS.requestsUnderWayMin, next));
    }
    this.#hasRefused = false;
    this.#since = { ms: nowMs, served };
  }
}
