import { type OpId, type SlaveId, opIdOf } from "../../src/protocol/ids.js";
import type { LinkMessage } from "../../src/server/master/slave-link.js";
import type { Random } from "../random.js";
import type { AdmittedSlave } from "./admitted-slave.js";
import type { Ledger, LedgerOp } from "./ledger.js";

const KEYS = 150;
const IN_FLIGHT = 24;
/** Decisions and forgets that are held back for a while, so that a power cut finds ops in every state. */
const HELD_MAX = 12;
const OTHER_REPLICA = "1" as SlaveId;

/**
 * Puts and dels without end, as a master with another, flawless replica would send them. What the slave promises goes into
 * the ledger.
 */
export class WriteLoad {
  /** What the slave did that it never may while it runs. */
  readonly faults: string[] = [];
  /** Votes and acks heard. */
  heard = 0;
  readonly #slave: AdmittedSlave;
  readonly #ledger: Ledger;
  readonly #random: Random;
  readonly #busy = new Set<string>();
  readonly #held: (() => void)[] = [];
  #seq = 0;
  #isPaused = true;
  #target = Infinity;
  #reached: () => void = () => undefined;

  constructor(slave: AdmittedSlave, ledger: Ledger, random: Random) {
    this.#slave = slave;
    this.#ledger = ledger;
    this.#random = random;
    slave.onMessage = (message) => this.#receive(message);
  }

  /** Goes on until this many more votes and acks were heard, and then without end; rejects when the link is lost. */
  async run(votesAndAcks: number): Promise<void> {
    const reached = new Promise<void>((resolve) => (this.#reached = resolve));
    this.#target = this.heard + votesAndAcks;
    this.#isPaused = false;
    this.#refill();
    await Promise.race([reached, this.#slave.lost]);
  }

  /** Sends nothing new; what is under way still comes in. */
  pause(): void {
    this.#isPaused = true;
  }

  #refill(): void {
    while (!this.#isPaused && this.#busy.size < IN_FLIGHT) this.#prepare();
  }

  #prepare(): void {
    const key = `key ${this.#random.below(KEYS)}`;
    if (this.#busy.has(key)) return;
    this.#busy.add(key);
    this.#seq += 1;
    const opId = opIdOf(this.#slave.epoch, this.#seq);
    const kind = this.#random.below(4) === 0 ? "del" : "put";
    const value = kind === "put" ? `${opId} `.repeat(this.#valueLength() / 8) : "";
    this.#ledger.ops.set(opId, { kind, key, value, state: "preparing", acked: false, forgotten: false });
    const replicas: [SlaveId, SlaveId] = [this.#slave.registration.slaveId, OTHER_REPLICA];
    if (kind === "put") this.#slave.send({ type: "putreq", opId, key, value, replicas });
    else this.#slave.send({ type: "delreq", opId, key, replicas });
  }

  /** Mostly small, some over several pages. */
  #valueLength(): number {
    return this.#random.below(this.#random.below(12) === 0 ? 20_000 : 600);
  }

  #receive(message: LinkMessage): void {
    if (message.type !== "ready" && message.type !== "abort" && message.type !== "ack") return;
    const op = this.#ledger.ops.get(message.opId);
    if (op === undefined) {
      this.faults.push(`${message.type} for ${message.opId}, which it was never sent`);
      return;
    }
    if (message.type === "ack") this.#acked(message.opId, op);
    else this.#voted(message.opId, op, message.type === "ready" ? undefined : message.code);
    this.heard += 1;
    if (this.heard >= this.#target) this.#reached();
    this.#releaseOne();
    this.#refill();
  }

  #voted(opId: OpId, op: LedgerOp, refusal: string | undefined): void {
    const exists = this.#ledger.values.has(op.key);
    if (refusal === undefined && op.kind === "del" && !exists) this.faults.push(`${opId} deletes what does not exist`);
    if (refusal === "KEY_NOT_FOUND" && exists) this.faults.push(`${op.key} is gone while the slave runs`);
    if (refusal !== undefined) {
      op.state = "refused";
      this.#busy.delete(op.key);
      return;
    }
    this.#soonOrLater(() => {
      const state = this.#random.below(8) === 0 ? "aborted" : "committed";
      this.#ledger.decide(opId, op, state);
      this.#busy.delete(op.key);
      this.#slave.send({ type: state === "committed" ? "commit" : "abort", opId });
    });
  }

  #acked(opId: OpId, op: LedgerOp): void {
    op.acked = true;
    this.#soonOrLater(() => {
      op.forgotten = true;
      this.#slave.send({ type: "forget", opId });
    });
  }

  #soonOrLater(act: () => void): void {
    if (this.#random.below(3) === 0 && this.#held.length < HELD_MAX) this.#held.push(act);
    else act();
  }

  #releaseOne(): void {
    if (this.#held.length === 0 || this.#random.below(4) > 0) return;
    const [act] = this.#held.splice(this.#random.below(this.#held.length), 1);
    act?.();
  }
}
