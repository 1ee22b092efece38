import { RingkvError } from "../../protocol/errors.js";
import type { SlaveId } from "../../protocol/ids.js";
import type { ProcessVerb } from "../../protocol/messages.js";
import type { Address, Transport } from "../../transport/transport.js";
import type { MasterReady, Ready } from "./announcement.js";
import { Backoff } from "./backoff.js";
import { Daemon } from "./daemon.js";
import { type KeptProcess, type Launcher, describeExit } from "./kept-process.js";
import { SuperviseLink } from "./supervise-link.js";

/** Waiting times before a dead daemon is started again, in ms. */
const RESTART_FIRST_MS = 50;
const RESTART_MAX_MS = 5_000;

/** A daemon that lived this long, in ms, did not die of its start: it is started again without delay. */
const SETTLED_MS = 1_000;

export interface SupervisorOptions {
  /** The ring's members in ring order. */
  readonly slaves: readonly SlaveId[];
  /** Starts the processes; closed when all have ended for good. */
  readonly launcher: Launcher;
  /** The way to the master's status port. */
  readonly transport: Transport;
  /** Start a slave again when its process dies. */
  readonly restart: boolean;
  /** Tells people what happens to the processes. */
  readonly onNotice: (text: string) => void;
  readonly stopTimeoutMs?: number;
  readonly startTimeoutMs?: number;
}

/**
 * Keeps a cluster's processes: one master and its slaves, each a process of its own. It signals only processes that it
 * started and that have not ended.
 *
 * A dead master is started again on its old ports; a dead slave stays dead until someone starts it, or with `restart`.
 */
export class Supervisor {
  readonly #options: SupervisorOptions;
  readonly #master: Daemon;
  readonly #slaves: ReadonlyMap<SlaveId, Daemon>;
  readonly #timers = new Set<NodeJS.Timeout>();
  /** The first master's announcement: the ports that every later one takes. */
  #firstMaster: MasterReady | undefined;
  /** Where the next master dies. */
  #masterPoint: string | undefined;
  #link: SuperviseLink | undefined;
  #stopping: Promise<void> | undefined;

  constructor(options: SupervisorOptions) {
    this.#options = options;
    const { launcher, restart } = options;
    this.#master = this.#daemon("master", (point) => launcher.master(this.#firstMaster, point), true);
    this.#slaves = new Map(
      options.slaves.map((id, index) => {
        const name = `s${(index + 1).toString()}`;
        const launch = (point: string | undefined) =>
          launcher.slave(id, name, reachable(this.master.registration), point);
        return [id, this.#daemon(name, launch, restart)];
      }),
    );
  }

  /** The master's announcement, with the addresses that stay the same for the cluster's life. */
  get master(): MasterReady {
    if (this.#firstMaster === undefined) throw new RingkvError("UNAVAILABLE", "the master is not up yet");
    return this.#firstMaster;
  }

  /** The slaves in ring order, with process and port of those that are up. */
  get slaves(): readonly { name: string; id: SlaveId; state: string; pid?: number; port?: number }[] {
    return [...this.#slaves].map(([id, daemon]) => {
      const ready = daemon.ready?.role === "slave" ? { pid: daemon.ready.pid, port: daemon.ready.port } : {};
      return { name: daemon.name, id, state: daemon.state, ...ready };
    });
  }

