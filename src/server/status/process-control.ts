import { RingkvError } from "../../protocol/errors.js";
import type { SlaveId } from "../../protocol/ids.js";
import type { ProcessVerb } from "../../protocol/messages.js";
import type { Connection } from "../../transport/transport.js";

/**
 * Routes process control to the supervisor that keeps the slave, and waits for its answer. The master controls no process
 * itself: only the parent of a process knows for certain which process it is.
 */
export class ProcessControl {
  readonly #supervisors = new Map<Connection, ReadonlySet<SlaveId>>();
  readonly #pending = new Map<number, PendingCommand>();
  readonly #paused = new Set<SlaveId>();
  #nextId = 0;

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
  }

  /** A connection of the status port is gone; what its supervisor was asked stays without an answer. */
  remove(connection: Connection): void {
    if (!this.#supervisors.delete(connection)) return;
    for (const [id, command] of this.#pending) {
      if (command.supervisor !== connection) continue;
      this.#pending.delete(id);
      command.reject(new RingkvError("UNAVAILABLE", "The supervisor left before it answered; look at `slaves`."));
    }
  }

  /**
   * Has the supervisor do it; resolves with its message.
   * @throws RingkvError NOT_SUPERVISED, or the supervisor's own refusal
   */
  run(verb: ProcessVerb, slaveId: SlaveId): Promise<string> {
    for (const [supervisor, slaves] of this.#supervisors) {
      if (!slaves.has(slaveId)) continue;
      const id = this.#nextId++;
      supervisor.send({ type: verb, id, slaveId });
      return new Promise((resolve, reject) => {
        const done = (message: string) => {
          if (verb === "pause") this.#paused.add(slaveId);
          else this.#paused.delete(slaveId);
          resolve(message);
        };
        this.#pending.set(id, { supervisor, resolve: done, reject });
      });
    }
    return Promise.reject(
      new RingkvError("NOT_SUPERVISED", `No supervisor keeps slave ${slaveId}: it was not started by \`ringkv up\`.`),
    );
  }

  /** A supervisor's answer. */
  answered(supervisor: Connection, id: number, result: string | RingkvError): void {
    const command = this.#pending.get(id);
    if (command?.supervisor !== supervisor) return;
    this.#pending.delete(id);
    if (typeof result === "string") command.resolve(result);
    else command.reject(result);
  }
}

interface PendingCommand {
  readonly supervisor: Connection;
  readonly resolve: (message: string) => void;
  readonly reject: (error: RingkvError) => void;
}
