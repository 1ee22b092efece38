import type { OpId, SlaveId } from "../../../src/protocol/ids.js";
import type { FromSlave, StepState, ToSlave } from "../../../src/protocol/messages.js";
import { LinkFaults } from "../../../src/server/master/link-faults.js";
import type { LinkGate } from "../../../src/server/master/link-gate.js";
import { StepMode } from "../../../src/server/master/step-mode.js";

export const S1 = "1" as SlaveId;
export const S2 = "2" as SlaveId;

const KINDS_TO_SLAVE = ["putreq", "commit", "abort", "forget", "getreq"] as const;
const KINDS_FROM_SLAVE = ["ready", "abort", "ack", "resp"] as const;
export type KindToSlave = (typeof KINDS_TO_SLAVE)[number];
export type KindFromSlave = (typeof KINDS_FROM_SLAVE)[number];
export { KINDS_FROM_SLAVE, KINDS_TO_SLAVE };

/** A link's connection: numbered messages in both directions, and what has come through of them. */
export class FaultyLink {
  readonly slave: SlaveId;
  readonly gate: LinkGate;
  readonly arrived: number[] = [];
  readonly heard: number[] = [];
  sent = 0;
  said = 0;
  wasSilent = false;
  isCut = false;

  constructor(faults: LinkFaults, slave: SlaveId) {
    this.slave = slave;
    this.gate = faults.gateFor(slave, {
      write: (message, isLost) => {
        if (!isLost) this.arrived.push(numberOf(message));
      },
      hear: (message) => this.heard.push(numberOf(message)),
      cut: () => this.cut(),
    });
  }

  /** The master sends the next message. */
  send(kind: KindToSlave): void {
    this.gate.send(toSlave(kind, this.sent++));
  }

  /** The slave says the next one. */
  say(kind: KindFromSlave): void {
    this.gate.receive(fromSlave(kind, this.said++));
  }

  cut(): void {
    this.isCut = true;
    this.gate.close();
  }
}

/** The shipped faults and step mode around links that a test plays. */
export class FaultyLinks {
  readonly stepMode: StepMode;
  readonly faults: LinkFaults;
  readonly links = new Map<SlaveId, FaultyLink>();
  readonly log: string[] = [];
  readonly changed: SlaveId[] = [];
  readonly told: StepState[] = [];

  constructor() {
    const nameOf = (slave: SlaveId) => `s${slave}`;
    this.stepMode = new StepMode({
      find: () => ({ kind: "put", key: "city" }),
      nameOf,
      onChange: (state) => this.told.push(state),
    });
    this.faults = new LinkFaults({
      stepMode: this.stepMode,
      nameOf,
      log: (_, text) => this.log.push(text),
      cut: (slave) => this.links.get(slave)?.cut(),
      onChange: (slave) => this.changed.push(slave),
    });
  }

  open(slave: SlaveId): FaultyLink {
    const link = new FaultyLink(this.faults, slave);
    this.links.set(slave, link);
    return link;
  }
}

const VALUES = { key: "city", value: "x", replicas: [S1, S2] as [SlaveId, SlaveId] };

function toSlave(kind: KindToSlave, number: number): ToSlave {
  const opId = `1.${number}` as OpId;
  switch (kind) {
    case "putreq":
      return { type: kind, opId, ...VALUES };
    case "getreq":
      return { type: kind, id: number, key: "city" };
    default:
      return { type: kind, opId };
  }
}

function fromSlave(kind: KindFromSlave, number: number): FromSlave {
  const opId = `1.${number}` as OpId;
  switch (kind) {
    case "resp":
      return { type: kind, id: number };
    case "abort":
      return { type: kind, opId, code: "KEY_NOT_FOUND", message: "Key does not exist" };
    default:
      return { type: kind, opId };
  }
}

function numberOf(message: ToSlave | FromSlave): number {
  if ("opId" in message && message.opId !== undefined) return Number(message.opId.split(".")[1]);
  return "id" in message ? message.id : -1;
}
