import type { ErrorCode } from "../../../protocol/errors.js";
import type { SlaveId } from "../../../protocol/ids.js";
import type { Hold, OpStep, OpTrace } from "../../model/op-trace.js";
import { holdOf, isHeld } from "../../model/step-holds.js";
import { linkFaultText } from "../fault-text.js";
import { type SequenceView, elapsedMs } from "./sequence-view.js";

/** A column of the diagram; a replica by its ID. */
export type Party = "client" | "master" | SlaveId;

/** One message of an update, or the same one to both replicas. */
export interface Message {
  readonly from: Party;
  readonly to: readonly Party[];
  readonly label: string;
  /** Of what kind it is, for its colour. */
  readonly tone: "request" | "good" | "bad" | "quiet";
  /**
   * `sent`: it is a fact. `held`: it is there, and step mode holds it at the master. `awaited`: the next that must happen.
   * `predicted`: what follows if all goes well.
   */
  readonly status: "sent" | "held" | "awaited" | "predicted";
  /** Step mode lets it go next. */
  readonly isNext?: boolean;
  /** When it was sent, in ms since the update began; only of facts, and not of all of them. */
  readonly ms?: number;
  /** Why, or how long it may still take. */
  readonly note?: string;
}

/**
 * The messages of an update in the order of its steps, then those that must still come.
 *
 * They follow two-phase commit with parallel commit: PREPARE to both replicas; when both voted yes the update is committed at
 * that moment, and the client is told as COMMIT goes out. A vote to abort, a lost replica or no vote in time aborts it: the
 * client is told when the other has voted too, or one has acknowledged the abort. When both have acknowledged, both forget.
 */
export function messagesOf(view: SequenceView & { readonly op: OpTrace }): readonly Message[] {
  const facts = new Facts(view);
  return [...facts.sent(), ...(view.op.isSettled ? [] : facts.expected())];
}

/** Codes too long for an arrow. */
const ANSWERS: Partial<Record<ErrorCode, string>> = { OUTCOME_UNKNOWN: "UNKNOWN" };

class Facts {
  readonly #view: SequenceView;
  readonly #op: OpTrace;
  readonly #replicas: readonly SlaveId[];
  readonly #refused: ReadonlySet<SlaveId>;
  readonly #voted: ReadonlySet<SlaveId>;
  readonly #acked: ReadonlySet<SlaveId>;

  constructor(view: SequenceView & { readonly op: OpTrace }) {
    this.#view = view;
    this.#op = view.op;
    this.#replicas = [...new Set(view.op.replicas)];
    const who = (isMeant: (step: OpStep) => boolean) =>
      new Set(view.op.steps.filter(isMeant).flatMap(({ slave }) => slave ?? []));
    this.#voted = who(({ phase }) => phase === "vote");
    this.#refused = who(({ phase, outcome }) => phase === "vote" && outcome === "abort");
    this.#acked = who(({ phase }) => phase === "ack");
  }

