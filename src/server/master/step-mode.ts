import { RingkvError } from "../../protocol/errors.js";
import type { OpId, SlaveId } from "../../protocol/ids.js";
import type { FromSlave, HeldStep, StepMode as Mode, StepState, ToSlave } from "../../protocol/messages.js";
import { quotedKey } from "../quoted-key.js";
import type { Lane, LaneItem } from "./lane.js";
import type { PhaseOf } from "./phase.js";

/** Held steps told in a snapshot or an event, the oldest. */
const HELD_TOLD_MAX = 64;

/** What step mode is told and asked. */
export interface StepModeParts {
  /** An op that is not settled, for people. */
  readonly find: (replica: SlaveId, opId: OpId) => { readonly kind: string; readonly key: string } | undefined;
  readonly nameOf: (slave: SlaveId) => string;
  /** Something is held, or is not any more; called at the end of a turn. */
  readonly onChange: (state: StepState) => void;
}

type Message = ToSlave | FromSlave;

/** A message that waits for its `next`. */
export interface HeldMessage extends PhaseOf {
  readonly slave: SlaveId;
  readonly lane: Pick<Lane<never>, "pump">;
  readonly item: LaneItem<Message>;
}

/**
 * Step mode: while it is on, the links hold every phase of every op, and a person lets them go one by one. A step is all that
 * is held of one op's phase: both PREPAREs, the votes that have come.
 */
export class StepMode {
  readonly #parts: StepModeParts;
  /** In the order in which they came. */
  #held: HeldMessage[] = [];
  #isOn = false;
  #isTelling = false;
  /** Told at every switch. */
  onSwitch: () => void = () => undefined;

  constructor(parts: StepModeParts) {
    this.#parts = parts;
  }

  get isOn(): boolean {
    return this.#isOn;
  }

  get state(): StepState {
    return { on: this.#isOn, held: this.#steps().slice(0, HELD_TOLD_MAX).map(toldStep) };
  }

  /** Keeps a message that stands in its lane as held. */
  hold(message: HeldMessage): void {
    this.#held.push(message);
    this.#tell();
  }

  /** A lane's messages are lost, and with them those held in it. */
  lost(lane: HeldMessage["lane"]): void {
    const left = this.#held.filter((message) => message.lane !== lane);
    if (left.length === this.#held.length) return;
    this.#held = left;
    this.#tell();
  }

  /**
   * Switches it, or lets the oldest step go; returns what to tell.
   * @throws RingkvError BAD_REQUEST when nothing is held
   */
  run(mode: Mode): string {
    switch (mode) {
      case "on":
        return this.#switchOn();
      case "off":
        return this.#switchOff();
      case "next":
        return this.#next();
    }
  }

  #switchOn(): string {
    if (this.#isOn) return `step mode is on already; ${this.#heldInWords()}`;
    this.#isOn = true;
    this.onSwitch();
    this.#tell();
    return "step mode is on: every phase of two-phase commit waits for `step next`, and nothing times out";
  }

  #switchOff(): string {
    if (!this.#isOn) return "step mode is off already";
    this.#isOn = false;
    const went = this.#steps();
    const told = went.map((step) => this.#inWords(step));
    const held = this.#held;
    this.#held = [];
    this.#letGo(held);
    this.onSwitch();
    this.#tell();
    return told.length === 0 ? "step mode is off" : `step mode is off; ${told.join(", ")} let go`;
  }

  #next(): string {
    const [step] = this.#steps();
    if (step === undefined) {
      throw new RingkvError("BAD_REQUEST", this.#isOn ? "Nothing is held." : "Nothing is held: step mode is off.");
    }
    const passing = step.filter((message) => !this.#isBlocked(message, step));
    const told = this.#inWords(passing);
    this.#held = this.#held.filter((message) => !passing.includes(message));
    this.#letGo(passing);
    this.#tell();
    return `${told} let go; ${this.#heldInWords()}`;
  }

  /** Something of another step is held in front of it; never true of the oldest message of all. */
  #isBlocked(message: HeldMessage, step: readonly HeldMessage[]): boolean {
    const before = this.#held.slice(0, this.#held.indexOf(message));
    return before.some((other) => other.lane === message.lane && !step.includes(other));
  }

  #letGo(messages: readonly HeldMessage[]): void {
    for (const { item } of messages) item.isHeld = false;
    for (const { lane } of messages) lane.pump();
  }

  /** What is held, by op and phase; the oldest first. */
  #steps(): readonly (readonly HeldMessage[])[] {
    const steps = new Map<string, HeldMessage[]>();
    for (const message of this.#held) {
      const name = `${message.opId} ${message.phase}`;
      const step = steps.get(name);
      if (step === undefined) steps.set(name, [message]);
      else step.push(message);
    }
    return [...steps.values()];
  }

  #heldInWords(): string {
    const steps = this.#steps();
    const [first] = steps;
    return first === undefined ? "0 held" : `${steps.length} held, next ${this.#inWords(first)}`;
  }

  /** `PREPARE 3.17 put "city" → s2, s3`, `votes of 3.17 put "city" ← s2 yes, s3 no`. */
  #inWords(step: readonly HeldMessage[]): string {
    const [first] = step;
    if (first === undefined) return "nothing";
    const { opId, phase, item, slave } = first;
    const op = this.#parts.find(slave, opId);
    const what = op === undefined ? opId : `${opId} ${op.kind} ${quotedKey(op.key)}`;
    const slaves = step.map(({ slave: from, item: { message } }) => {
      const name = this.#parts.nameOf(from);
      return phase === "vote" ? `${name} ${message.type === "ready" ? "yes" : "no"}` : name;
    });
    const arrow = phase === "prepare" || phase === "decision" ? "→" : "←";
    const verb = { prepare: "PREPARE", vote: "vote on", ack: "ack of", decision: item.message.type.toUpperCase() }[
      phase
    ];
    return `${verb} ${what} ${arrow} ${slaves.join(", ")}`;
  }

  /** Once a turn: what is sent to two slaves at once is one change. */
  #tell(): void {
    if (this.#isTelling) return;
    this.#isTelling = true;
    queueMicrotask(() => {
      this.#isTelling = false;
      this.#parts.onChange(this.state);
    });
  }
}

function toldStep(step: readonly HeldMessage[]): HeldStep {
  const [{ opId, phase }] = step as readonly [HeldMessage];
  return { opId, phase, slaves: step.map(({ slave }) => slave) };
}
