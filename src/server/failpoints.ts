import type { LogRecord } from "../core/log-record.js";
import { RingkvError } from "../protocol/errors.js";
import type { FromSlave, ToSlave } from "../protocol/messages.js";
import { findPoint } from "./failpoint-names.js";

/**
 * Named points at which a daemon can be made to die, so that tests see what a crash at each of them does: before and after
 * each append, force, send and apply of an update's way (docs/two-phase-commit.md, "Crash points").
 *
 * Arm one with RINGKV_FAILPOINT=after:send-ready, or after:send-ready#2 for the second passing. The process that reaches it
 * sends itself SIGKILL, which nothing in it can catch, delay or clean up after.
 */
export const FAILPOINT_VARIABLE = "RINGKV_FAILPOINT";

/**
 * What a slave does, step by step. `append-…`: a record joins the log's queue. `force-…`: a group with such a record, which
 * is written by then, is forced. `replay`: a start applies again what the log says. `send-…`: a message to the master.
 */
export const SLAVE_STEPS = [
  "replay",
  "append-epoch",
  "force-epoch",
  "send-unresolved",
  "send-welcome",
  "append-prepared",
  "force-prepared",
  "send-ready",
  "send-abort",
  "append-committed",
  "apply",
  "force-committed",
  "append-aborted",
  "force-aborted",
  "send-ack",
  "append-forgotten",
  "force-forgotten",
] as const;
export type SlaveStep = (typeof SLAVE_STEPS)[number];

/** What a master does. `save-epoch`: at its start. `answer`: what it tells a client of a PUT or DEL. */
export const MASTER_STEPS = [
  "save-epoch",
  "send-hello",
  "send-prepare",
  "send-commit",
  "answer",
  "send-abort",
  "send-forget",
] as const;
export type MasterStep = (typeof MASTER_STEPS)[number];

/** Steps of reads (of caches and copies, too), of refusals, of checkpoints and of the failpoints themselves: no points. */
type SlaveAside = "append-outcome" | "force-outcome" | "send-resp" | "send-refused" | "send-cache" | "send-copies";
type MasterAside = "send-getreq" | "send-keysreq" | "send-cachereq" | "send-copiesreq" | "send-failpoint";

export type Side = "before" | "after";
export type Point<Step extends string> = `${Side}:${Step}`;

/** Every point of these steps, in their order. */
export function pointsOf<Step extends string>(steps: readonly Step[]): readonly Point<Step>[] {
  return steps.flatMap((step): Point<Step>[] => [`before:${step}`, `after:${step}`]);
}

export const SLAVE_POINTS = pointsOf(SLAVE_STEPS);
export const MASTER_POINTS = pointsOf(MASTER_STEPS);

/** The failpoints of one daemon, in one of its lives. */
export class Failpoints<Step extends string, Aside extends string = never> {
  readonly #points: readonly Point<Step>[];
  readonly #die: () => void;
  #armed: Failpoint<Step | Aside> | undefined;

  /** @param die ends the daemon: nothing that it does from then on may reach the outside */
  constructor(points: readonly Point<Step>[], die: () => void) {
    this.#points = points;
    this.#die = die;
  }

  /** The armed point; almost always undefined, so that passing a point costs one look: `failpoints.armed?.before("apply")`. */
  get armed(): Failpoint<Step | Aside> | undefined {
    return this.#armed;
  }

  /**
   * Arms a point in place of the one before, or none.
   * @param spec `before:STEP` or `after:STEP`, the step's words in any order and form, with `#2` for the second passing;
   *   undefined disarms
   * @throws RingkvError BAD_REQUEST for anything else; the message lists the points
   */
  arm(spec: string | undefined): void {
    this.#armed = spec === undefined ? undefined : new Failpoint(canonicalPoint(this.#points, spec), this.#die);
  }

  /** Ends the daemon now. */
  die(): void {
    this.#die();
  }
}

/**
 * A point under its own name, with `#N` for a later passing than the first.
 * @throws RingkvError BAD_REQUEST when it is none of these; the message lists them
 */
export function canonicalPoint(points: readonly string[], spec: string): string {
  const found = findPoint(points, spec);
  if (found === undefined) {
    throw new RingkvError("BAD_REQUEST", `No failpoint \`${spec}\` here; there are: ${points.join(", ")}.`);
  }
  return found.passing === 1 ? found.point : `${found.point}#${found.passing}`;
}

/** An armed point, told of every step that the daemon takes. */
export class Failpoint<Step extends string> {
  /** As it was armed, under the point's own name. */
  readonly spec: string;
  readonly #point: string;
  readonly #die: () => void;
  #passingsLeft: number;

  /** @param spec a canonical point */
  constructor(spec: string, die: () => void) {
    const [point = "", passing = "1"] = spec.split("#");
    this.spec = spec;
    this.#point = point;
    this.#passingsLeft = Number(passing);
    this.#die = die;
  }

  before(step: Step): void {
    this.#pass("before", step);
  }

  /** @param connection what it has queued is handed to the system first, so that the step has truly been taken */
  after(step: Step, connection?: { flush(): void }): void {
    this.#pass("after", step, connection);
  }

  #pass(side: Side, step: Step, connection?: { flush(): void }): void {
    if (this.#point !== `${side}:${step}`) return;
    this.#passingsLeft -= 1;
    if (this.#passingsLeft > 0) return;
    connection?.flush();
    this.#die();
  }
}

export class SlaveFailpoints extends Failpoints<SlaveStep, SlaveAside> {
  constructor(die: () => void) {
    super(SLAVE_POINTS, die);
  }

  /** A force is passed once for each kind of record in its group. */
  aroundForce(side: Side, group: readonly { readonly record: LogRecord }[]): void {
    const { armed } = this;
    if (armed === undefined) return;
    for (const step of new Set(group.map(({ record }) => logStep("force", record)))) armed[side](step);
  }
}

export class MasterFailpoints extends Failpoints<MasterStep, MasterAside> {
  constructor(die: () => void) {
    super(MASTER_POINTS, die);
  }
}

/** How a daemon dies that has a process to itself: it sends itself SIGKILL. */
export function killOwnProcess(): void {
  process.kill(process.pid, "SIGKILL");
}

/** The step of a slave's log that a record makes. A new kind of record must be named a step, or an aside, to compile. */
export function logStep<Verb extends "append" | "force">(
  verb: Verb,
  { type }: LogRecord,
): `${Verb}-${LogRecord["type"]}` {
  return `${verb}-${type}`;
}

/** The step that a slave's message makes. */
export function slaveSend({ type }: FromSlave): `send-${FromSlave["type"]}` {
  return `send-${type}`;
}

/** The step that a message to a slave makes; PREPARE is one step, whatever it prepares. */
export function masterSend({
  type,
}: ToSlave): "send-prepare" | `send-${Exclude<ToSlave["type"], "putreq" | "delreq">}` {
  return type === "putreq" || type === "delreq" ? "send-prepare" : `send-${type}`;
}
