import { RingkvError } from "../../protocol/errors.js";
import type { SlaveId } from "../../protocol/ids.js";
import type { ProcessVerb, SlaveState, SlaveStatus } from "../../protocol/messages.js";
import type { Log } from "../log.js";
import type { ProcessControl } from "../status/process-control.js";
import type { MasterView } from "./master-view.js";

/** How long a process command may take to show in the slave's state. */
const EFFECT_MS = 10_000;

/** Carries out process commands on slaves and waits until the ring has noticed, so that what is asked next sees the effect. */
export class SlaveControl {
  readonly #view: MasterView;
  readonly #control: ProcessControl;
  readonly #log: Log;
  readonly #onControlled: (slave: SlaveId) => void;
  readonly #watchers = new Set<() => void>();

  /**
   * @param log takes a line on the outcome of each command
   * @param onControlled a slave's process was acted on
   */
  constructor(view: MasterView, control: ProcessControl, log: Log, onControlled: (slave: SlaveId) => void) {
    this.#log = log;
    this.#view = view;
    this.#control = control;
    this.#onControlled = onControlled;
  }

  /**
   * Has the supervisor act on a slave; resolves, when the ring shows it, with a message for people.
   * @param name `s1`, `1` or the full ID
   * @throws RingkvError BAD_REQUEST for an unknown slave, NOT_SUPERVISED, TIMEOUT, or the supervisor's refusal
   */
  async run(verb: ProcessVerb, name: string): Promise<string> {
    const slave = this.#view.find(name);
    try {
      const message = await this.#control.run(verb, slave.id);
      this.#onControlled(slave.id);
      if (verb === "kill") await this.#reached(slave, "down");
      else if (verb === "start" || verb === "restart") await this.#reached(slave, "up");
      this.#log("info", `${verb} ${slave.name}: ${message}`);
      return message;
    } catch (error) {
      if (error instanceof RingkvError) this.#log("warn", `${verb} ${slave.name}: ${error.code} ${error.message}`);
      throw error;
    }
  }

  /** A slave's state has changed. */
  stateChanged(): void {
    for (const watcher of [...this.#watchers]) watcher();
  }

  #reached(slave: SlaveStatus, state: SlaveState): Promise<void> {
    const isReached = () => this.#view.slave(slave.id)?.state === state;
    if (isReached()) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const settle = (error?: RingkvError) => {
        clearTimeout(timer);
        this.#watchers.delete(check);
        if (error === undefined) resolve();
        else reject(error);
      };
      const check = () => {
        if (isReached()) settle();
      };
      const timer = setTimeout(
        () => settle(new RingkvError("TIMEOUT", `${slave.name} is not ${state} after ${EFFECT_MS / 1_000} s.`)),
        EFFECT_MS,
      ).unref();
      this.#watchers.add(check);
    });
  }
}