  /**
   * Starts the master, then all slaves at once; resolves when all have said that they are ready.
   * @throws RingkvError when one cannot be started; call `stop` then, too
   */
  async start(): Promise<void> {
    const ready = await this.#master.start();
    if (ready === "died" || ready.role !== "master")
      throw new RingkvError("INTERNAL", "the master announced itself as a slave");
    this.#firstMaster = ready;
    this.#link = new SuperviseLink({
      transport: this.#options.transport,
      address: () => (this.#master.ready === undefined ? undefined : reachable(ready.status)),
      slaves: this.#options.slaves,
      control: (verb, slave, point) => this.control(verb, slave, point),
      armMaster: (point) => this.armMaster(point),
      onTrouble: (message) => this.#options.onNotice(`trouble with the master: ${message}`),
    });
    await Promise.all([...this.#slaves.values()].map((slave) => slave.start()));
  }

  /**
   * Controls the process of a slave; resolves, once that has happened, with what to tell.
   * @param point with `start` and `restart`: where the new process dies; that it does so before it is ready is no failure
   * @throws RingkvError BAD_REQUEST when it does not fit the slave's state
   */
  async control(verb: ProcessVerb, id: SlaveId, point?: string): Promise<string> {
    const slave = this.#slaves.get(id);
    if (slave === undefined) throw new RingkvError("NOT_SUPERVISED", `This supervisor does not keep a slave ${id}.`);
    if (this.#stopping !== undefined) throw new RingkvError("SHUTTING_DOWN");
    switch (verb) {
      case "kill":
        await slave.kill();
        return `${slave.name} killed`;
      case "start":
        return toldOf(slave, await slave.start(point), point);
      case "restart":
        return toldOf(slave, await slave.restart(point), point);
      case "pause":
        slave.pause();
        return `${slave.name} paused`;
      case "resume":
        slave.resume();
        return `${slave.name} resumed`;
    }
  }

  /**
   * Kills the master's process as a crash would; it is started again, as after any end.
   * @throws RingkvError BAD_REQUEST when it is down
   */
  async killMaster(): Promise<void> {
    if (this.#stopping !== undefined) throw new RingkvError("SHUTTING_DOWN");
    await this.#master.kill();
  }

  /** Has the next master's process die at this point; those after it do not. @returns what to tell */
  armMaster(point: string): string {
    this.#masterPoint = point;
    return `the next master dies at ${point}`;
  }

  /** Has every process read its certificates anew. */
  renew(): void {
    for (const daemon of [this.#master, ...this.#slaves.values()]) daemon.renew();
  }

  /** Stops all processes: SIGTERM to each, SIGKILL to what is left after 3 s. Resolves when all have ended. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stopAll();
    return this.#stopping;
  }

  async #stopAll(): Promise<void> {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#link?.close();
    await Promise.all([...this.#slaves.values(), this.#master].map((daemon) => daemon.close()));
    await this.#options.launcher.close();
  }

  #daemon(name: string, launch: (point: string | undefined) => KeptProcess, revive: boolean): Daemon {
    const backoff = new Backoff(RESTART_FIRST_MS, RESTART_MAX_MS);
    let startedAt = performance.now();
    const daemon: Daemon = new Daemon({
      name,
      launch,
      ...(this.#options.stopTimeoutMs !== undefined && { stopTimeoutMs: this.#options.stopTimeoutMs }),
      ...(this.#options.startTimeoutMs !== undefined && { startTimeoutMs: this.#options.startTimeoutMs }),
      onExit: (exit, asked) => {
        if (this.#stopping !== undefined) return;
        if (!asked) this.#options.onNotice(`${name} died (${describeExit(exit)})`);
        if (performance.now() - startedAt > SETTLED_MS) backoff.reset();
        if (revive && this.#firstMaster !== undefined) later();
      },
    });
    const later = () => {
      const timer = setTimeout(() => {
        this.#timers.delete(timer);
        startedAt = performance.now();
        void this.#revive(daemon);
      }, backoff.next());
      this.#timers.add(timer);
    };
    return daemon;
  }

  async #revive(daemon: Daemon): Promise<void> {
    // Someone may have started it by hand, or all is about to stop.
    if (this.#stopping !== undefined || daemon.state !== "down") return;
    try {
      const point = daemon === this.#master ? this.#masterPoint : undefined;
      if (point !== undefined) this.#masterPoint = undefined;
      const ready = await daemon.start(point);
      this.#options.onNotice(ready === "died" ? toldOf(daemon, ready, point) : `${daemon.name} was started again`);
    } catch (error) {
      if (this.#isStopping()) return;
      this.#options.onNotice(error instanceof Error ? error.message : `${daemon.name} could not be started`);
    }
  }

  #isStopping(): boolean {
    return this.#stopping !== undefined;
  }
}

/** How a start went, for people. */
function toldOf({ name }: Daemon, ready: Ready | "died", point: string | undefined): string {
  return ready === "died" ? `${name} died at ${point ?? "its start"}` : `${name} is up`;
}

/** Where a listener is reached from this machine: one bound to every address is reached on the loopback one. */
export function reachable({ host, port }: Address): Address {
  if (host === "0.0.0.0") return { host: "127.0.0.1", port };
  return host === "::" ? { host: "::1", port } : { host, port };
}
