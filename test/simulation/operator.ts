import type { Client } from "./client.js";
import { Disk } from "./disk.js";
import type { MasterMachine } from "./master-machine.js";
import type { Fault, FaultOf, Target } from "./plan.js";
import type { Surroundings } from "./machine.js";
import type { SlaveDisk, SlaveMachine } from "./slave-machine.js";

type Machine = MasterMachine | SlaveMachine;

/** How often someone looks whether a process is down that should not be. */
const LOOK_EVERY_MS = 70;
/** How long a process that is started anew on purpose is down. */
const RESTART_MS = 50;
/** So many of the connections to the first master break when its address leads to another one. */
const REROUTED_CUT_PART = 0.6;

/** Whoever runs the cluster, and fate: makes the plan's faults happen, and starts again what has died once its time is up. */
export class Operator {
  readonly #around: Surroundings;
  readonly #m1: MasterMachine;
  readonly #m2: MasterMachine;
  readonly #slaves: readonly SlaveMachine[];
  readonly #clients: readonly Client[];
  /** Before that time a process that is down is not started. */
  readonly #downUntilMs = new Map<Machine, number>();
  /** What ends each fault that lasts. */
  readonly #endings = new Set<() => void>();
  /**
   * Slaves that run on a disk that is not theirs, and whether only the master's present life can know it: then it goes on
   * until they have their own again (docs/durability.md tells what cannot be noticed).
   */
  readonly #astray = new Map<SlaveMachine, { readonly needsMaster: boolean }>();
  readonly #diskCopies = new Map<Fault, { readonly disk: SlaveDisk; readonly epoch: string }>();
  readonly #masterCopies = new Map<Fault, Disk>();

  constructor(
    around: Surroundings,
    machines: { readonly m1: MasterMachine; readonly m2: MasterMachine; readonly slaves: readonly SlaveMachine[] },
    clients: readonly Client[],
  ) {
    this.#around = around;
    this.#m1 = machines.m1;
    this.#m2 = machines.m2;
    this.#slaves = machines.slaves;
    this.#clients = clients;
  }

  /** The master that the cluster is to have in the end. */
  get survivor(): MasterMachine {
    return this.#downUntilMs.get(this.#m1) === Infinity ? this.#m2 : this.#m1;
  }

