import type { SlaveObserver, ToldOp } from "../../core/slave.js";
import type { OpId } from "../../protocol/ids.js";
import type { LogLevel, ParticipantState, Prepare } from "../../protocol/messages.js";
import { utf8Length } from "../../protocol/text.js";
import { quotedKey } from "../quoted-key.js";
import { SampledLines } from "../sampled-lines.js";

/** What step lines are made of and where they go. */
export interface StepLinesOptions {
  /** An op that this slave has on record. */
  readonly find: (opId: OpId) => ToldOp | undefined;
  /** Whether a master takes lines; while none does, steps cost nothing and are not counted. */
  readonly isHeard: () => boolean;
  readonly tell: (level: LogLevel, text: string) => void;
}

/**
 * Tells the master's feed what this slave does in two-phase commit, a line a step, in words for people. Keys are quoted,
 * values never shown.
 *
 * ```
 * PREPARE 3.17 put "user:42" (12 bytes): vote yes
 * PREPARE 3.18 del "city": vote no: KEY_NOT_FOUND Key does not exist
 * COMMIT 3.17 put "user:42": applied
 * ABORT 3.19 put "user:42": dropped
 * FORGET 3.17
 * ```
 */
export class StepLines implements SlaveObserver {
  readonly #options: StepLinesOptions;
  readonly #lines: SampledLines;
  #level: LogLevel = "info";

  constructor(options: StepLinesOptions) {
    this.#options = options;
    this.#lines = new SampledLines("steps", (text) => options.tell(this.#level, text));
  }

  votedYes(opId: OpId): void {
    if (this.#mayTell()) this.#step("PREPARE", opId, "vote yes", this.#options.find(opId), true);
  }

  votedNo(prepare: Prepare, code: string, message: string): void {
    if (this.#mayTell()) this.#step("PREPARE", prepare.opId, `vote no: ${code} ${message}`, toldOp(prepare), true);
  }

  decided(opId: OpId, outcome: "committed" | "aborted", before: ParticipantState | undefined): void {
    if (!this.#mayTell()) return;
    const verb = outcome === "committed" ? "COMMIT" : "ABORT";
    this.#step(verb, opId, effectOf(outcome, before), this.#options.find(opId), false);
  }

  forgot(opId: OpId): void {
    if (!this.#mayTell()) return;
    this.#level = "debug";
    this.#lines.tell(`FORGET ${opId}`);
    this.#level = "info";
  }

  close(): void {
    this.#lines.close();
  }

  #mayTell(): boolean {
    return this.#options.isHeard() && this.#lines.mayTell();
  }

  #step(verb: string, opId: OpId, what: string, op: ToldOp | undefined, isSized: boolean): void {
    const size = isSized && op?.kind === "put" ? ` (${utf8Length(op.value)} bytes)` : "";
    const named = op === undefined ? "" : ` ${op.kind} ${quotedKey(op.key)}${size}`;
    this.#lines.tell(`${verb} ${opId}${named}: ${what}`);
  }
}

function toldOp(prepare: Prepare): ToldOp {
  return prepare.type === "putreq"
    ? { kind: "put", key: prepare.key, value: prepare.value }
    : { kind: "del", key: prepare.key, value: "" };
}

function effectOf(outcome: "committed" | "aborted", before: ParticipantState | undefined): string {
  if (before === undefined) return "no record of it here";
  if (before !== "prepared") return "known already";
  return outcome === "committed" ? "applied" : "dropped";
}
