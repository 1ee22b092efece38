import type { SlaveId } from "../protocol/ids.js";
import type { FromSlave } from "../protocol/messages.js";
import type { Replicas } from "./log-record.js";
import { KEY_NOT_FOUND, type ReadResult, failure } from "./result.js";
import type { SlaveLinks } from "./slave-links.js";

/**
 * GETs that the master cannot answer itself: asked of the primary, and of the successor when the primary is down, suspect,
 * breaks off or stays silent. An answer counts only for the question it answers; one that comes too late finds none and is dropped.
 */
export class ReplicaReads {
  readonly #links: SlaveLinks;
  readonly #timeoutMs: number;
  readonly #reads = new Map<number, PendingRead>();
  /** Linked, and silent for a while: asked only when there is no one else. */
  readonly #suspects = new Set<SlaveId>();
  #nowMs = 0;

  /** @param timeoutMs how long one replica may take before the other is asked */
  constructor(timeoutMs: number, links: SlaveLinks) {
    this.#timeoutMs = timeoutMs;
    this.#links = links;
  }

  /** Reads a key from one of its replicas; `done` is called exactly once. */
  read(key: string, replicas: Replicas, done: (result: ReadResult) => void): void {
    this.#ask({ key, untried: replicas, asked: undefined, done, deadlineMs: 0 });
  }

  /** A slave's answer. False when it answers no read (any more). */
  answered(slave: SlaveId, response: Extract<FromSlave, { type: "resp" }>): boolean {
    const read = this.#reads.get(response.id);
    if (read?.asked !== slave) return false;
    this.#reads.delete(response.id);
    const { value, opId, code, message } = response;
    if (value !== undefined && opId !== undefined) read.done({ ok: true, value, opId });
    else if (code === "KEY_NOT_FOUND" || code === undefined) read.done(KEY_NOT_FOUND);
    else read.done(failure(code, message ?? code));
    return true;
  }

  /** A slave has been silent for a while: what it was asked goes to the other replica at once, and what comes too. */
  suspect(slave: SlaveId): void {
    this.#suspects.add(slave);
    for (const [id, read] of this.#reads) {
      if (read.asked === slave && read.untried.some((other) => this.#isTrusted(other))) this.#askNext(id, read);
    }
  }

  /** A suspect has spoken again. */
  trust(slave: SlaveId): void {
    this.#suspects.delete(slave);
  }

  /** A slave's connection broke: what it was asked goes to the other replica. */
  unlink(slave: SlaveId): void {
    this.#suspects.delete(slave);
    for (const [id, read] of this.#reads) if (read.asked === slave) this.#askNext(id, read);
  }

  /** @param nowMs any monotone clock's reading */
  tick(nowMs: number): void {
    this.#nowMs = nowMs;
    for (const [id, read] of this.#reads) if (nowMs >= read.deadlineMs) this.#askNext(id, read);
  }

  #askNext(id: number, read: PendingRead): void {
    this.#reads.delete(id);
    this.#ask(read);
  }

  #isTrusted(slave: SlaveId): boolean {
    return this.#links.isLinked(slave) && !this.#suspects.has(slave);
  }

  #ask(read: PendingRead): void {
    const slave =
      read.untried.find((replica) => this.#isTrusted(replica)) ??
      read.untried.find((replica) => this.#links.isLinked(replica));
    if (slave === undefined) {
      read.done(
        read.asked === undefined || !this.#links.isLinked(read.asked)
          ? failure("REPLICA_DOWN", "Both replicas of the key are down.")
          : failure("TIMEOUT", "No replica answered in time."),
      );
      return;
    }
    const id = this.#links.nextRequestId();
    const untried = read.untried.filter((replica) => replica !== slave);
    const { key, done } = read;
    this.#reads.set(id, { key, untried, asked: slave, done, deadlineMs: this.#nowMs + this.#timeoutMs });
    this.#links.send(slave, { type: "getreq", id, key: read.key });
  }
}

interface PendingRead {
  readonly key: string;
  readonly untried: readonly SlaveId[];
  readonly asked: SlaveId | undefined;
  readonly deadlineMs: number;
  readonly done: (result: ReadResult) => void;
}
