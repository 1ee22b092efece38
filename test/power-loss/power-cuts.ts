import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Epoch, type SlaveId, nextEpoch } from "../../src/protocol/ids.js";
import type { Address } from "../../src/transport/transport.js";
import type { Random } from "../random.js";
import { AdmittedSlave } from "./admitted-slave.js";
import { startComposedSlave } from "./composed-slave.js";
import { Ledger } from "./ledger.js";
import { LoopDisk, makeImageDirectory, pidFileIn } from "./loop-disk.js";
import { Registrations } from "./registrations.js";
import type { SlaveProcess } from "./slave-process.js";
import { WriteLoad } from "./write-load.js";

export const SLAVE_ID = "9223372036854775808" as SlaveId;
/** Small, so that segments end and checkpoints begin between two cuts. */
export const SEGMENT_BYTES = 131_072;
/** A process takes longer to start than a cut to check, so that one process sees several. */
const CUTS_PER_LIFE = 10;
const VOTES_AND_ACKS_MAX = 500;

export interface PowerCutOptions {
  readonly cuts: number;
  readonly random: Random;
  /** Starts a slave with this data directory, which registers with this master. */
  readonly startSlave: (data: string, master: Address) => SlaveProcess;
}

export interface PowerCutResult {
  readonly cuts: number;
  /** Slave processes that have gone on from what a cut had left. */
  readonly lives: number;
  /** Writes that the slave had acknowledged in its life until the cut, and values checked: sums over all cuts. */
  readonly acknowledged: number;
  readonly values: number;
  /** What was wrong, each with the number of the cut. */
  readonly faults: readonly string[];
}

/**
 * A slave under load on a disk whose power is cut again and again. Each cut is checked: a slave recovers from what the disk
 * holds, and must report and hold all that the one before had promised. Most are checked beside the frozen process, which
 * then goes on; at the last one of a life the process is killed, and a new one goes on from what the cut has left.
 */
export class PowerCuts {
  readonly #options: PowerCutOptions;
  readonly #directory: string;
  readonly #registrations: Registrations;
  readonly #faults: string[] = [];
  #ledger = new Ledger();
  #epoch = "0" as Epoch;
  #storeId: string | undefined;
  #disk: LoopDisk;
  #copies = 0;
  #cuts = 0;
  #lives = 0;
  #acknowledged = 0;
  #values = 0;
  /** What must be given back, whatever happens. */
  #slave: SlaveProcess | undefined;
  #copy: LoopDisk | undefined;

  private constructor(options: PowerCutOptions, directory: string, registrations: Registrations, disk: LoopDisk) {
    this.#options = options;
    this.#directory = directory;
    this.#registrations = registrations;
    this.#disk = disk;
  }