  /** Starts everything, and from then on keeps it started; the plan's faults happen at their times. */
  begin(): void {
    const { world, plan, observer } = this.#around;
    this.#downUntilMs.set(this.#m2, Infinity);
    this.#keepStarted();
    for (const fault of plan.faults) {
      if ("copiedAtMs" in fault) world.after(fault.copiedAtMs, undefined, () => this.#copy(fault));
      world.after(fault.atMs, undefined, () => {
        observer.note(`FAULT ${JSON.stringify(fault)}`);
        observer.sometimes(`fault: ${fault.kind}`);
        this.#happen(fault);
      });
    }
  }

  /** Ends every fault that lasts, now. */
  endFaults(): void {
    for (const end of [...this.#endings]) end();
    for (const machine of [this.#m1, this.#m2, ...this.#slaves]) {
      filesOf(machine).heal();
      if (this.#downUntilMs.get(machine) !== Infinity) this.#downUntilMs.set(machine, 0);
    }
  }

  #keepStarted(): void {
    const { world } = this.#around;
    for (const machine of [this.#m1, this.#m2, ...this.#slaves]) {
      if (machine.life === undefined && world.nowMs >= (this.#downUntilMs.get(machine) ?? 0)) machine.start();
    }
    world.after(LOOK_EVERY_MS, undefined, () => this.#keepStarted());
  }

  #happen(fault: Fault): void {
    const { world, network } = this.#around;
    switch (fault.kind) {
      case "crash":
        this.#crash(fault);
        return;
      case "crash amid": {
        const { how, tear, operations, downMs } = fault;
        const slave = this.#slave(fault.slave);
        slave.endAmid(operations, how === "power" ? { how, tear } : { how });
        this.#keepDown(slave, downMs);
        return;
      }
      case "freeze":
        this.#freeze(fault);
        return;
      case "cut":
        network.cut(this.survivor.host, this.#slave(fault.slave).host, fault.part);
        return;
      case "client cut":
        for (const { host } of [this.#m1, this.#m2]) network.cut(host, this.#clients[fault.client]?.host ?? "", 1);
        return;
      case "partition":
        this.#partition(fault);
        return;
      case "slow disk": {
        const files = filesOf(this.#machine(fault.target));
        files.slowness = fault.factor;
        this.#endAfter(fault.forMs, () => {
          files.slowness = 1;
        });
        return;
      }
      case "full disk": {
        const { files } = this.#slave(fault.slave).disk;
        files.isFull = true;
        this.#endAfter(fault.forMs, () => {
          files.isFull = false;
        });
        return;
      }
      case "failing force":
        this.#slave(fault.slave).disk.files.failingForces = fault.forces;
        return;
      case "lost disk": {
        const slave = this.#slave(fault.slave);
        if (this.#mayLoseDisks && slave.daemon !== undefined)
          this.#swapDisk(slave, slave.blankDisk(), { needsMaster: false, forMs: fault.forMs });
        return;
      }
      case "old disk":
        this.#restoreOldDisk(fault);
        return;
      case "second master":
        // In turns of their own, so that the copy that it starts on is there even when it is made now.
        world.after(0, undefined, () => this.#startSecondMaster(fault));
    }
  }

  #crash({ targets, how, tear, downMs }: FaultOf<"crash">): void {
    for (const target of targets) {
      const machine = this.#machine(target);
      if (machine === this.#m1 && [...this.#astray.values()].some(({ needsMaster }) => needsMaster)) continue;
      this.#keepDown(machine, downMs);
      machine.end(how === "power" ? { how, tear } : { how });
    }
  }

  #freeze({ target, forMs }: FaultOf<"freeze">): void {
    const { world, observer, plan } = this.#around;
    const { life } = this.#machine(target);
    if (life === undefined || life.isFrozen) return;
    world.freeze(life);
    this.#endAfter(forMs, () => {
      if (life.isOver) return;
      if (forMs > plan.heartbeatTimeoutMs) observer.sometimes("process thawed after its peers gave it up");
      world.thaw(life);
    });
  }

  #partition({ masters, slave, ways, forMs }: FaultOf<"partition">): void {
    const { network } = this.#around;
    const { host } = this.#slave(slave);
    for (const master of masters) {
      if (ways !== "to master") this.#endAfter(forMs, network.block(master, host));
      if (ways !== "to slave") this.#endAfter(forMs, network.block(host, master));
    }
  }

  #copy(fault: FaultOf<"old disk" | "second master">): void {
    if (fault.kind === "second master") this.#masterCopies.set(fault, this.#m1.disk.snapshot());
    else this.#diskCopies.set(fault, { disk: this.#slave(fault.slave).snapshot(), epoch: this.#m1.epoch });
  }

  /**
   * The copy is taken for the slave's own disk as long as nobody knows better, so it must be older than what the master knows,
   * who must have linked the slave in its present life. That is known to its next lives as well if the copy is of an older
   * epoch.
   */
  #restoreOldDisk(fault: FaultOf<"old disk">): void {
    const copy = this.#diskCopies.get(fault);
    const slave = this.#slave(fault.slave);
    if (copy === undefined || !this.#mayLoseDisks || this.#m1.daemon?.master.core.isLinked(slave.id) !== true) return;
    const needsMaster = copy.epoch === this.#m1.epoch;
    this.#swapDisk(slave, copy.disk, { needsMaster, forMs: fault.forMs });
  }

  /** One such disaster at a time, and none before the ring has its members for good. */
  get #mayLoseDisks(): boolean {
    const isRingComplete = this.#m1.daemon?.master.core.ring !== undefined;
    const isAlone = !this.#around.plan.faults.some(({ kind }) => kind === "second master");
    return isRingComplete && isAlone && this.#astray.size === 0;
  }

  #swapDisk(
    slave: SlaveMachine,
    disk: SlaveDisk,
    { needsMaster, forMs }: { readonly needsMaster: boolean; readonly forMs: number },
  ): void {
    const own = slave.disk;
    this.#astray.set(slave, { needsMaster });
    this.#replaceDisk(slave, disk);
    this.#endAfter(forMs, () => {
      this.#astray.delete(slave);
      // A copy that lacked nothing was taken in, and rightly: then it is the slave's disk from now on.
      if (disk.addresses.some((address) => this.#around.observer.wasLinked(address))) {
        this.#around.observer.sometimes("harmless copy of a disk taken in");
      } else this.#replaceDisk(slave, own);
    });
  }

  #replaceDisk(slave: SlaveMachine, disk: SlaveDisk): void {
    this.#keepDown(slave, RESTART_MS);
    slave.end({ how: "kill" });
    slave.disk = disk;
  }

