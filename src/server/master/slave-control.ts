import { RingkvError } from "../../protocol/errors.js";
import type { SlaveId } from "../../protocol/ids.js";
import type { ProcessVerb, SlaveState, SlaveStatus } from "../../protocol/messages.js";
import { SLAVE_POINTS, canonicalPoint } from "../failpoints.js";
import type { ProcessControl } from "../status/process-control.js";
import type { MasterView } from "./master-view.js";

/** How long a process command may take to show in the slave's state. */
const EFFECT_MS = 10_000;

/** What process commands on slaves are carried out with. */
export interface SlaveControlParts {
  readonly view: MasterView;
  readonly control: ProcessControl;
  /** Has a running slave die at a point. @throws RingkvError REPLICA_DOWN, TIMEOUT, BAD_REQUEST */
  readonly arm: (slave: SlaveId, point: string) => Promise<void>;
  /** A slave's process was acted on. */
  readonly onControlled: (slave: SlaveId) => void;
}

/** Carries out process commands on slaves and waits until the ring has noticed, so that what is asked next sees the effect. */
export class SlaveControl {
  readonly #parts: SlaveControlParts;
  readonly #watchers = new Set<() => void>();

  constructor(parts: SlaveControlParts) {
    this.#parts = parts;
  }

  /**
   * Has the supervisor act on a slave; resolves, when the ring shows it, with a message for people.
   * @param name `s1`, `1` or the full ID
   * @param point with `kill`, the running process dies there; with `start` and `restart`, the next one does
   * @throws RingkvError BAD_REQUEST for an unknown slave or point, NOT_SUPERVISED, REPLICA_DOWN, TIMEOUT, or the supervisor's
   *   refusal
   */
  async run(verb: ProcessVerb, name: string, point?: string): Promise<string> {
    return this.#do(verb, this.#parts.view.find(name), point && canonicalPoint(SLAVE_POINTS, point));
  }

  /** A slave's state has changed. */
  stateChanged(): void {
    for (const watcher of [...this.#watchers]) watcher();
  }

  #do(verb: ProcessVerb, slave: SlaveStatus, point: string | undefined): Promise<string> {
    if (point === undefined) return this.#act(verb, slave);
    if (verb === "kill") return this.#killAt(slave, point);
    if (verb === "start" || verb === "restart") return this.#startUntil(verb, slave, point);
    throw new RingkvError("BAD_REQUEST", `${verb} takes no point: a process that ${verb}s does not die of it.`);
  }

  async #act(verb: ProcessVerb, slave: SlaveStatus): Promise<string> {
    const { control, onControlled } = this.#parts;
    const message = await control.run(verb, slave.id);
    onControlled(slave.id);
    if (verb === "kill") await this.#reached(slave, ["down"]);
    else if (verb === "start" || verb === "restart") await this.#reached(slave, ["up"]);
    return message;
  }

  /** Arms the point in the running slave, which then ends itself: no supervisor is needed. */
  async #killAt({ id, name, supervised }: SlaveStatus, point: string): Promise<string> {
    if (point.includes(":replay")) {
      throw new RingkvError(
        "BAD_REQUEST",
        `${name} replays its log only when it starts: restart or start it with ${point}.`,
      );
    }
    try {
      await this.#parts.arm(id, point);
    } catch (error) {
      throw error instanceof RingkvError ? new RingkvError(error.code, `${name}: ${error.message}`) : error;
    }
    const alone = supervised ? "" : "; no supervisor keeps it, so nobody will be able to start it again from here";
    return `${name} will die ${inWords(point)}${alone}`;
  }

  /** Has the supervisor start a process that dies at the point: perhaps before it is up, perhaps later. */
  async #startUntil(verb: "start" | "restart", slave: SlaveStatus, point: string): Promise<string> {
    const { control, onControlled } = this.#parts;
    await control.run(verb, slave.id, point);
    onControlled(slave.id);
    // It was registered when the supervisor called it up, and otherwise is dead: `down` is an end here, and no beginning.
    const state = await this.#reached(slave, ["up", "down"]);
    return state === "up"
      ? `${slave.name} is up and will die ${inWords(point)}`
      : `${slave.name} died ${inWords(point)}`;
  }

  #reached(slave: SlaveStatus, states: readonly SlaveState[]): Promise<SlaveState> {
    const reached = () => states.find((state) => this.#parts.view.slave(slave.id)?.state === state);
    const now = reached();
    if (now !== undefined) return Promise.resolve(now);
    return new Promise((resolve, reject) => {
      const check = () => {
        const state = reached();
        if (state === undefined) return;
        end();
        resolve(state);
      };
      const end = () => {
        clearTimeout(timer);
        this.#watchers.delete(check);
      };
      const timer = setTimeout(() => {
        end();
        reject(new RingkvError("TIMEOUT", `${slave.name} is not ${states.join(" or ")} after ${EFFECT_MS / 1_000} s.`));
      }, EFFECT_MS);
      this.#watchers.add(check);
    });
  }
}

/** A point for people: `after force-prepared`. */
export function inWords(point: string): string {
  return point.replace(":", " ").replace("#", " #");
}
