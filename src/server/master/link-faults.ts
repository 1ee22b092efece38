import type { SlaveId } from "../../protocol/ids.js";
import type { LinkFault } from "../../protocol/messages.js";
import type { Log } from "../log.js";
import { type GateFault, type GatedLink, LinkGate, NO_GATE_FAULT } from "./link-gate.js";
import type { PhaseOf } from "./phase.js";
import type { StepMode } from "./step-mode.js";

/** A fault that is there. */
export type ActiveFault = Exclude<LinkFault, { kind: "none" }>;

/** A connection of the registration port, as far as faults act on it. */
interface Registration {
  destroy(): void;
}

export interface LinkFaultsParts {
  readonly stepMode: StepMode;
  readonly nameOf: (slave: SlaveId) => string;
  readonly log: Log;
  /** Drops a slave's link and registration, if it has any. */
  readonly cut: (slave: SlaveId, reason: string) => void;
  /** A slave has another fault than before. */
  readonly onChange: (slave: SlaveId) => void;
}

/**
 * What goes wrong between the master and its slaves because someone wants to see it: for each slave one fault at most, which
 * outlives connections until it is ended or another one takes its place.
 *
 * A silent wire is like a real one: what is lost is the rest of a connection. So no connection that was silent is ever heard
 * again. It stays open as long as the fault lasts, also when the master has given the slave up, and is cut with its end.
 */
export class LinkFaults {
  readonly #parts: LinkFaultsParts;
  readonly #active = new Map<SlaveId, { readonly fault: ActiveFault; isSilent: boolean }>();
  /** Of links that are open, or that a silence keeps. */
  readonly #gates = new Set<LinkGate>();
  /** Connections of the registration port that a silence keeps. */
  readonly #muted = new Map<Registration, SlaveId>();

  constructor(parts: LinkFaultsParts) {
    this.#parts = parts;
    parts.stepMode.onSwitch = () => {
      for (const gate of this.#gates) gate.refresh();
    };
  }

  /** What goes wrong with a slave's link; undefined for nothing. */
  of(slave: SlaveId): ActiveFault | undefined {
    return this.#active.get(slave)?.fault;
  }

  /** Nothing that comes from the slave is heard. */
  isSilent(slave: SlaveId): boolean {
    return this.#active.get(slave)?.isSilent === true;
  }

  /** From now on this happens to a slave's link, in place of what did. @returns what to tell */
  set(slave: SlaveId, fault: LinkFault): string {
    const { nameOf, cut, onChange } = this.#parts;
    const name = nameOf(slave);
    const before = this.#active.get(slave);
    if (fault.kind === "none") {
      if (before === undefined) return `${name} has no fault`;
      this.#active.delete(slave);
    } else this.#active.set(slave, { fault, isSilent: fault.kind === "drop" && fault.from === undefined });
    if (before?.isSilent === true) this.#endSilence(slave, `the fault of ${name} has ended`);
    this.#apply(slave);
    onChange(slave);
    if (fault.kind === "partition") cut(slave, "it is cut off by a fault");
    return messageOf(name, fault, before?.fault);
  }

  /** A link is opened: what stands between it and its connection. */
  gateFor(slave: SlaveId, link: GatedLink): LinkGate {
    const gate = new LinkGate(slave, link, this.#parts.stepMode, (first) => this.#fallSilent(slave, first));
    gate.fault = this.#gateFault(slave);
    this.#gates.add(gate);
    return gate;
  }

  /** The connection of a gate is gone. */
  remove(gate: LinkGate): void {
    this.#gates.delete(gate);
  }

  /**
   * A slave wants to register.
   * @returns whether it is heard; otherwise it stays without an answer, or its connection is cut
   */
  admits(slave: SlaveId, registration: Registration): boolean {
    const active = this.#active.get(slave);
    if (active?.fault.kind === "partition") registration.destroy();
    else if (active?.isSilent === true) this.#muted.set(registration, slave);
    else return true;
    return false;
  }

  /** The master gives a registration up: at once, or, on a silent wire, when the silence ends. */
  leave(slave: SlaveId, registration: Registration, leave: () => void): void {
    if (this.isSilent(slave)) this.#muted.set(registration, slave);
    else leave();
  }

  /** A connection of the registration port is gone. */
  forget(registration: Registration): void {
    this.#muted.delete(registration);
  }

  /** The master stops: nothing is kept any more. */
  close(): void {
    this.#active.clear();
    for (const registration of this.#muted.keys()) registration.destroy();
    for (const gate of this.#gates) gate.cut("the master stops");
  }

  #fallSilent(slave: SlaveId, { opId, phase }: PhaseOf): void {
    const active = this.#active.get(slave);
    if (active === undefined || active.isSilent) return;
    active.isSilent = true;
    this.#parts.log(
      "warn",
      `fault: the wire of ${this.#parts.nameOf(slave)} is silent from the ${phase} of ${opId} on`,
    );
    this.#apply(slave);
  }

  #endSilence(slave: SlaveId, reason: string): void {
    const silent = [...this.#gates].filter((gate) => gate.slave === slave && gate.isSilent);
    for (const gate of silent) gate.cut(reason);
    this.#parts.cut(slave, reason);
    for (const [registration, owner] of this.#muted) {
      if (owner !== slave) continue;
      this.#muted.delete(registration);
      registration.destroy();
    }
  }

  #apply(slave: SlaveId): void {
    const fault = this.#gateFault(slave);
    for (const gate of this.#gates) if (gate.slave === slave) gate.fault = fault;
  }

  #gateFault(slave: SlaveId): GateFault {
    const active = this.#active.get(slave);
    if (active === undefined) return NO_GATE_FAULT;
    const { fault, isSilent } = active;
    return {
      delayMs: fault.kind === "delay" ? fault.ms : 0,
      silentFrom: fault.kind === "drop" && !isSilent ? fault.from : undefined,
      isSilent,
    };
  }
}

function messageOf(name: string, fault: LinkFault, before: LinkFault | undefined): string {
  switch (fault.kind) {
    case "none":
      return `the ${before?.kind ?? "fault"} of ${name} has ended`;
    case "delay":
      return `the master hears ${name} ${fault.ms} ms later`;
    case "drop":
      return fault.from === undefined
        ? `nothing passes between the master and ${name} any more`
        : `nothing passes between the master and ${name} from its next ${fault.from} on`;
    case "partition":
      return `${name} is cut off from the master`;
  }
}
