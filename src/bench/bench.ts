import { RingkvError } from "../protocol/errors.js";
import { encodeFrame } from "../protocol/framing.js";
import { DEFAULTS } from "../protocol/limits.js";
import { tcpTransport } from "../transport/tcp.js";
import type { Transport } from "../transport/transport.js";
import { type Measurement, measure } from "./measure.js";
import { BareServer } from "./servers/bare-child.js";

export type BenchOperation = "put" | "get";

export interface BenchOptions {
  /** The master's host; default 127.0.0.1. */
  readonly host?: string;
  /** The master's client port; default 8080. */
  readonly port?: number;
  /** A measurement for each number of clients; default 1 and 64. */
  readonly clients?: readonly number[];
  /** The length of one measurement; default 5. */
  readonly seconds?: number;
  /** The load before each measurement that does not count; default 1. */
  readonly warmupSeconds?: number;
  /** The size of a value in bytes; default 100. */
  readonly valueBytes?: number;
  /** How many keys the load is spread over, evenly; default 10,000. */
  readonly keys?: number;
  /** Default put, then get. */
  readonly operations?: readonly BenchOperation[];
  /** Also measures this load generator against a server that does nothing; default true. */
  readonly ceiling?: boolean;
  /** Told before each step. */
  readonly onProgress?: (progress: BenchProgress) => void;
  /** Ends the bench; it then rejects with the signal's reason. */
  readonly signal?: AbortSignal;
  /** Default TCP. */
  readonly transport?: Transport;
}

export type BenchProgress =
  | { readonly step: "fill"; readonly keys: number }
  | { readonly step: "measure"; readonly operation: BenchResult["operation"]; readonly clients: number };

/** One measurement. `echo` is the ceiling: puts against a line echo server in a child process. */
export interface BenchResult extends Measurement {
  readonly operation: BenchOperation | "echo";
  readonly clients: number;
}

/** The clients that write the keys before gets are measured. */
const FILL_CLIENTS = 64;

/**
 * Loads a running master from this process and measures it, the way the REPL does; `ringkv bench` loads from processes of
 * their own (run-bench.ts). A closed loop, where each client is one connection with one
 * request in flight, which asks again as soon as it is answered. Keys are written before gets are measured.
 *
 * What this shows is the whole way there and back, this process's own work included; the `echo` results show how fast
 * that work is by itself, so a result near them is a result about the generator.
 *
 * @throws RingkvError UNAVAILABLE when the master cannot be reached or is lost on the way: half a measurement is none
 */
export async function runBench(options: BenchOptions = {}): Promise<BenchResult[]> {
  const { host = DEFAULTS.host, port = DEFAULTS.clientPort, transport = tcpTransport, onProgress, signal } = options;
  const { clients = [1, 64], seconds = 5, warmupSeconds = 1, operations = ["put", "get"], ceiling = true } = options;
  const lines = new RequestLines(options.keys ?? 10_000, options.valueBytes ?? 100);
  const duration = { warmupMs: warmupSeconds * 1_000, measureMs: seconds * 1_000 };
  const master = { transport, host, port, signal };
  const results: BenchResult[] = [];

  let filled = false;
  for (const operation of operations) {
    if (operation === "get" && !filled) {
      onProgress?.({ step: "fill", keys: lines.puts.length });
      await fill(master, lines);
      filled = true;
    }
    const requests = operation === "put" ? lines.puts : lines.gets;
    for (const count of clients) {
      onProgress?.({ step: "measure", operation, clients: count });
      results.push({
        operation,
        clients: count,
        ...(await measure({ ...master, ...duration, clients: count, next: () => pick(requests) })),
      });
    }
  }
  if (ceiling) {
    const echo = await BareServer.start("lines", 0);
    try {
      for (const count of clients) {
        onProgress?.({ step: "measure", operation: "echo", clients: count });
        results.push({
          operation: "echo",
          clients: count,
          ...(await measure({
            ...duration,
            transport: tcpTransport,
            host: echo.host,
            port: echo.port,
            signal,
            clients: count,
            next: () => pick(lines.puts),
          })),
        });
      }
    } finally {
      await echo.close();
    }
  }
  return results;
}

async function fill(
  master: {
    readonly transport: Transport;
    readonly host: string;
    readonly port: number;
    readonly signal: AbortSignal | undefined;
  },
  { puts }: RequestLines,
): Promise<void> {
  let at = 0;
  const clients = Math.min(FILL_CLIENTS, puts.length);
  const { errors } = await measure({ ...master, clients, warmupMs: 0, measureMs: Infinity, next: () => puts[at++] });
  const [code] = Object.keys(errors);
  if (code !== undefined) throw new RingkvError("UNAVAILABLE", `The keys could not be written (${code}).`);
}

/** Every request of the load, encoded beforehand, so that the generator's own work is sending and waiting. */
class RequestLines {
  readonly puts: readonly string[];
  readonly gets: readonly string[];

  constructor(keys: number, valueBytes: number) {
    const names = Array.from({ length: keys }, (_, n) => `bench:${n}`);
    const value = "v".repeat(valueBytes);
    this.puts = names.map((key) => encodeFrame({ type: "putreq", key, value }));
    this.gets = names.map((key) => encodeFrame({ type: "getreq", key }));
  }
}

function pick(lines: readonly string[]): string | undefined {
  return lines[Math.floor(Math.random() * lines.length)];
}
