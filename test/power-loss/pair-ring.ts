import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { RingkvClient } from "../../src/client/client.js";
import type { Address } from "../../src/transport/transport.js";
import { ANY_PORTS, CLI, Daemon } from "../e2e/cluster.js";
import { type AuditResult, OrderAudit } from "./order-audit.js";
import { SlaveProcess } from "./slave-process.js";
import { readTrace, straceArguments } from "./strace.js";

const EXAMINED_ID = "1";
const CACHE_SETS_DEFAULT = 8;
const OTHER_ID = "9223372036854775809";

export interface PairRingOptions {
  /** The examined slave's command line, without node; `ringkv slave` if left out. */
  readonly slave?: (id: string, data: string, master: Address) => readonly string[];
  /** False: it runs without strace. */
  readonly isTraced?: boolean;
  /** Sets of each cache, of one entry; as many updates can run side by side. Default 8. */
  readonly cacheSets?: number;
  /** What strace makes fail. */
  readonly inject?: string;
  /** Bytes of a segment of the slave's log. */
  readonly segmentBytes?: number;
  /** Where its data lies; a directory of its own if left out. */
  readonly data?: string;
}

/**
 * A master and two slaves as processes: every key lies on both. One slave is examined, under strace if not said otherwise.
 * The caches are so small that most reads are answered by a slave's disk.
 */
export class PairRing {
  readonly client: RingkvClient;
  readonly examined: SlaveProcess;
  readonly #directory: string;
  readonly #master: Daemon;
  readonly #other: Daemon;
  readonly #registration: Address;
  readonly #options: PairRingOptions;
  #restarted: SlaveProcess | undefined;

  private constructor(parts: {
    readonly client: RingkvClient;
    readonly directory: string;
    readonly master: Daemon;
    readonly other: Daemon;
    readonly examined: SlaveProcess;
    readonly registration: Address;
    readonly options: PairRingOptions;
  }) {
    this.client = parts.client;
    this.examined = parts.examined;
    this.#directory = parts.directory;
    this.#master = parts.master;
    this.#other = parts.other;
    this.#registration = parts.registration;
    this.#options = parts.options;
  }

  static async start(options: PairRingOptions = {}): Promise<PairRing> {
    const directory = mkdtempSync(join(tmpdir(), "ringkv-pair-"));
    const data = (name: string) => join(directory, name);
    const master = new Daemon([
      "master",
      "--supervised",
      "--slaves",
      "2",
      "--data",
      data("master"),
      ...ANY_PORTS,
      ...cacheFlags(options),
    ]);
    const { client: address, registration } = await master.ready<{ client: Address; registration: Address }>();
    const at = `${registration.host}:${registration.port}`;
    const other = new Daemon(["slave", "--supervised", "--id", OTHER_ID, "--data", data("other"), "--master", at]);
    const command = slaveCommand(options, options.data ?? data("examined"), registration);
    const isTraced = options.isTraced ?? true;
    const strace = isTraced ? ["strace", ...straceArguments(data("trace"), options.inject)] : [];
    // One thread for the file system, so that strace can count its forces.
    const examined = new SlaveProcess([...strace, ...command], { UV_THREADPOOL_SIZE: "1" });
    await examined.ready;
    const client = await RingkvClient.connect(address);
    return new PairRing({ client, directory, master, other, examined, registration, options });
  }

  /** Starts the examined slave again, without strace. */
  async restart(): Promise<SlaveProcess> {
    const data = this.#options.data ?? join(this.#directory, "examined");
    this.#restarted = new SlaveProcess(slaveCommand(this.#options, data, this.#registration));
    await this.#restarted.ready;
    return this.#restarted;
  }

  /** Ends the examined slave and reads its trace. */
  async audit(): Promise<AuditResult> {
    await this.examined.stop();
    const audit = new OrderAudit();
    for await (const event of readTrace(join(this.#directory, "trace"))) audit.take(event);
    return audit.result;
  }

  async stop(): Promise<void> {
    await this.client.close();
    await this.examined.kill();
    await this.#restarted?.stop();
    await this.#other.stop();
    await this.#master.stop();
    rmSync(this.#directory, { recursive: true, force: true });
  }
}

function slaveCommand(options: PairRingOptions, data: string, master: Address): [string, ...string[]] {
  const { slave, segmentBytes } = options;
  if (slave !== undefined) return [process.execPath, ...slave(EXAMINED_ID, data, master)];
  const size = segmentBytes === undefined ? [] : ["--segment-bytes", segmentBytes.toString()];
  const at = `${master.host}:${master.port}`;
  return [
    process.execPath,
    CLI,
    "slave",
    "--supervised",
    "--id",
    EXAMINED_ID,
    "--data",
    data,
    "--master",
    at,
    ...cacheFlags(options),
    ...size,
  ];
}

function cacheFlags({ cacheSets = CACHE_SETS_DEFAULT }: PairRingOptions): readonly string[] {
  return ["--cache-sets", cacheSets.toString(), "--cache-ways", "1"];
}
