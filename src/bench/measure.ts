import { createHistogram } from "node:perf_hooks";
import { type ErrorCode, RingkvError } from "../protocol/errors.js";
import { LIMITS } from "../protocol/limits.js";
import { clientResponse, decodeMessage } from "../protocol/messages.js";
import type { Connection, ConnectionHandlers, Transport } from "../transport/transport.js";

/** After the end of a measurement its last requests get this long to be answered, in ms; then they count as TIMEOUT. */
const LAST_ANSWERS_MS = 10_000;
const NS_PER_MS = 1_000_000;

export interface MeasureOptions {
  readonly transport: Transport;
  readonly host: string;
  readonly port: number;
  readonly signal: AbortSignal | undefined;
  /** Connections, each with one request in flight. */
  readonly clients: number;
  readonly warmupMs: number;
  /** Infinity: until there is no next request. */
  readonly measureMs: number;
  /** The next request's line; undefined when there is none any more. */
  readonly next: () => string | undefined;
}

/** What was measured. Only answers inside the measured time count; latencies are of successes. */
export interface Measurement {
  /** Requests that succeeded. */
  readonly ops: number;
  readonly seconds: number;
  readonly opsPerSecond: number;
  /** Latencies in ms; 0 when nothing succeeded. */
  readonly p50: number;
  readonly p99: number;
  readonly p999: number;
  readonly max: number;
  /** Requests that failed, by code. */
  readonly errors: Readonly<Partial<Record<ErrorCode, number>>>;
}

/** Runs one closed-loop load. @throws RingkvError UNAVAILABLE when a connection cannot be had or is lost; the signal's reason */
export async function measure(options: MeasureOptions): Promise<Measurement> {
  options.signal?.throwIfAborted();
  const load = new Load(options);
  return load.run();
}

type Phase = "warmup" | "measuring" | "ending";

class Load {
  readonly #options: MeasureOptions;
  /** Of fixed size, whatever the number of requests: three digits from 1 ns up to an hour. */
  readonly #latencies = createHistogram({ lowest: 1, highest: 3_600_000 * NS_PER_MS, figures: 3 });
  readonly #errors = new Map<ErrorCode, number>();
  readonly #connections: Connection[] = [];
  #ops = 0;
  #phase: Phase = "warmup";
  /** Clients whose last answer is still to come. */
  #running = 0;
  #onIdle: () => void = () => undefined;
  #onLost: (reason: unknown) => void = () => undefined;

  constructor(options: MeasureOptions) {
    this.#options = options;
  }

  async run(): Promise<Measurement> {
    const { clients, warmupMs, measureMs, signal } = this.#options;
    const idle = new Promise<void>((resolve) => (this.#onIdle = resolve));
    const lost = new Promise<never>((_, reject) => (this.#onLost = reject));
    // It may be lost when nobody waits for it any more.
    lost.catch(() => undefined);
    const onAbort = () => this.#onLost(signal?.reason);
    signal?.addEventListener("abort", onAbort, { once: true });
    const timers: NodeJS.Timeout[] = [];
    const wait = (ms: number) => new Promise<void>((resolve) => timers.push(setTimeout(resolve, ms)));
    try {
      const starts: (() => void)[] = [];
      for (let n = 0; n < clients; n++) starts.push(await this.#client());
      this.#running = clients;
      for (const start of starts) start();
      if (warmupMs > 0) await Promise.race([wait(warmupMs), idle, lost]);
      this.#phase = "measuring";
      const start = performance.now();
      await Promise.race([Number.isFinite(measureMs) ? wait(measureMs) : idle, idle, lost]);
      const elapsedMs = performance.now() - start;
      this.#phase = "ending";
      await Promise.race([wait(LAST_ANSWERS_MS), idle, lost]);
      if (this.#running > 0) this.#errors.set("TIMEOUT", (this.#errors.get("TIMEOUT") ?? 0) + this.#running);
      return this.#result(elapsedMs / 1_000);
    } finally {
      signal?.removeEventListener("abort", onAbort);
      for (const timer of timers) clearTimeout(timer);
      for (const connection of this.#connections) connection.destroy();
    }
  }

  /** Connects one client; the function it gives sends its first request. */
  async #client(): Promise<() => void> {
    const { transport, host, port, signal, next } = this.#options;
    let sentAt = 0;
    const ask = () => {
      const line = this.#phase === "ending" ? undefined : next();
      if (line === undefined) {
        this.#running--;
        if (this.#running === 0) this.#onIdle();
        return;
      }
      sentAt = performance.now();
      connection.sendLine(line);
    };
    const handlers: ConnectionHandlers = {
      onFrames: (frames) => {
        for (const frame of frames) {
          if (this.#phase === "measuring") this.#count(frame, performance.now() - sentAt);
          ask();
        }
      },
      onClose: (error) =>
        this.#onLost(new RingkvError("UNAVAILABLE", "The connection to the master was lost.", { cause: error })),
    };
    const target = { host, port, frameBytesMax: LIMITS.frameBytesMax, ...(signal && { signal }) };
    const connection = await transport.connect(target, handlers);
    this.#connections.push(connection);
    return ask;
  }

  #count(frame: string | RingkvError, latencyMs: number): void {
    const code = failureCode(frame);
    if (code === undefined) {
      this.#ops++;
      this.#latencies.record(Math.max(1, Math.round(latencyMs * NS_PER_MS)));
    } else {
      this.#errors.set(code, (this.#errors.get(code) ?? 0) + 1);
    }
  }

  #result(seconds: number): Measurement {
    const ms = (percentile: number) => (this.#ops === 0 ? 0 : this.#latencies.percentile(percentile) / NS_PER_MS);
    return {
      ops: this.#ops,
      seconds,
      opsPerSecond: this.#ops / seconds,
      p50: ms(50),
      p99: ms(99),
      p999: ms(99.9),
      max: ms(100),
      errors: Object.fromEntries(this.#errors),
    };
  }
}

/** The code of an answer that tells of a failure. Decodes only what may be one, to stay out of the measurement's way. */
function failureCode(frame: string | RingkvError): ErrorCode | undefined {
  if (frame instanceof RingkvError) return frame.code;
  return frame.includes('"code"') ? decodeMessage(clientResponse, frame).code : undefined;
}
