import { RingkvError } from "../../protocol/errors.js";
import type { ProcessVerb } from "../../protocol/messages.js";
import { MASTER_POINTS, type MasterFailpoints, canonicalPoint } from "../failpoints.js";
import type { ProcessControl } from "../status/process-control.js";
import { inWords } from "./slave-control.js";

/** What has been done, for people, and what happens once they have been told. */
export interface Done {
  readonly message: string;
  readonly afterwards?: () => void;
}

/** Why the master does not do it: itself would have to do what comes after. */
const REFUSALS: Readonly<Record<Exclude<ProcessVerb, "kill">, string>> = {
  start: "The master runs already: it is what answers you.",
  restart: "The master is started again by its supervisor as soon as it has ended: kill it.",
  pause: "The master cannot be paused from here: what would resume it is what is paused.",
  resume: "The master is not paused: it is what answers you.",
};

/** Carries out process commands on the master itself: it can be killed, and its supervisor starts it again. */
export class MasterControl {
  readonly #control: ProcessControl;
  readonly #failpoints: MasterFailpoints;

  constructor(control: ProcessControl, failpoints: MasterFailpoints) {
    this.#control = control;
    this.#failpoints = failpoints;
  }

  /**
   * @param point where the process dies; left out: as soon as the answer has left
   * @throws RingkvError BAD_REQUEST for another verb than `kill` or an unknown point; NOT_SUPERVISED without a supervisor
   */
  async run(verb: ProcessVerb, point?: string): Promise<Done> {
    return this.#do(verb, point && canonicalPoint(MASTER_POINTS, point));
  }

  async #do(verb: ProcessVerb, point: string | undefined): Promise<Done> {
    if (verb !== "kill") throw new RingkvError("BAD_REQUEST", REFUSALS[verb]);
    if (!this.#control.isSupervised) {
      throw new RingkvError(
        "NOT_SUPERVISED",
        "No supervisor is connected, so nobody would start the master again: it was not started by `ringkv up`.",
      );
    }
    const afterwards = () => this.#failpoints.die();
    if (point === undefined) return { message: "the master dies now", afterwards };
    if (point.includes(":save-epoch")) {
      await this.#control.armNextMaster(point);
      return { message: `the master dies now, and the next one ${inWords(point)}`, afterwards };
    }
    this.#failpoints.arm(point);
    return { message: `the master will die ${inWords(point)}` };
  }
}
