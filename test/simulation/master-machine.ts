import { EPOCH_NONE, type Epoch } from "../../src/protocol/ids.js";
import type { RingkvError } from "../../src/protocol/errors.js";
import type { Master } from "../../src/server/master/master.js";
import { RunningMaster } from "../../src/server/master/running-master.js";
import type { Address } from "../../src/transport/transport.js";
import { Disk } from "./disk.js";
import { DATA, type End, type Surroundings } from "./slave-machine.js";
import { Life } from "./world.js";

const CLIENT_PORT = 8080;
const REGISTRATION_PORT = 9090;
const STATUS_PORT = 8081;

/** A host with the shipped master on it. The process dies and comes back, the disk with its epoch and ring stays. */
export class MasterMachine {
  readonly host: string;
  disk: Disk;
  readonly #around: Surroundings;
  #life: Life | undefined;
  #running: RunningMaster | undefined;
  #epoch: Epoch = EPOCH_NONE;

  constructor(host: string, around: Surroundings) {
    this.host = host;
    this.#around = around;
    this.disk = new Disk(around.world, around.random, around.plan.disks);
    this.disk.onEvent = (event) => around.observer.diskEvent(event);
  }

  get life(): Life | undefined {
    return this.#life;
  }

  /** Undefined while it is down, or still starting. */
  get master(): Master | undefined {
    return this.#running?.master;
  }

  /** The newest epoch that it has taken. */
  get epoch(): Epoch {
    return this.#epoch;
  }

  get clientAddress(): Address {
    return { host: this.host, port: CLIENT_PORT };
  }

  get registrationAddress(): Address {
    return { host: this.host, port: REGISTRATION_PORT };
  }

  start(): void {
    if (this.#life !== undefined) return;
    const life = new Life(this.host);
    this.#life = life;
    this.#around.network.hostIsBack(this.host);
    this.#around.world.after(1, life, () => {
      void this.#boot(life).catch((error: unknown) => {
        if (life.isOver) return;
        this.#around.observer.stopped(this.host, error);
        this.end({ how: "kill" });
      });
    });
  }

  /** The process ends at once. */
  end(by: End): void {
    const life = this.#life;
    if (life === undefined) return;
    life.isOver = true;
    this.#life = undefined;
    this.#running = undefined;
    this.#around.network.ended(life, by.how === "power");
    if (by.how === "power") this.disk.cutPower(by.tear);
    this.#around.observer.ended(this.host);
  }

  async #boot(life: Life): Promise<void> {
    const { plan, network, observer } = this.#around;
    const running = await RunningMaster.start({
      slaves: plan.slaves,
      cacheSets: plan.masterCache.sets,
      cacheWays: plan.masterCache.ways,
      prepareTimeoutMs: plan.prepareTimeoutMs,
      readTimeoutMs: plan.readTimeoutMs,
      heartbeatIntervalMs: plan.heartbeatIntervalMs,
      heartbeatTimeoutMs: plan.heartbeatTimeoutMs,
      hash: "xxh64",
      serial: plan.serial,
      host: this.host,
      clientPort: CLIENT_PORT,
      registrationPort: REGISTRATION_PORT,
      statusPort: STATUS_PORT,
      data: DATA,
      files: this.disk.filesFor(life),
      transport: network.transportOf(this.host, life),
      log: (level, text) => observer.logged(this.host, level, text),
      version: "simulated",
      onFatal: (error) => this.#fatal(life, error),
    });
    if (this.#life !== life) return;
    this.#epoch = running.epoch;
    this.#running = running;
  }

  #fatal(life: Life, error: RingkvError): void {
    if (life.isOver) return;
    this.#around.observer.stopped(this.host, error);
    const exit = () => {
      if (this.#life === life) this.end({ how: "kill" });
    };
    this.#around.world.after(2_000, life, exit);
    void this.#running?.stop().then(exit, exit);
  }
}
