import type { RingkvError } from "../../protocol/errors.js";
import { type Operation, RequestSource } from "../load/request-source.js";
import { BenchClient, type ClientHandlers } from "./client.js";
import type { GeneratorResult, LoadJob } from "./job.js";
import type { Load } from "./load.js";
import { Pacer } from "./pacer.js";
import { Tally } from "./tally.js";
import type { Wire } from "./wire.js";

/** What was due in the measured time is waited for so long after it, in ms; what is missing then counts as TIMEOUT. */
const LAST_ANSWERS_MS = 10_000;

/**
 * An open loop: requests are due at a fixed rate, whatever has been answered. A latency counts from when the request was due:
 * a server that stalls is charged with every request that came due meanwhile, even those that could not be sent because all
 * places on the connections were taken. That is what keeps the percentiles free of coordinated omission.
 */
export class OpenLoop implements Load, ClientHandlers {
  readonly #job: LoadJob;
  readonly #source: RequestSource;
  readonly #clients: BenchClient[] = [];
  readonly #onLost: (error: RingkvError) => void;
  readonly #tally = new Tally();
  readonly #intervalMs: number;
  readonly #pacer: Pacer;
  #firstDueMs = 0;
  /** Requests sent so far; the next one is due at its number of intervals. */
  #sent = 0;
  #turn = 0;
  #sentBefore = 0;
  #measureFromMs = Infinity;
  #measureToMs = Infinity;
  /** Of those that were due in the measured time, how many have not been answered. */
  #open = 0;
  #onDone: () => void = () => undefined;

  constructor(job: LoadJob, rate: number, onLost: (error: RingkvError) => void) {
    this.#job = job;
    this.#source = new RequestSource(job.workload, job.seed);
    this.#onLost = onLost;
    this.#intervalMs = 1_000 / rate;
    this.#pacer = new Pacer(() => this.#sendDue());
  }

  async start(wire: Wire): Promise<void> {
    const { clients, depth } = this.#job.workload;
    for (let n = 0; n < clients; n++) this.#clients.push(await BenchClient.connect(this.#job, wire, depth, this));
    await this.#pacer.start(this.#intervalMs);
    this.#firstDueMs = performance.now() + this.#job.phase * this.#intervalMs;
  }

  measure(): void {
    this.#tally.begin();
    this.#sentBefore = this.#sent;
    this.#measureFromMs = performance.now();
  }

  async stop(): Promise<GeneratorResult> {
    this.#measureToMs = performance.now();
    // What was due in it counts, also when it is answered later: so the time that it takes is not part of the rate.
    this.#tally.end();
    this.#tally.offered = this.#sent - this.#sentBefore;
    let timer: NodeJS.Timeout | undefined;
    const done = new Promise<void>((resolve) => (this.#onDone = resolve));
    const tooLate = new Promise<void>((resolve) => (timer = setTimeout(resolve, LAST_ANSWERS_MS)));
    this.#sendDue();
    this.#endWhenDone();
    await Promise.race([done, tooLate]);
    clearTimeout(timer);
    const missing = this.#open + Math.max(0, this.#dueIn(this.#measureToMs) - this.#sent);
    for (let n = 0; n < missing; n++) this.#tally.failure("TIMEOUT", LAST_ANSWERS_MS);
    const result = this.#tally.toResult();
    this.#pacer.stop();
    for (const client of this.#clients) client.close();
    return result;
  }

  onAnswer(operation: Operation, startMs: number, failure: string | undefined, bytes: number): void {
    if (!this.#isMeasured(startMs)) return;
    this.#open--;
    const wrong =
      failure ?? (operation === "get" && bytes < this.#job.workload.valueBytes ? "SHORT_ANSWER" : undefined);
    const ms = performance.now() - startMs;
    if (wrong === undefined) this.#tally.success(operation, ms);
    else this.#tally.failure(wrong, ms);
  }

  onRoom(): void {
    this.#sendDue();
    this.#endWhenDone();
  }

  onLost(error: RingkvError): void {
    this.#onLost(error);
  }

  /** Sends what has come due, the clients in turn, as far as there is room. */
  #sendDue(): void {
    const nowMs = performance.now();
    const due = this.#dueIn(Math.min(nowMs, this.#measureToMs));
    const touched = new Set<BenchClient>();
    while (this.#sent < due) {
      const client = this.#nextWithRoom();
      if (client === undefined) break;
      const startMs = this.#firstDueMs + this.#sent * this.#intervalMs;
      this.#sent++;
      if (this.#isMeasured(startMs)) {
        this.#open++;
        this.#tally.lateness.record(nowMs - startMs);
      }
      if (this.#source.operation() === "put") client.put(this.#source.key(), this.#source.value(), startMs);
      else client.get(this.#source.key(), startMs);
      touched.add(client);
    }
    for (const client of touched) client.flush();
  }

  /** How many requests are due up to a time. */
  #dueIn(ms: number): number {
    return Math.max(0, Math.floor((ms - this.#firstDueMs) / this.#intervalMs) + 1);
  }

  #isMeasured(startMs: number): boolean {
    return startMs >= this.#measureFromMs && startMs < this.#measureToMs;
  }

  #nextWithRoom(): BenchClient | undefined {
    for (let tried = 0; tried < this.#clients.length; tried++) {
      this.#turn = (this.#turn + 1) % this.#clients.length;
      const client = this.#clients[this.#turn];
      if (client?.hasRoom === true) return client;
    }
    return undefined;
  }

  #endWhenDone(): void {
    if (this.#measureToMs < Infinity && this.#open === 0 && this.#sent >= this.#dueIn(this.#measureToMs))
      this.#onDone();
  }
}