  sent(): readonly Message[] {
    const messages = inTime(this.#op.steps.flatMap((step) => this.#messagesOf(step)));
    return this.#has("in-doubt") ? [...this.#reports(), ...messages] : messages;
  }

  expected(): readonly Message[] {
    switch (this.#op.state) {
      case "preparing":
        return [
          ...this.#votes(),
          this.#decision("COMMIT", "good"),
          this.#answer("OK", "good"),
          ...this.#acks("predicted"),
        ];
      case "in-doubt":
        return [this.#decision("decide?", "quiet"), ...this.#acks("predicted")];
      case "committed":
        return [...(this.#isAnswerDue() ? [this.#answer("OK", "good")] : []), ...this.#acks("awaited")];
      case "aborted":
        return this.#afterAbort();
    }
  }

  #messagesOf(step: OpStep): readonly Message[] {
    const at = { status: "sent", ms: step.ms } as const;
    switch (step.phase) {
      case "begin": {
        const request = this.#op.kind === "put" ? "PUT" : "DEL";
        return [
          { from: "client", to: ["master"], label: request, tone: "request", ...at },
          ...this.#toSlaves("prepare", this.#replicas, { label: "PREPARE", tone: "request" }, step.ms),
        ];
      }
      case "vote": {
        if (step.slave === undefined) return [];
        const isYes = step.outcome !== "abort";
        const note = step.code === undefined ? {} : { note: step.code };
        return [
          {
            from: step.slave,
            to: ["master"],
            label: isYes ? "YES" : "NO",
            tone: isYes ? "good" : "bad",
            ...at,
            ...note,
          },
        ];
      }
      case "decision":
        return this.#decisions(step);
      case "answered":
        return step.code === undefined
          ? [{ from: "master", to: ["client"], label: "OK", tone: "good", ...at }]
          : [{ from: "master", to: ["client"], label: ANSWERS[step.code] ?? step.code, tone: "bad", ...at }];
      case "ack":
        if (step.slave === undefined) return [];
        return [{ from: step.slave, to: ["master"], label: "ACK", tone: "quiet", ...at }];
      case "settled": {
        const to = this.#replicas.filter((slave) => this.#acked.has(slave));
        return to.length === 0 ? [] : [{ from: "master", to, label: "FORGET", tone: "quiet", ...at }];
      }
      case "in-doubt":
        return [];
    }
  }

  /** Who refused is told nothing, and who is down is told when it is back. */
  #decisions({ ms, outcome }: OpStep): readonly Message[] {
    const told = this.#replicas.filter((slave) => !this.#refused.has(slave));
    const reached = told.filter((slave) => !this.#isDown(slave) || this.#acked.has(slave));
    const isCommit = outcome === "commit";
    const look = { label: isCommit ? "COMMIT" : "ABORT", tone: isCommit ? "good" : "bad" } as const;
    const waiting = told
      .filter((slave) => !reached.includes(slave))
      .map((slave): Message => ({ from: "master", ...look, to: [slave], status: "awaited", note: "when back" }));
    return [...this.#toSlaves("decision", reached, look, ms), ...waiting];
  }

  /** A message of the master to these slaves: sent, to those to whom step mode does not hold it. @param ms when it was made */
  #toSlaves(
    phase: Hold["phase"],
    slaves: readonly SlaveId[],
    look: Pick<Message, "label" | "tone">,
    ms: number,
  ): readonly Message[] {
    const held = slaves.filter((slave) => isHeld(this.#op, phase, slave));
    const sent = slaves.filter((slave) => !held.includes(slave));
    const sentMs = Math.max(ms, Math.min(...sent.map((slave) => this.#letGoMs(phase, slave))));
    return [
      ...(sent.length === 0 ? [] : [{ from: "master", to: sent, ...look, status: "sent", ms: sentMs } as const]),
      ...(held.length === 0 ? [] : [{ from: "master", to: held, ...look, ...this.#held(phase) } as const]),
    ];
  }

  /** When step mode let a message go, in ms since the update began; 0 where it never held it. */
  #letGoMs(phase: Hold["phase"], slave: SlaveId): number {
    const answer = phase === "prepare" ? "vote" : "ack";
    const answered = this.#op.steps.find((step) => step.phase === answer && step.slave === slave);
    // Told in whole ms of another clock than the steps: the answer comes after the question all the same.
    return Math.min(holdOf(this.#op, phase, slave)?.letGo?.ms ?? 0, answered?.ms ?? Infinity);
  }

  #held(phase: Hold["phase"]): Pick<Message, "status" | "isNext" | "note"> {
    const [next] = this.#view.step.held;
    const isNext = next?.opId === this.#op.opId && next.phase === phase;
    return { status: "held", note: "held", ...(isNext && { isNext }) };
  }

  /** An update taken over from an older epoch begins with what the replicas' disks say of it. */
  #reports(): readonly Message[] {
    const isDecided = this.#op.state !== "in-doubt";
    const up = this.#replicas.filter((slave) => !this.#isDown(slave));
    return this.#replicas.map((slave): Message => {
      const hasReported = isDecided || (up.length === 1 && up.includes(slave));
      const message = { from: slave, to: ["master"], label: "report", tone: "quiet" } as const;
      if (hasReported) return { ...message, status: "sent" };
      const note = this.#isDown(slave) ? { note: "when back" } : {};
      return { ...message, label: "report?", status: "awaited", ...note };
    });
  }

  #votes(): readonly Message[] {
    const { deadlineMs, nowMs } = this.#view;
    const leftMs = deadlineMs === undefined ? undefined : deadlineMs - elapsedMs(this.#op, nowMs);
    const left = leftMs === undefined ? {} : { note: leftMs > 0 ? `${Math.ceil(leftMs).toString()} ms left` : "late" };
    return this.#replicas
      .filter((slave) => !this.#voted.has(slave) && !this.#isDown(slave))
      .map((slave): Message => {
        const message = { from: slave, to: ["master"], tone: "quiet" } as const;
        if (isHeld(this.#op, "vote", slave)) return { ...message, label: "vote", ...this.#held("vote") };
        // Who is not yet asked cannot vote.
        if (isHeld(this.#op, "prepare", slave)) return { ...message, label: "vote", status: "predicted" };
        return { ...message, label: "vote?", status: "awaited", ...left, ...this.#faultNote(slave) };
      });
  }

  #faultNote(slave: SlaveId): { readonly note?: string } {
    const note = linkFaultText(this.#view.slaves.find(({ id }) => id === slave)?.fault);
    return note === "" ? {} : { note };
  }

  /** The client of an aborted update waits for the other vote if one refused, else for the first acknowledgement. */
  #afterAbort(): readonly Message[] {
    const acks = this.#acks("awaited");
    if (!this.#isAnswerDue()) return acks;
    const answer = this.#answer("ABORTED", "bad");
    return this.#refused.size > 0
      ? [...this.#votes(), answer, ...acks]
      : [...acks.slice(0, 1), answer, ...acks.slice(1)];
  }

  #decision(label: string, tone: Message["tone"]): Message {
    return { from: "master", to: this.#replicas, label, tone, status: "predicted", note: "predicted" };
  }

  #answer(label: string, tone: Message["tone"]): Message {
    return { from: "master", to: ["client"], label, tone, status: "predicted" };
  }

  #acks(status: "awaited" | "predicted"): readonly Message[] {
    const missing = this.#replicas.filter((slave) => !this.#acked.has(slave) && !this.#refused.has(slave));
    const to = this.#replicas.filter((slave) => !this.#refused.has(slave));
    return [
      ...missing.map((slave): Message => {
        const message = { from: slave, to: ["master"], label: "ACK", tone: "quiet" } as const;
        if (isHeld(this.#op, "ack", slave)) return { ...message, ...this.#held("ack") };
        // What is not yet told cannot be acknowledged.
        const isTold = status === "awaited" && !this.#isDown(slave) && !isHeld(this.#op, "decision", slave);
        if (!isTold) return { ...message, status: "predicted" };
        return { ...message, label: "ACK?", status: "awaited", ...this.#faultNote(slave) };
      }),
      ...(to.length === 0
        ? []
        : [{ from: "master", to, label: "FORGET", tone: "quiet", status: "predicted" } as const]),
    ];
  }

  /** A client waits for it: not for one that was taken over from an older epoch. */
  #isAnswerDue(): boolean {
    return this.#has("begin") && !this.#has("answered");
  }

  #has(phase: OpStep["phase"]): boolean {
    return this.#op.steps.some((step) => step.phase === phase);
  }

  #isDown(id: SlaveId): boolean {
    return this.#view.slaves.some((slave) => slave.id === id && slave.state === "down");
  }
}

/** By the time when they were sent; one that waits stays behind what it stood behind, and what is held comes last. */
function inTime(messages: readonly Message[]): readonly Message[] {
  let atMs = 0;
  const placed = messages.map((message) => ({
    message,
    atMs: message.status === "held" ? Infinity : (atMs = message.ms ?? atMs),
  }));
  return placed
    .sort((left, right) => (left.atMs === right.atMs ? 0 : left.atMs - right.atMs))
    .map(({ message }) => message);
}