  static async run(options: PowerCutOptions): Promise<PowerCutResult> {
    const directory = makeImageDirectory();
    try {
      const disk = await LoopDisk.format(join(directory, "0.img"));
      const registrations = await Registrations.open();
      const rig = new PowerCuts(options, directory, registrations, disk);
      try {
        return await rig.#run();
      } finally {
        await rig.#clean();
      }
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  }

  async #run(): Promise<PowerCutResult> {
    await this.#disk.mount(this.#mountPoint("live"));
    mkdirSync(this.#dataOn("live"), { mode: 0o700 });
    while (this.#cuts < this.#options.cuts) await this.#live();
    await this.#disk.discard();
    const [lives, acknowledged] = [this.#lives, this.#acknowledged];
    return { cuts: this.#cuts, lives, acknowledged, values: this.#values, faults: this.#faults };
  }

  /** One process, from its start to its last power cut. */
  async #live(): Promise<void> {
    this.#epoch = nextEpoch(this.#epoch);
    const admitted = await this.#admit(() => {
      this.#slave = this.#options.startSlave(this.#dataOn("live"), this.#registrations.address);
      writeFileSync(pidFileIn(this.#directory), this.#slave.pid.toString());
      return this.#slave.ready;
    });
    this.#lives += 1;
    // The disk comes from a power cut, except at the first start.
    await this.#check(admitted, this.#ledger);
    this.#ledger.settle(admitted.report);
    for (const { opId } of admitted.report) admitted.send({ type: "forget", opId });

    const load = new WriteLoad(admitted, this.#ledger, this.#options.random);
    for (let left = CUTS_PER_LIFE; left > 0; left--) {
      // The first cut of a life comes at once: what a start has done is on disk when it registers.
      if (left < CUTS_PER_LIFE) await load.run(1 + this.#options.random.below(VOTES_AND_ACKS_MAX));
      load.pause();
      await this.#slave?.freeze();
      const copy = await this.#disk.cutPower(join(this.#directory, `${(this.#copies += 1)}.img`));
      this.#cuts += 1;
      if (left === 1) await this.#end(admitted, copy);
      else await this.#checkBeside(copy);
      this.#acknowledged += this.#countAcknowledged();
    }
    this.#note(load.faults);
  }

  /** Recovers from the copy while the process stands still, and lets it go on. */
  async #checkBeside(copy: LoopDisk): Promise<void> {
    this.#copy = copy;
    const ledger = this.#ledger.snapshot();
    let slave: { stop(): Promise<void> } | undefined;
    await copy.mount(this.#mountPoint("copy"));
    try {
      const admitted = await this.#admit(async () => {
        slave = await startComposedSlave({
          id: SLAVE_ID,
          data: this.#dataOn("copy"),
          master: this.#registrations.address,
          segmentBytes: SEGMENT_BYTES,
          onFatal: (error) => this.#note([`the recovered slave fails: ${String(error)}`]),
        });
      }, nextEpoch(this.#epoch));
      await this.#check(admitted, ledger);
      admitted.leave();
    } catch (error) {
      this.#note([`no recovery: ${String(error)}`]);
    } finally {
      await slave?.stop();
      await copy.discard();
    }
    this.#slave?.thaw();
  }

  /** The power is off: the process is gone, and the next one finds what has reached the disk. */
  async #end(admitted: AdmittedSlave, copy: LoopDisk): Promise<void> {
    await this.#slave?.kill();
    await admitted.lost.catch(() => undefined);
    await this.#disk.discard();
    this.#disk = copy;
    await copy.mount(this.#mountPoint("live"));
  }

  /** @param start brings a slave up; its promise tells of a failure, and for a process does not end before that */
  async #admit(start: () => Promise<unknown>, epoch: Epoch = this.#epoch): Promise<AdmittedSlave> {
    const registered = this.#registrations.next();
    const failed = start().then(() => registered);
    failed.catch(() => undefined);
    return AdmittedSlave.admit(await Promise.race([registered, failed]), epoch);
  }

  async #check(admitted: AdmittedSlave, ledger: Ledger): Promise<void> {
    const { storeId } = admitted.registration;
    this.#storeId ??= storeId;
    if (storeId !== this.#storeId) this.#note([`the store has become another: ${storeId}`]);
    this.#note(ledger.faultsOfReport(admitted.report));
    await admitted.resolve((opId) => ledger.decisionOf(opId));
    this.#note(ledger.faultsOfValues(await admitted.readAll(ledger.values.keys())));
    this.#values += ledger.values.size;
  }

  #countAcknowledged(): number {
    let count = 0;
    for (const { state } of this.#ledger.ops.values()) if (state === "committed") count += 1;
    return count;
  }

  #note(faults: readonly string[]): void {
    this.#faults.push(...faults.map((fault) => `cut ${this.#cuts}: ${fault}`));
  }

  #mountPoint(name: "live" | "copy"): string {
    return join(this.#directory, name);
  }

  #dataOn(name: "live" | "copy"): string {
    return join(this.#mountPoint(name), "data");
  }

  async #clean(): Promise<void> {
    await this.#slave?.kill();
    await this.#registrations.close();
    await this.#copy?.discard();
    await this.#disk.discard();
  }
}
