import type { SlaveId } from "../protocol/ids.js";
import type { FromSlave, ToSlave } from "../protocol/messages.js";
import { type Failure, failure } from "./result.js";
import type { SlaveLinks } from "./slave-links.js";

/** What people want of a single slave, beside the reads and updates of clients: its cache, its copies, its end. */
export type SlaveQuestion = WithoutId<Extract<ToSlave, { type: "cachereq" | "copiesreq" | "failpoint" }>>;

/** What a slave may answer to a question. */
export type SlaveAnswer = Extract<FromSlave, { type: "cache" | "copies" | "resp" }>;

/** A slave's answer, unless it told a failure or none came. */
export type SlaveAnswerResult = { readonly ok: true; readonly answer: SlaveAnswer } | Failure;

/** Questions to single slaves, asked over their links, which may break or stay silent. */
export class SlaveQuestions {
  readonly #links: SlaveLinks;
  readonly #timeoutMs: number;
  readonly #asked = new Map<number, Asked>();
  #nowMs = 0;

  /** @param timeoutMs how long a slave may take to answer */
  constructor(timeoutMs: number, links: SlaveLinks) {
    this.#timeoutMs = timeoutMs;
    this.#links = links;
  }

  /** Asks a slave; `done` is called exactly once, with REPLICA_DOWN or TIMEOUT where it cannot answer. */
  ask(slave: SlaveId, question: SlaveQuestion, done: (result: SlaveAnswerResult) => void): void {
    if (!this.#links.isLinked(slave)) {
      done(NOT_LINKED);
      return;
    }
    const id = this.#links.nextRequestId();
    this.#asked.set(id, { slave, done, deadlineMs: this.#nowMs + this.#timeoutMs });
    this.#links.send(slave, { ...question, id });
  }

  /** A slave's answer. @returns false when it answers no question, or one that was given up */
  answered(slave: SlaveId, answer: SlaveAnswer): boolean {
    const asked = this.#asked.get(answer.id);
    if (asked?.slave !== slave) return false;
    const code = answer.type === "resp" ? answer.code : undefined;
    const message = answer.type === "resp" ? answer.message : undefined;
    this.#end(answer.id, asked, code === undefined ? { ok: true, answer } : failure(code, message ?? code));
    return true;
  }

  /** A slave's connection broke. */
  unlink(slave: SlaveId): void {
    for (const [id, asked] of this.#asked) if (asked.slave === slave) this.#end(id, asked, NOT_LINKED);
  }

  /** @param nowMs any monotone clock's reading */
  tick(nowMs: number): void {
    this.#nowMs = nowMs;
    for (const [id, asked] of this.#asked) if (nowMs >= asked.deadlineMs) this.#end(id, asked, TOO_LATE);
  }

  #end(id: number, { done }: Asked, result: SlaveAnswerResult): void {
    this.#asked.delete(id);
    done(result);
  }
}

type WithoutId<Message> = Message extends unknown ? Omit<Message, "id"> : never;

interface Asked {
  readonly slave: SlaveId;
  readonly done: (result: SlaveAnswerResult) => void;
  readonly deadlineMs: number;
}

const NOT_LINKED = failure("REPLICA_DOWN", "The slave is down.");
const TOO_LATE = failure("TIMEOUT", "The slave did not answer in time.");
