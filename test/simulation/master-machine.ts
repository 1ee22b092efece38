import { EPOCH_NONE, type Epoch } from "../../src/protocol/ids.js";
import { MasterFailpoints } from "../../src/server/failpoints.js";
import { RunningMaster } from "../../src/server/master/running-master.js";
import type { Address } from "../../src/transport/transport.js";
import type { Tear } from "../inode.js";
import { Disk } from "./disk.js";
import { DATA, Machine, type Surroundings } from "./machine.js";
import type { Life } from "./world.js";

const CLIENT_PORT = 8080;
const REGISTRATION_PORT = 9090;
const STATUS_PORT = 8081;

/** A host with the shipped master on it; its disk keeps the epoch and the ring. */
export class MasterMachine extends Machine<RunningMaster> {
  disk: Disk;
  #epoch: Epoch = EPOCH_NONE;

  constructor(host: string, around: Surroundings) {
    super(host, around);
    this.disk = new Disk(around.world, around.random, around.plan.disks);
    this.disk.onEvent = (event) => around.observer.diskEvent(event);
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

  protected async boot(life: Life): Promise<RunningMaster> {
    const { plan, network, observer } = this.around;
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
      failpoints: new MasterFailpoints(() => this.died(life)),
      files: this.disk.filesFor(life),
      transport: network.transportOf(this.host, life),
      log: (level, text) => observer.logged(this.host, level, text),
      version: "simulated",
      onFatal: (error) => this.fatal(life, error),
    });
    this.#epoch = running.epoch;
    return running;
  }

  protected cutPower(tear: Tear): void {
    this.disk.cutPower(tear);
  }
}
