import type { SlaveId } from "../../protocol/ids.js";
import type { FromSlave, ToSlave } from "../../protocol/messages.js";
import { Lane } from "./lane.js";
import { type Phase, type PhaseOf, phaseFromSlave, phaseToSlave } from "./phase.js";
import type { StepMode } from "./step-mode.js";

/** The link around a gate. */
export interface GatedLink {
  /** Puts a message on the wire; `isLost` when it will not arrive. */
  write(message: ToSlave, isLost: boolean): void;
  /** Takes a message off the wire. */
  hear(message: FromSlave): void;
  /** Drops the connection, whatever its fault. */
  cut(reason: string): void;
}

/** What a gate does to its link. */
export interface GateFault {
  readonly delayMs: number;
  /** The wire falls silent with the next message of this phase. */
  readonly silentFrom: Phase | undefined;
  readonly isSilent: boolean;
}

export const NO_GATE_FAULT: GateFault = { delayMs: 0, silentFrom: undefined, isSilent: false };

/** Questions of people about a single slave: no step of an op, so nothing holds them and their answers back. */
const ASIDES: ReadonlySet<ToSlave["type"]> = new Set(["cachereq", "copiesreq", "failpoint"]);

/**
 * What stands between a master's link to a slave and the connection below it, and lets faults and step mode act. While there is
 * neither, a message costs one look here.
 *
 * Nothing is ever lost from the middle of a connection: once a message is, everything after it is, in both directions, until
 * the connection is cut.
 */
export class LinkGate {
  readonly slave: SlaveId;
  readonly #link: GatedLink;
  readonly #step: StepMode;
  readonly #onSilent: (first: PhaseOf) => void;
  readonly #out: Lane<ToSlave>;
  readonly #in: Lane<FromSlave>;
  readonly #asideIn: Lane<FromSlave>;
  /** IDs of questions that are still without an answer. */
  readonly #asides = new Set<number>();
  #fault = NO_GATE_FAULT;
  /** Every message goes straight through. */
  #isOpen: boolean;
  #isClosed = false;

  /** @param onSilent the wire falls silent: this is the first message that is lost */
  constructor(slave: SlaveId, link: GatedLink, step: StepMode, onSilent: (first: PhaseOf) => void) {
    this.slave = slave;
    this.#link = link;
    this.#step = step;
    this.#onSilent = onSilent;
    this.#isOpen = !step.isOn;
    this.#out = new Lane((message) => this.#write(message));
    this.#in = new Lane((message) => link.hear(message));
    this.#asideIn = new Lane((message) => link.hear(message));
  }

  get isSilent(): boolean {
    return this.#fault.isSilent;
  }

  /** A message to the slave. */
  send(message: ToSlave): void {
    if (this.#isOpen) this.#link.write(message, false);
    else this.#sendGuarded(message);
  }

  /** A message of the slave. */
  receive(message: FromSlave): void {
    if (this.#isOpen) this.#link.hear(message);
    else this.#receiveGuarded(message);
  }

  /** From now on this happens to the link; what a silence has swallowed does not come back with its end. */
  set fault(fault: GateFault) {
    this.#fault = fault;
    if (fault.isSilent) this.#loseAll();
    this.refresh();
    this.#in.delayMs = fault.delayMs;
    this.#asideIn.delayMs = fault.delayMs;
    this.refresh();
  }

  /** Step mode was switched, or a lane may have run empty. */
  refresh(): void {
    const { delayMs, silentFrom, isSilent } = this.#fault;
    this.#isOpen =
      !this.#isClosed &&
      delayMs === 0 &&
      silentFrom === undefined &&
      !isSilent &&
      !this.#step.isOn &&
      this.#out.isEmpty &&
      this.#in.isEmpty &&
      this.#asideIn.isEmpty;
  }

  /** Drops the connection. */
  cut(reason: string): void {
    this.#link.cut(reason);
  }

  /** The link is closed: what was under way is lost. */
  close(): void {
    this.#isClosed = true;
    this.#isOpen = false;
    this.#loseAll();
  }

  #sendGuarded(message: ToSlave): void {
    if (this.#isClosed) return;
    if (this.#fault.isSilent) this.#link.write(message, true);
    else if (ASIDES.has(message.type)) {
      if ("id" in message) this.#asides.add(message.id);
      this.#write(message);
    } else {
      this.#enter(this.#out, message, phaseToSlave(message));
      this.refresh();
    }
  }

  #receiveGuarded(message: FromSlave): void {
    if (this.#isClosed || this.#fault.isSilent) return;
    const phase = phaseFromSlave(message);
    if (this.#fallsSilent(phase)) return;
    if ("id" in message && this.#asides.delete(message.id)) this.#enter(this.#asideIn, message, undefined);
    else this.#enter(this.#in, message, phase);
    this.refresh();
  }

  #enter<Message extends ToSlave | FromSlave>(lane: Lane<Message>, message: Message, phase: PhaseOf | undefined): void {
    const isHeld = phase !== undefined && this.#step.isOn;
    const item = lane.push(message, isHeld);
    if (isHeld) this.#step.hold({ ...phase, slave: this.slave, lane, item });
    lane.pump();
  }

  /** A message has come through its lane to the wire. */
  #write(message: ToSlave): void {
    const isLost = this.#fault.isSilent || this.#fallsSilent(phaseToSlave(message));
    this.#link.write(message, isLost);
  }

  #fallsSilent(phase: PhaseOf | undefined): boolean {
    if (phase === undefined || phase.phase !== this.#fault.silentFrom) return false;
    this.#onSilent(phase);
    return true;
  }

  #loseAll(): void {
    for (const lane of [this.#out, this.#in, this.#asideIn]) {
      lane.clear();
      this.#step.lost(lane);
    }
    this.#asides.clear();
  }
}
