import type { ErrorCode, RingkvError } from "../../protocol/errors.js";
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
    malformed: 0,
    key: 0,
    value: 0,
    lockQueue: 0,
    paused: 0,
    flood: 0,
    busy: 0,
    slowSlave: 0,
  };

  readonly count = (why: keyof Refusals): void => {
    this.#counts[why] += 1;
  };

  /** A line of a client was refused. One that was too long is counted by the port, as on the other ports. */
  countLine({ code }: RingkvError): void {
    const why = REFUSED_LINES[code];
    if (why !== undefined) this.count(why);
  }

  get figures(): Refusals {
    return { ...this.#counts };
  }
}

const REFUSED_LINES: Readonly<Partial<Record<ErrorCode, keyof Refusals>>> = {
  BAD_FRAME: "malformed",
  KEY_TOO_LONG: "key",
  VALUE_TOO_LONG: "value",
};
