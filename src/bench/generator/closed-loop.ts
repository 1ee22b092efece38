import type { RingkvError } from "../../protocol/errors.js";
import { type Operation, RequestSource } from "../load/request-source.js";
import { BenchClient, type ClientHandlers } from "./client.js";
import type { GeneratorResult, LoadJob } from "./job.js";
import type { Load } from "./load.js";
import { Tally } from "./tally.js";
import type { Wire } from "./wire.js";

/** A closed loop: each client has `depth` requests in flight, and an answer makes room for the next. */
export class ClosedLoop implements Load, ClientHandlers {
  readonly #job: LoadJob;
  readonly #source: RequestSource;
  readonly #clients: BenchClient[] = [];
  readonly #onLost: (error: RingkvError) => void;
  #tally = new Tally();
  #isMeasuring = false;
  #isRunning = true;
  #nowMs = 0;

  constructor(job: LoadJob, onLost: (error: RingkvError) => void) {
    this.#job = job;
    this.#source = new RequestSource(job.workload, job.seed);
    this.#onLost = onLost;
  }

  async start(wire: Wire): Promise<void> {
    const { clients, depth } = this.#job.workload;
    for (let n = 0; n < clients; n++) this.#clients.push(await BenchClient.connect(this.#job, wire, depth, this));
    for (const client of this.#clients) this.#fill(client, performance.now());
  }

  measure(): void {
    this.#tally.begin();
    this.#isMeasuring = true;
  }

  stop(): Promise<GeneratorResult> {
    this.#isMeasuring = false;
    this.#isRunning = false;
    this.#tally.end();
    const result = this.#tally.toResult();
    for (const client of this.#clients) client.close();
    return Promise.resolve(result);
  }

  onAnswer(operation: Operation, startMs: number, failure: string | undefined, bytes: number): void {
    // One look at the clock for all answers of a chunk.
    if (this.#nowMs === 0) this.#nowMs = performance.now();
    if (!this.#isMeasuring) return;
    const wrong =
      failure ?? (operation === "get" && bytes < this.#job.workload.valueBytes ? "SHORT_ANSWER" : undefined);
    if (wrong === undefined) this.#tally.success(operation, this.#nowMs - startMs);
    else this.#tally.failure(wrong, this.#nowMs - startMs);
  }

  onRoom(client: BenchClient): void {
    const startMs = this.#nowMs === 0 ? performance.now() : this.#nowMs;
    this.#nowMs = 0;
    if (this.#isRunning) this.#fill(client, startMs);
  }

  onLost(error: RingkvError): void {
    this.#onLost(error);
  }

  #fill(client: BenchClient, startMs: number): void {
    const source = this.#source;
    while (client.hasRoom) {
      if (source.operation() === "put") client.put(source.key(), source.value(), startMs);
      else client.get(source.key(), startMs);
    }
    client.flush();
  }
}
