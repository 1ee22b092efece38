import { decodeFrame } from "../../src/core/log-codec.js";
import type { TraceEvent } from "./strace.js";

/** What the audit has counted and found. */
export interface AuditResult {
  readonly votes: number;
  readonly acks: number;
  readonly welcomes: number;
  readonly forces: number;
  readonly failedForces: number;
  /** Messages that left while what they depend on was not forced. */
  readonly violations: readonly string[];
}

/**
 * Reads a slave's system calls and checks the one rule: no message leaves a socket before the record that it rests on is
 * forced. It knows nothing of the slave but its log's format. A record is written when its bytes go to a segment's file, and
 * forced when an fdatasync of that file, which began after the write had ended, has come back with 0.
 *
 * `ready` rests on PREPARED of its op, `ack` on COMMITTED or ABORTED of it (on nothing where the op was never prepared),
 * `welcome` on the EPOCH that it names.
 */
export class OrderAudit {
  readonly #segments = new Map<string, Segment>();
  /** Records written, and those of them forced; each by its kind and op. */
  readonly #written = new Set<string>();
  readonly #forced = new Set<string>();
  /** What each socket has sent of a line that is not complete. */
  readonly #halfLines = new Map<string, string>();
  readonly #violations: string[] = [];
  #votes = 0;
  #acks = 0;
  #welcomes = 0;
  #forces = 0;
  #failedForces = 0;

  take(event: TraceEvent): void {
    if (event.target.startsWith("socket:")) this.#sent(event);
    else if (/\/log\/[0-9]{8,}\.log$/.test(event.target)) this.#logged(event);
  }

  get result(): AuditResult {
    return {
      votes: this.#votes,
      acks: this.#acks,
      welcomes: this.#welcomes,
      forces: this.#forces,
      failedForces: this.#failedForces,
      violations: this.#violations,
    };
  }

  #logged(event: TraceEvent): void {
    const segment = this.#segments.get(event.target) ?? new Segment(event.target);
    this.#segments.set(event.target, segment);
    const isForce = event.call === "fdatasync" || event.call === "fsync";
    if (isForce && event.phase === "enter") segment.beginForce();
    else if (isForce) this.#forceEnded(segment, event.result);
    else if (event.phase === "exit" && event.result > 0) {
      for (const record of segment.write(event.data.subarray(0, event.result), event.position))
        this.#written.add(record);
    }
  }

  #forceEnded(segment: Segment, result: number): void {
    const records = segment.endForce(result === 0);
    if (result !== 0) this.#failedForces += 1;
    else {
      this.#forces += 1;
      for (const record of records) this.#forced.add(record);
    }
  }

  #sent(event: TraceEvent): void {
    const text = (this.#halfLines.get(event.target) ?? "") + event.data.toString("latin1");
    // What is checked is the moment at which the call begins; how much it took is known when it ends.
    if (event.phase === "enter") {
      for (const line of text.split("\n").slice(0, -1)) this.#check(line);
      return;
    }
    if (event.result < 0) return;
    const taken = text.slice(0, text.length - (event.data.length - event.result));
    this.#halfLines.set(event.target, taken.slice(taken.lastIndexOf("\n") + 1));
  }

  #check(line: string): void {
    const message = messageIn(line);
    if (message === undefined) return;
    const { type, opId = "", epoch = "" } = message;
    if (type === "ready") {
      this.#votes += 1;
      if (!this.#forced.has(`prepared ${opId}`)) this.#violations.push(`ready ${opId} before PREPARED was forced`);
    } else if (type === "ack") {
      this.#acks += 1;
      const isSettled = this.#forced.has(`committed ${opId}`) || this.#forced.has(`aborted ${opId}`);
      if (!isSettled && this.#written.has(`prepared ${opId}`)) {
        this.#violations.push(`ack ${opId} before its outcome was forced`);
      }
    } else if (type === "welcome") {
      this.#welcomes += 1;
      if (!this.#forced.has(`epoch ${epoch}`)) this.#violations.push(`welcome before EPOCH ${epoch} was forced`);
    }
  }
}

/** One segment's file, as far as it was written. */
class Segment {
  readonly #number: number;
  #bytes = new Uint8Array(0);
  #unforced: string[] = [];
  #underForce: string[] = [];

  constructor(path: string) {
    this.#number = Number(/([0-9]+)\.log$/.exec(path)?.[1]);
  }

  /** @returns the records that were written */
  write(data: Uint8Array, position: number): string[] {
    const bytes = new Uint8Array(Math.max(this.#bytes.length, position + data.length));
    bytes.set(this.#bytes);
    bytes.set(data, position);
    this.#bytes = bytes;
    const records: string[] = [];
    for (let offset = position; ;) {
      const frame = decodeFrame(bytes, offset, this.#number);
      if (frame?.entry === undefined) break;
      const { entry } = frame;
      if (entry.type === "epoch") records.push(`epoch ${entry.epoch}`);
      else if (entry.type !== "start") records.push(`${entry.type} ${entry.opId}`);
      offset = frame.end;
    }
    this.#unforced.push(...records);
    return records;
  }

  beginForce(): void {
    this.#underForce = this.#unforced;
    this.#unforced = [];
  }

  /** @returns the records that the force was for; after one that failed they never count as forced */
  endForce(isDone: boolean): readonly string[] {
    const records = this.#underForce;
    this.#underForce = [];
    return isDone ? records : [];
  }
}

interface SentMessage {
  readonly type?: string;
  readonly opId?: string;
  readonly epoch?: string;
}

function messageIn(line: string): SentMessage | undefined {
  if (!line.startsWith("{")) return undefined;
  try {
    return JSON.parse(line) as SentMessage;
  } catch {
    // No message of ours: another protocol on another socket.
    return undefined;
  }
}
