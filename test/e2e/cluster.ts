import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { RingkvClient } from "../../src/client/client.js";
import { StatusClient } from "../../src/client/status-client.js";
import type { SlaveId } from "../../src/protocol/ids.js";

/** The built command line, as users run it; `npm test` builds it first. RINGKV_TEST_CLI names another build. */
export const CLI = process.env["RINGKV_TEST_CLI"] ?? fileURLToPath(new URL("../../dist/cli.js", import.meta.url));

export const ANY_PORTS = ["--client-port", "0", "--registration-port", "0", "--status-port", "0"];

interface Address {
  readonly host: string;
  readonly port: number;
}

export interface UpReady {
  readonly pid: number;
  readonly master: { readonly pid: number; readonly epoch: string };
  readonly client: Address;
  readonly registration: Address;
  readonly status: Address;
  readonly slaves: readonly {
    readonly name: string;
    readonly id: SlaveId;
    readonly pid: number;
    readonly port: number;
  }[];
}

/** A daemon of the command line as a child process. */
export class Daemon {
  readonly child: ChildProcess;
  readonly exited: Promise<number | null>;
  readonly #stdout: string[] = [];
  #stderr = "";

  /** @param openFiles the system's limit for it and its children; that of the tests if left out */
  constructor(args: readonly string[], environment: Readonly<Record<string, string>> = {}, openFiles?: number) {
    const env = { ...process.env, ...environment };
    // `env` becomes node, pid included, and takes away tap's instrumentation of child processes, which is slow.
    const command = ["env", "-u", "NODE_OPTIONS", process.execPath, CLI, ...args];
    const limited =
      openFiles === undefined ? command : ["sh", "-c", `ulimit -n ${openFiles}; exec "$@"`, "sh", ...command];
    const [program = "env", ...rest] = limited;
    this.child = spawn(program, rest, { env, stdio: ["pipe", "pipe", "pipe"] });
    this.exited = new Promise((resolve) => this.child.once("close", resolve));
    this.child.stderr?.on("data", (chunk: Buffer) => (this.#stderr += chunk.toString()));
  }

  get stderr(): string {
    return this.#stderr;
  }

  /** The first line on stdout, parsed; rejects with stderr when there is none. */
  async ready<Ready>(): Promise<Ready> {
    const { stdout } = this.child;
    if (stdout === null) throw new Error("stdout is a pipe");
    for await (const line of createInterface(stdout)) {
      this.#stdout.push(line);
      return JSON.parse(line) as Ready;
    }
    throw new Error(`no ready line; exit code ${String(await this.exited)}; stderr: ${this.#stderr}`);
  }

  /** Ends it with SIGTERM and waits for the exit code. */
  async stop(): Promise<number | null> {
    if (this.child.exitCode === null && this.child.signalCode === null) this.child.kill("SIGTERM");
    return this.exited;
  }
}

/** A whole cluster of real processes on free ports and a temporary directory. */
export class Cluster {
  readonly data: string;
  readonly ready: UpReady;
  readonly daemon: Daemon;
  readonly client: RingkvClient;
  readonly status: StatusClient;

  private constructor(data: string, daemon: Daemon, ready: UpReady, client: RingkvClient, status: StatusClient) {
    this.data = data;
    this.daemon = daemon;
    this.ready = ready;
    this.client = client;
    this.status = status;
  }

  /** @param options `ports`: flags that name the master's ports; any free ones if left out */
  static async start(
    options: {
      readonly slaves?: number;
      readonly ports?: readonly string[];
      readonly flags?: readonly string[];
      readonly openFiles?: number;
    } = {},
  ): Promise<Cluster> {
    const data = mkdtempSync(join(tmpdir(), "ringkv-e2e-"));
    const slaves = (options.slaves ?? 4).toString();
    const args = ["up", "--headless", "--slaves", slaves, "--data", data];
    const daemon = new Daemon(
      [...args, ...(options.ports ?? ANY_PORTS), ...(options.flags ?? [])],
      {},
      options.openFiles,
    );
    try {
      const ready = await daemon.ready<UpReady>();
      const client = await RingkvClient.connect(ready.client);
      const status = await StatusClient.connect(ready.status);
      return new Cluster(data, daemon, ready, client, status);
    } catch (error) {
      await daemon.stop();
      rmSync(data, { recursive: true, force: true });
      throw error;
    }
  }

  /** Stops all processes in good order; the data stays until `remove`. */
  async stop(): Promise<void> {
    await this.client.close();
    this.status.close();
    await this.daemon.stop();
  }

  remove(): void {
    rmSync(this.data, { recursive: true, force: true });
  }
}

/** Starts a cluster for one test and removes all of it when the test ends, however it ends. */
export async function startCluster(
  t: { teardown(handler: () => Promise<void>): void },
  options?: Parameters<typeof Cluster.start>[0],
): Promise<Cluster> {
  const cluster = await Cluster.start(options);
  t.teardown(async () => {
    await cluster.stop();
    cluster.remove();
  });
  return cluster;
}
