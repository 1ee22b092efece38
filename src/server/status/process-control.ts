import { RingkvError } from "../../protocol/errors.js";
import type { SlaveId } from "../../protocol/ids.js";
import type { ProcessVerb } from "../../protocol/messages.js";
import type { Connection } from "../../transport/transport.js";

/**
 * How long a supervisor may take, in ms. It kills, pauses and resumes at once, and an admin's client waits 10 s. To start a
 * process takes as long as its recovery does, for which the supervisor itself allows 30 s, and 3 s for the end of the one before.
 */
const AT_ONCE_MS = 8_000;
const START_MS = 45_000;

/**
 * Routes process control to the supervisor that keeps the slave, and waits for its answer. The master controls no process
 * itself: only the parent of a process knows for certain which process it is.
 */
export class ProcessControl {
  readonly #supervisors = new Map<Connection, ReadonlySet<SlaveId>>();
  readonly #pending = new Map<number, PendingCommand>();
  readonly #paused = new Set<SlaveId>();
  readonly #onSupervisor: OnSupervisor;
  #nextId = 0;

  /** @param onSupervisor told of who has become a supervisor, and of which slaves; default: nobody is */
  constructor(onSupervisor: OnSupervisor = () => undefined) {
    this.#onSupervisor = onSupervisor;
  }

  /** A supervisor is connected; it keeps the master, too. */
  get isSupervised(): boolean {
    return this.#supervisors.size > 0;
  }

  /** Slaves that a connected supervisor keeps. */
  get supervised(): ReadonlySet<SlaveId> {
    return new Set([...this.#supervisors.values()].flatMap((slaves) => [...slaves]));
  }

  /** Its process was stopped (SIGSTOP) through here and has not been woken, ended or heard of since. */
  isPaused(slave: SlaveId): boolean {
    return this.#paused.has(slave);
  }

  /** The slave registers: no process does that while it is stopped. */
  registered(slave: SlaveId): void {
    this.#paused.delete(slave);
  }

  supervise(supervisor: Connection, slaves: readonly SlaveId[]): void {
    this.#supervisors.set(supervisor, new Set(slaves));
    this.#onSupervisor(supervisor, slaves);
  }

  /** A connection of the status port is gone; what its supervisor was asked stays without an answer. */
  remove(connection: Connection): void {
    if (!this.#supervisors.delete(connection)) return;
    for (const [id, command] of this.#pending) {
      if (command.supervisor !== connection) continue;
      const message = "The supervisor left before it answered; look at `slaves`.";
      this.#settle(id, command, new RingkvError("UNAVAILABLE", message));
    }
  }

  /**
   * Has the supervisor do it; resolves with its message.
   * @param point with `start` and `restart`: where the new process dies
   * @throws RingkvError NOT_SUPERVISED; TIMEOUT when the supervisor does not answer; or its own refusal
   */
  async run(verb: ProcessVerb, slaveId: SlaveId, point?: string): Promise<string> {
    const [supervisor] = [...this.#supervisors].find(([, slaves]) => slaves.has(slaveId)) ?? [];
    if (supervisor === undefined) {
      throw new RingkvError(
        "NOT_SUPERVISED",
        `No supervisor keeps slave ${slaveId}: it was not started by \`ringkv up\`.`,
      );
    }
    const command = { type: verb, slaveId, ...(point !== undefined && { point }) };
    const message = await this.#command(supervisor, command, isStart(verb) ? START_MS : AT_ONCE_MS);
    if (verb === "pause") this.#paused.add(slaveId);
    else this.#paused.delete(slaveId);
    return message;
  }

  /**
   * Has the supervisor start its next master so that it dies at this point.
   * @throws RingkvError NOT_SUPERVISED; TIMEOUT when the supervisor does not answer; or its own refusal
   */
  async armNextMaster(point: string): Promise<string> {
    const [supervisor] = this.#supervisors.keys();
    if (supervisor === undefined) throw new RingkvError("NOT_SUPERVISED");
    return this.#command(supervisor, { type: "failpoint", point }, AT_ONCE_MS);
  }

  /** A supervisor's answer; one that comes too late, or to nothing, is no one's. */
  answered(supervisor: Connection, id: number, result: string | RingkvError): void {
    const command = this.#pending.get(id);
    if (command?.supervisor !== supervisor) return;
    this.#settle(id, command, result);
  }

  #command(supervisor: Connection, command: object, withinMs: number): Promise<string> {
    const id = this.#nextId++;
    supervisor.send({ ...command, id });
    return new Promise((resolve, reject) => {
      const late = () => {
        const message = `The supervisor has not answered in ${withinMs / 1_000} s; look at \`slaves\`.`;
        this.#settle(id, pending, new RingkvError("TIMEOUT", message));
      };
      const pending: PendingCommand = { supervisor, resolve, reject, timer: setTimeout(late, withinMs) };
      this.#pending.set(id, pending);
    });
  }

  #settle(id: number, { timer, resolve, reject }: PendingCommand, result: string | RingkvError): void {
    this.#pending.delete(id);
    clearTimeout(timer);
    if (typeof result === "string") resolve(result);
    else reject(result);
  }
}

export type OnSupervisor = (supervisor: Connection, slaves: readonly SlaveId[]) => void;

interface PendingCommand {
  readonly supervisor: Connection;
  readonly resolve: (message: string) => void;
  readonly reject: (error: RingkvError) => void;
  readonly timer: NodeJS.Timeout;
}

function isStart(verb: ProcessVerb): boolean {
  return verb === "start" || verb === "restart";
}
