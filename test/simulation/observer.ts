import { decodeFrame } from "../../src/core/log-codec.js";
import type { PreparedRecord } from "../../src/core/log-record.js";
import { scanSegment } from "../../src/core/log-scan.js";
import { RingkvError } from "../../src/protocol/errors.js";
import type { OpId } from "../../src/protocol/ids.js";
import type { LogLevel } from "../../src/protocol/messages.js";
import type { Response } from "./client.js";
import type { DiskEvent } from "./disk.js";
import type { Plan, Request } from "./plan.js";
import type { Sometimes, SometimesCounts } from "./sometimes.js";
import type { World } from "./world.js";

/**
 * Watches a run from outside: the lines on the network, the bytes on the disks, the records in the logs, what is told to the
 * clients. It counts rare states, keeps a transcript when one is wanted, and notes what must never be.
 */
export class Observer {
  readonly violations: string[] = [];
  readonly sometimesCounts: SometimesCounts = {};
  readonly transcript: string[] | undefined;
  readonly ends = { slaves: 0, masters: 0 };
  readonly counts = { acknowledged: 0, unknown: 0, lines: 0 };
  readonly #world: World;
  /** Where each op's PREPARED is on disk for good: kept for plans whose turn it is, since every byte is decoded twice then. */
  readonly #preparedAt: Map<OpId, Set<string>> | undefined;
  /** What each op came to at which slave. Two masters of one epoch may give an op ID twice; with the replicas it is one op's. */
  readonly #decisions = new Map<string, Map<string, "committed" | "aborted">>();
  /** The replicas of the ops that each slave has prepared, by slave and op ID. */
  readonly #replicas = new Map<string, string>();
  /** Where slaves listened that a master has taken in. */
  readonly #linked = new Set<string>();
  /** Since when a running master knows that a newer one has taken over. */
  readonly #fencedMs = new Map<string, number>();
  /** Each master's epoch, as it last said hello. */
  readonly #epochs = new Map<string, string>();
  /** Decisions that have arrived, as op and slave. */
  readonly #decisionsSent = new Set<string>();
  /** Aborts that a slave has heard of, as op and master. */
  readonly #abortedBy = new Set<string>();
  #stores = 0;

  constructor(world: World, plan: Plan, wantsTranscript: boolean) {
    this.#world = world;
    this.transcript = wantsTranscript ? [] : undefined;
    this.#preparedAt = plan.seed % AUDITED_PLANS === 0 ? new Map() : undefined;
  }

  /** Whether this run's disks are looked at byte by byte. */
  get isAuditing(): boolean {
    return this.#preparedAt !== undefined;
  }

  sometimes(name: Sometimes): void {
    this.sometimesCounts[name] = (this.sometimesCounts[name] ?? 0) + 1;
  }

  violation(text: string): void {
    this.note(`VIOLATION ${text}`);
    this.violations.push(text);
  }

  /** A line of the transcript. */
  note(text: string): void {
    this.transcript?.push(`${this.#world.nowMs.toFixed(2).padStart(9)}  ${text}`);
  }

  nextStoreNumber(): number {
    return this.#stores++;
  }

