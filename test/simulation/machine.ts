import type { RingkvError } from "../../src/protocol/errors.js";
import type { Random } from "../random.js";
import type { Tear } from "../inode.js";
import type { Network } from "./network.js";
import type { Observer } from "./observer.js";
import type { Plan } from "./plan.js";
import { Life, type World } from "./world.js";

/** What a machine stands in. */
export interface Surroundings {
  readonly world: World;
  readonly random: Random;
  readonly network: Network;
  readonly plan: Plan;
  readonly observer: Observer;
}

/** How a process ends: its host goes on, or loses power as well. */
export type End = { readonly how: "kill" } | { readonly how: "power"; readonly tear: Tear };

/** Where every daemon keeps its data. */
export const DATA = "/data";

/** A daemon that has to stop gets so long for it. */
const STOP_MS_MAX = 2_000;

/** A host with a shipped daemon on it. The process dies and comes back, the disk stays. */
export abstract class Machine<Daemon extends { stop(): Promise<void> }> {
  readonly host: string;
  protected readonly around: Surroundings;
  #life: Life | undefined;
  #daemon: Daemon | undefined;

  constructor(host: string, around: Surroundings) {
    this.host = host;
    this.around = around;
  }

  /** Its process, from the moment it is started to its end. */
  get life(): Life | undefined {
    return this.#life;
  }

  /** Undefined while it is down, or still starting. */
  get daemon(): Daemon | undefined {
    return this.#daemon;
  }

  start(): void {
    if (this.#life !== undefined) return;
    const life = new Life(this.host);
    this.#life = life;
    this.around.network.hostIsBack(this.host);
    this.around.world.after(1, life, () => {
      this.boot(life).then(
        (daemon) => {
          if (this.#life === life) this.#daemon = daemon;
        },
        (error: unknown) => {
          if (this.#life !== life) return;
          this.around.observer.stopped(this.host, error);
          this.end({ how: "kill" });
        },
      );
    });
  }

  /** The process ends at once. */
  end(by: End): void {
    const life = this.#life;
    if (life === undefined) return;
    life.isOver = true;
    this.#life = undefined;
    this.#daemon = undefined;
    this.around.network.ended(life, by.how === "power");
    if (by.how === "power") this.cutPower(by.tear);
    this.around.observer.ended(this.host);
  }

  /** Starts the daemon as this life of the process. */
  protected abstract boot(life: Life): Promise<Daemon>;

  /** The host has lost power. */
  protected abstract cutPower(tear: Tear): void;

  /** The process of this life has killed itself. */
  protected died(life: Life): void {
    if (this.#life === life) this.end({ how: "kill" });
  }

  /** The daemon has to stop: it does so in order, as far as it can, and then it is gone. */
  protected fatal(life: Life, error: RingkvError): void {
    if (this.#life !== life) return;
    this.around.observer.stopped(this.host, error);
    const exit = () => {
      if (this.#life === life) this.end({ how: "kill" });
    };
    this.around.world.after(STOP_MS_MAX, life, exit);
    void this.#daemon?.stop().then(exit, exit);
  }
}
