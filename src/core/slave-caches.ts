import type { SlaveId } from "../protocol/ids.js";
import type { FromSlave } from "../protocol/messages.js";
import type { CachePage, CachePageRequest } from "./cache-page.js";
import { type Failure, failure } from "./result.js";
import type { SlaveLinks } from "./slave-links.js";

/** What people want to see of the slaves' caches: asked of the slave over its link, which may break or stay silent. */
export class SlaveCaches {
  readonly #links: SlaveLinks;
  readonly #timeoutMs: number;
  readonly #questions = new Map<number, Question>();
  #nowMs = 0;

  /** @param timeoutMs how long a slave may take to answer */
  constructor(timeoutMs: number, links: SlaveLinks) {
    this.#timeoutMs = timeoutMs;
    this.#links = links;
  }

  /** Reads a page of a slave's cache; `done` is called exactly once. */
  read(slave: SlaveId, { from, count }: CachePageRequest, done: (result: CachePageResult) => void): void {
    if (!this.#links.isLinked(slave)) {
      done(NOT_LINKED);
      return;
    }
    const id = this.#links.nextRequestId();
    this.#questions.set(id, { slave, done, deadlineMs: this.#nowMs + this.#timeoutMs });
    this.#links.send(slave, { type: "cachereq", id, from, count });
  }

  /** A slave's answer; one that comes too late finds no question. */
  answered(slave: SlaveId, answer: Extract<FromSlave, { type: "cache" }>): void {
    const question = this.#questions.get(answer.id);
    if (question?.slave !== slave) return;
    const { sets, ways, used, hits, misses, evictions, contents, more } = answer;
    const page: CachePage = { sets, ways, used, hits, misses, evictions, contents, more };
    this.#end(answer.id, question, { ok: true, page });
  }

  /** A slave's connection broke. */
  unlink(slave: SlaveId): void {
    for (const [id, question] of this.#questions) if (question.slave === slave) this.#end(id, question, NOT_LINKED);
  }

  /** @param nowMs any monotone clock's reading */
  tick(nowMs: number): void {
    this.#nowMs = nowMs;
    for (const [id, question] of this.#questions) if (nowMs >= question.deadlineMs) this.#end(id, question, TOO_LATE);
  }

  #end(id: number, { done }: Question, result: CachePageResult): void {
    this.#questions.delete(id);
    done(result);
  }
}

export type CachePageResult = { readonly ok: true; readonly page: CachePage } | Failure;

interface Question {
  readonly slave: SlaveId;
  readonly done: (result: CachePageResult) => void;
  readonly deadlineMs: number;
}

const NOT_LINKED = failure("REPLICA_DOWN", "The slave is down.");
const TOO_LATE = failure("TIMEOUT", "The slave did not answer in time.");
