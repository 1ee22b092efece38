import type { Refusals } from "../../protocol/messages.js";

/** How often something was refused or ended to stay within the limits, by reason. */
export class RefusalCounts {
  readonly #counts: Record<keyof Refusals, number> = {
    full: 0,
    introduction: 0,
    line: 0,
    idle: 0,
    unread: 0,
    memory: 0,
    tooLong: 0,
    paused: 0,
    flood: 0,
    busy: 0,
    slowSlave: 0,
  };

  readonly count = (why: keyof Refusals): void => {
    this.#counts[why] += 1;
  };

  get figures(): Refusals {
    return { ...this.#counts };
  }
}