  /** A process let an error escape: no input and no fault may do that. */
  crashed(host: string, error: unknown): void {
    this.violation(`${host} crashed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  }

  /** A process has ended of its own accord, in order. */
  stopped(host: string, error: unknown): void {
    if (!(error instanceof RingkvError)) {
      if (!isOver(error)) this.crashed(host, error);
      return;
    }
    this.note(`${host} stops: ${error.code} ${error.message}`);
    if (/is damaged/.test(error.message)) this.violation(`${host} found forced bytes damaged: ${error.message}`);
    if (error.code === "STALE_EPOCH") this.sometimes("deposed master stops");
    if (error.message.includes("another store")) this.sometimes("blank disk refused");
    else if (/older|old copy/.test(error.message) && error.code === "STORAGE") this.sometimes("old disk refused");
  }

  ended(host: string): void {
    if (host.startsWith("s")) this.ends.slaves += 1;
    else this.ends.masters += 1;
    this.#fencedMs.delete(host);
    this.note(`${host} is gone`);
  }

  logged(host: string, level: LogLevel, text: string): void {
    this.note(`${host} ${level}: ${text}`);
    const linked = / is up at (\S+),/.exec(text)?.[1];
    if (linked !== undefined) this.#linked.add(linked);
    else if (text.includes("no heartbeat for")) this.sometimes("slave silent for too long");
    else if (text.includes("UNAUTHORIZED")) this.sometimes("old session silenced");
    else if (text.includes("could not be shortened")) this.sometimes("checkpoint refused");
  }

  diskEvent(event: DiskEvent): void {
    this.note(`disk: ${event}`);
    this.sometimes(event);
  }

  /** A line arrives. */
  line(from: string, to: string, line: string): void {
    this.counts.lines += 1;
    if (this.transcript !== undefined)
      this.note(`${from} → ${to}  ${line.length > 200 ? `${line.slice(0, 200)}…` : line}`);
    const type = line.slice(TYPE_AT, line.indexOf('"', TYPE_AT));
    switch (type) {
      case "hello":
        this.#epochs.set(from, JSON_EPOCH.exec(line)?.[1] ?? "");
        return;
      case "commit":
      case "abort":
        if (from.startsWith("m")) this.#decisionSent(from, to, type, opIdIn(line));
        return;
      case "ready":
        if (this.#abortedBy.has(`${opIdIn(line)} ${to}`)) this.sometimes("yes vote after the abort");
        return;
      case "unresolved":
        this.sometimes(line.includes('"prepared"') ? "prepared op reported" : "old outcome reported again");
        return;
      case "refused":
        if (line.includes("STALE_EPOCH")) {
          this.sometimes("older epoch refused");
          if (!this.#fencedMs.has(to)) this.#fencedMs.set(to, this.#world.nowMs);
        }
        return;
      default:
    }
  }

  #decisionSent(master: string, slave: string, decision: "commit" | "abort", opId: string): void {
    const sent = `${opId} ${slave}`;
    if (this.#decisionsSent.has(sent)) this.sometimes("decision sent again");
    this.#decisionsSent.add(sent);
    if (decision === "abort") this.#abortedBy.add(`${opId} ${master}`);
    if (opId.slice(0, opId.indexOf(".")) !== this.#epochs.get(master)) {
      this.sometimes(decision === "commit" ? "op of an older epoch committed" : "op of an older epoch aborted");
    }
  }

  /** Whether a master has ever taken a slave in that listened at this address. */
  wasLinked(address: string): boolean {
    return this.#linked.has(address);
  }

  /** A client has its answer. */
  answered({ kind, calledMs, master }: Asked, { code, opId, message }: Response): void {
    if (code === undefined) {
      const fencedMs = this.#fencedMs.get(master) ?? Infinity;
      if (calledMs > fencedMs)
        this.violation(`${master} did a ${kind} that it was asked for after a slave had refused its epoch`);
      if (kind === "get") this.sometimes("get answered with a value");
      else this.#acknowledged(opId);
      return;
    }
    const name = CODES.get(code);
    if (name !== undefined) this.sometimes(name);
    if (message?.includes("; @") === true) this.sometimes("refused by both replicas");
    if (code === "OUTCOME_UNKNOWN") this.counts.unknown += 1;
    if (code === "INTERNAL" || code === "BAD_REQUEST" || code === "BAD_FRAME") {
      this.violation(`a client was told ${code}`);
    }
  }

  /** A part of a file on a slave's disk is there for good. */
  forced(host: string, file: string, content: Uint8Array, from: number, to: number): void {
    if (this.#preparedAt === undefined || !/\.log(\.tmp)?$/.test(file)) return;
    const segment = Number.parseInt(file.slice(file.lastIndexOf("/") + 1), 10);
    for (let at = from; at < to;) {
      const frame = decodeFrame(content, at, segment);
      if (frame === undefined) return;
      if (frame.entry?.type === "prepared") {
        const hosts = this.#preparedAt.get(frame.entry.opId) ?? new Set();
        this.#preparedAt.set(frame.entry.opId, hosts.add(host));
      }
      at = frame.end;
    }
  }

  /** A slave is about to read its log. */
  logFound(segments: readonly { readonly number: number; readonly bytes: Uint8Array }[]): void {
    const scans = segments.map(({ bytes, number }) => scanSegment(bytes, number));
    if (scans.filter(({ frames }) => frames.length > 0).length > 1)
      this.sometimes("log of several segments at a start");
    if (scans.some(({ end }) => end.kind === "torn")) this.sometimes("torn tail at a start");
  }

  /** A slave appends PREPARED. */
  prepared(host: string, { opId, replicas }: PreparedRecord): void {
    this.#replicas.set(`${host} ${opId}`, replicas.join());
  }

  /** A decision is on a slave's disk, so it is final: no replica may come to another one. */
  decided(host: string, opId: OpId, state: "committed" | "aborted"): void {
    const op = `${opId} ${this.#replicas.get(`${host} ${opId}`) ?? ""}`;
    const states = this.#decisions.get(op) ?? new Map<string, "committed" | "aborted">();
    this.#decisions.set(op, states.set(host, state));
    for (const [other, otherState] of states) {
      if (otherState !== state) this.violation(`op ${opId} is ${otherState} at ${other} and ${state} at ${host}`);
    }
  }

  #acknowledged(opId: OpId | undefined): void {
    this.counts.acknowledged += 1;
    this.sometimes("update acknowledged");
    if (this.#preparedAt === undefined || opId === undefined) return;
    const hosts = this.#preparedAt.get(opId)?.size ?? 0;
    if (hosts < 2) this.violation(`op ${opId} was acknowledged with PREPARED on ${hosts} disks`);
  }
}

/** What a client has asked of whom, and when. */
interface Asked {
  readonly kind: Request["kind"];
  readonly calledMs: number;
  readonly master: string;
}

/** One in so many plans has every forced byte decoded and every acknowledgement compared with it. */
const AUDITED_PLANS = 8;

const JSON_EPOCH = /"epoch":"(\d+)"/;

/** The op of a line that has only a type before it. */
function opIdIn(line: string): string {
  const at = line.indexOf('"opId":"') + 8;
  return line.slice(at, line.indexOf('"', at));
}

/** Every line begins with `{"type":"`. */
const TYPE_AT = 9;

const CODES: ReadonlyMap<string, Sometimes> = new Map<string, Sometimes>([
  ["OUTCOME_UNKNOWN", "outcome unknown told"],
  ["ABORTED", "abort told"],
  ["REPLICA_DOWN", "refused: a replica is down"],
  ["IN_DOUBT", "refused: key in doubt"],
  ["STORAGE", "refused: storage"],
  ["TIMEOUT", "read timed out"],
  ["RING_INCOMPLETE", "ring incomplete told"],
]);

/** What a dead process's code runs into; no one sees it. */
function isOver(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "EOVER";
}
