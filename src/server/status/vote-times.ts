import type { OpId, SlaveId } from "../../protocol/ids.js";
import { RecentTimes } from "./recent-times.js";

/** Ops that are timed at once: under load a part of them is enough, and the rest cost nothing. */
const TIMED_MAX = 16;
const TIMES_KEPT = 128;

/** How long each slave takes from PREPARE to its vote, by the newest 128 votes that were timed. */
export class VoteTimes {
  /** When the ops that are timed began. */
  readonly #began = new Map<OpId, number>();
  readonly #times = new Map<SlaveId, RecentTimes>();

  /** @param readMs any monotone clock, in ms; read only for ops that are timed */
  began(opId: OpId, readMs: () => number): void {
    if (this.#began.size < TIMED_MAX) this.#began.set(opId, readMs());
  }

  voted(opId: OpId, slave: SlaveId, readMs: () => number): void {
    const beganMs = this.#began.get(opId);
    if (beganMs === undefined) return;
    let times = this.#times.get(slave);
    if (times === undefined) {
      times = new RecentTimes(TIMES_KEPT);
      this.#times.set(slave, times);
    }
    times.add(readMs() - beganMs);
  }

  /** The op is decided: no vote counts any more. */
  decided(opId: OpId): void {
    this.#began.delete(opId);
  }

  /** The median in ms, rounded to 0.001; undefined while the slave has not voted. */
  medianMs(slave: SlaveId): number | undefined {
    const median = this.#times.get(slave)?.percentiles({ p50: 0.5 })?.p50;
    return median === undefined ? undefined : Math.round(median * 1_000) / 1_000;
  }
}
