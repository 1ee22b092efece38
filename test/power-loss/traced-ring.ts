import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { RingkvClient } from "../../src/client/client.js";
import { RingkvError } from "../../src/protocol/errors.js";
import type { Address } from "../../src/transport/transport.js";
import { KeyModel } from "../e2e/key-model.js";
import { ANY_PORTS, CLI, Daemon } from "../e2e/cluster.js";
import type { Random } from "../random.js";
import { type AuditResult, OrderAudit } from "./order-audit.js";
import { SlaveProcess } from "./slave-process.js";
import { readTrace, straceArguments } from "./strace.js";

const TRACED_ID = "1";
const OTHER_ID = "9223372036854775809";
const PAUSE_AFTER_REFUSAL_MS = 10;

export interface TracedRingOptions {
  /** The traced slave's command line, without node; `ringkv slave` if left out. */
  readonly slave?: (id: string, data: string, master: Address) => readonly string[];
  /** What strace makes fail. */
  readonly inject?: string;
  /** Bytes of a segment of the slave's log. */
  readonly segmentBytes?: number;
  /** Where the traced slave's data lies; a directory of its own if left out. */
  readonly data?: string;
}

/** A master and two slaves as processes, one slave under strace: every key lies on both. */
export class TracedRing {
  readonly client: RingkvClient;
  readonly traced: SlaveProcess;
  readonly #directory: string;
  readonly #master: Daemon;
  readonly #other: Daemon;
  readonly #registration: Address;
  readonly #options: TracedRingOptions;
  #untraced: SlaveProcess | undefined;

  private constructor(parts: {
    readonly client: RingkvClient;
    readonly directory: string;
    readonly master: Daemon;
    readonly other: Daemon;
    readonly traced: SlaveProcess;
    readonly registration: Address;
    readonly options: TracedRingOptions;
  }) {
    this.client = parts.client;
    this.traced = parts.traced;
    this.#directory = parts.directory;
    this.#master = parts.master;
    this.#other = parts.other;
    this.#registration = parts.registration;
    this.#options = parts.options;
  }

  static async start(options: TracedRingOptions = {}): Promise<TracedRing> {
    const directory = mkdtempSync(join(tmpdir(), "ringkv-traced-"));
    const data = (name: string) => join(directory, name);
    const master = new Daemon(["master", "--slaves", "2", "--data", data("master"), ...ANY_PORTS]);
    const { client: address, registration } = await master.ready<{ client: Address; registration: Address }>();
    const at = `${registration.host}:${registration.port}`;
    const other = new Daemon(["slave", "--id", OTHER_ID, "--data", data("other"), "--master", at]);
    const command = slaveCommand(options, options.data ?? data("traced"), registration);
    const strace = ["strace", ...straceArguments(data("trace"), options.inject)] as const;
    // One thread for the file system, so that strace can count its forces.
    const traced = new SlaveProcess([...strace, ...command], { UV_THREADPOOL_SIZE: "1" });
    await traced.ready;
    const client = await RingkvClient.connect(address);
    return new TracedRing({ client, directory, master, other, traced, registration, options });
  }

  /** Starts the slave that was traced again, without strace. */
  async restart(): Promise<SlaveProcess> {
    const data = this.#options.data ?? join(this.#directory, "traced");
    this.#untraced = new SlaveProcess(slaveCommand(this.#options, data, this.#registration));
    await this.#untraced.ready;
    return this.#untraced;
  }

  /** Ends the traced slave and reads its trace. */
  async audit(): Promise<AuditResult> {
    await this.traced.stop();
    const audit = new OrderAudit();
    for await (const event of readTrace(join(this.#directory, "trace"))) audit.take(event);
    return audit.result;
  }

  async stop(): Promise<void> {
    await this.client.close();
    await this.traced.kill();
    await this.#untraced?.stop();
    await this.#other.stop();
    await this.#master.stop();
    rmSync(this.#directory, { recursive: true, force: true });
  }
}

function slaveCommand(
  { slave, segmentBytes }: TracedRingOptions,
  data: string,
  master: Address,
): [string, ...string[]] {
  if (slave !== undefined) return [process.execPath, ...slave(TRACED_ID, data, master)];
  const size = segmentBytes === undefined ? [] : ["--segment-bytes", segmentBytes.toString()];
  const at = `${master.host}:${master.port}`;
  return [process.execPath, CLI, "slave", "--id", TRACED_ID, "--data", data, "--master", at, ...size];
}

/** Clients that write until told to stop, each the only writer of its keys. */
export class WritingClients {
  acknowledged = 0;
  readonly refusals = new Map<string, number>();
  readonly #models: ReadonlyMap<string, KeyModel>;
  readonly #client: RingkvClient;
  readonly #random: Random;
  #isOver: () => boolean = () => false;

  constructor(client: RingkvClient, random: Random, keys: number) {
    this.#client = client;
    this.#random = random;
    this.#models = new Map(Array.from({ length: keys }, (_, index) => [`key ${index}`, new KeyModel()]));
  }

  /** One writer for each key, until `isOver` says so. */
  async run(isOver: () => boolean): Promise<void> {
    this.#isOver = isOver;
    await Promise.all(Array.from(this.#models, ([key, model]) => this.#write(key, model)));
  }

  /** What the keys hold and must not. */
  async violations(): Promise<string[]> {
    const found: string[] = [];
    for (const [key, model] of this.#models) {
      const value = (await this.#client.get(key))?.value;
      if (!model.allows(value))
        found.push(`${key} is ${String(value)}, but may be ${model.possible.map(String).join(" or ")}`);
    }
    return found;
  }

  async #write(key: string, model: KeyModel): Promise<void> {
    for (let count = 0; !this.#isOver(); count++) {
      const value = this.#random.below(4) === 0 ? undefined : `${key} ${count} ${"x".repeat(this.#random.below(200))}`;
      try {
        if (value === undefined) await this.#client.del(key);
        else await this.#client.put(key, value);
        model.acknowledged(value);
        this.acknowledged += 1;
      } catch (error) {
        if (!(error instanceof RingkvError)) throw error;
        this.refusals.set(error.code, (this.refusals.get(error.code) ?? 0) + 1);
        if (error.code === "KEY_NOT_FOUND" && model.allows(undefined)) model.acknowledged(undefined);
        else {
          model.failed(value, error);
          await new Promise((resolve) => setTimeout(resolve, PAUSE_AFTER_REFUSAL_MS));
        }
      }
    }
  }
}
