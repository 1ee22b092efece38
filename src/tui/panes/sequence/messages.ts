import type { ErrorCode } from "../../../protocol/errors.js";
import type { SlaveId } from "../../../protocol/ids.js";
import type { OpStep, OpTrace } from "../../model/op-trace.js";
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
   * `sent`: it is a fact. `awaited`: the next that must happen. `predicted`: what follows if all goes well.
   */
  readonly status: "sent" | "awaited" | "predicted";
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
    const messages = this.#op.steps.flatMap((step) => this.#messagesOf(step));
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
          { from: "master", to: this.#replicas, label: "PREPARE", tone: "request", ...at },
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
    const message = { from: "master", label: isCommit ? "COMMIT" : "ABORT", tone: isCommit ? "good" : "bad" } as const;
    const sent: readonly Message[] = reached.length === 0 ? [] : [{ ...message, to: reached, status: "sent", ms }];
    const waiting = told
      .filter((slave) => !reached.includes(slave))
      .map((slave): Message => ({ ...message, to: [slave], status: "awaited", note: "when back" }));
    return [...sent, ...waiting];
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
    const note = leftMs === undefined ? {} : { note: leftMs > 0 ? `${Math.ceil(leftMs).toString()} ms left` : "late" };
    return this.#replicas
      .filter((slave) => !this.#voted.has(slave) && !this.#isDown(slave))
      .map((slave) => ({ from: slave, to: ["master"], label: "vote?", tone: "quiet", status: "awaited", ...note }));
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
        // What is not yet told cannot be acknowledged.
        const isNext = status === "awaited" && !this.#isDown(slave);
        const label = isNext ? "ACK?" : "ACK";
        return { from: slave, to: ["master"], label, tone: "quiet", status: isNext ? "awaited" : "predicted" };
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