  #startSecondMaster(fault: FaultOf<"second master">): void {
    const copy = this.#masterCopies.get(fault);
    if (copy === undefined) return;
    this.#m2.disk = copy;
    this.#downUntilMs.set(this.#m2, 0);
    this.#m2.start();
    this.#lead(fault, { slaves: fault.slaves, clients: fault.clients }, this.#m2);
    this.#endAfter(fault.forMs, () => {
      const [survivor, other] = fault.survivor === "m1" ? [this.#m1, this.#m2] : [this.#m2, this.#m1];
      this.#downUntilMs.set(other, Infinity);
      other.end({ how: "kill" });
      this.#lead(fault, { slaves: [...this.#slaves.keys()], clients: [...this.#clients.keys()] }, survivor);
      // The other one's address answers for it, even if its host lost power.
      this.#around.network.hostIsBack(other.host);
    });
  }

  /** Makes slaves and clients find a master. */
  #lead(
    { how }: FaultOf<"second master">,
    who: { readonly slaves: readonly number[]; readonly clients: readonly number[] },
    master: MasterMachine,
  ): void {
    const { network } = this.#around;
    for (const index of who.slaves) {
      const slave = this.#slave(index);
      if (how === "moved") this.#move(slave, master);
      else {
        network.reroute(slave.host, this.#m1.host, master.host);
        network.cut(this.#m1.host, slave.host, REROUTED_CUT_PART);
      }
    }
    for (const index of who.clients) {
      const client = this.#clients[index];
      if (client === undefined) continue;
      if (how === "moved") client.master = master.clientAddress;
      else network.reroute(client.host, this.#m1.host, master.host);
      client.disconnect();
    }
  }

  /** Starts a slave anew with another master. */
  #move(slave: SlaveMachine, master: MasterMachine): void {
    if (slave.master.host === master.host) return;
    slave.master = master.registrationAddress;
    this.#keepDown(slave, RESTART_MS);
    slave.end({ how: "kill" });
  }

  #keepDown(machine: Machine, forMs: number): void {
    const untilMs = Math.max(this.#downUntilMs.get(machine) ?? 0, this.#around.world.nowMs + forMs);
    this.#downUntilMs.set(machine, untilMs);
  }

  #endAfter(forMs: number, end: () => void): void {
    const once = () => {
      if (this.#endings.delete(once)) end();
    };
    this.#endings.add(once);
    this.#around.world.after(forMs, undefined, once);
  }

  #machine(target: Target): Machine {
    return target === "m1" ? this.#m1 : this.#slave(target);
  }

  #slave(index: number): SlaveMachine {
    const slave = this.#slaves[index];
    if (slave === undefined) throw new Error(`the plan names slave ${index} of ${this.#slaves.length}`);
    return slave;
  }
}

function filesOf(machine: Machine): Disk {
  return machine.disk instanceof Disk ? machine.disk : machine.disk.files;
}
