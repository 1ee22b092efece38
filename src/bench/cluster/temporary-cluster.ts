import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { RingkvError } from "../../protocol/errors.js";
import type { Address } from "../../transport/transport.js";

export interface TemporaryClusterOptions {
  /** The built command line, `dist/cli.js`. */
  readonly cli: string;
  readonly slaves: number;
  /** Further flags of `ringkv up`. */
  readonly flags?: readonly string[];
  /** Where each process of the cluster writes its CPU profile (profile-agent.ts). */
  readonly profileDirectory?: string | undefined;
}

/** A cluster that stops gets this long, in ms; then it is killed. */
const STOP_MS = 8_000;

const ANY_PORTS = ["--client-port", "0", "--registration-port", "0", "--status-port", "0"];
const PROFILE_AGENT = import.meta.resolve("../profile/profile-agent.js");

/** A cluster of `ringkv up`, on ports of the system's choice and in a directory of its own, that ends with the bench. */
export class TemporaryCluster {
  /** Where clients connect. */
  readonly client: Address;
  readonly slaves: number;
  readonly #child: ChildProcess;
  readonly #directory: string;
  readonly #onExit: () => void;

  private constructor(child: ChildProcess, directory: string, client: Address, slaves: number) {
    this.#child = child;
    this.#directory = directory;
    this.client = client;
    this.slaves = slaves;
    this.#onExit = () => child.kill("SIGTERM");
    process.once("exit", this.#onExit);
  }

  /** Resolves when all of the ring serves. @throws RingkvError UNAVAILABLE with what it said instead */
  static async start(options: TemporaryClusterOptions): Promise<TemporaryCluster> {
    const { cli, slaves, flags = [], profileDirectory } = options;
    const directory = await mkdtemp(join(tmpdir(), "ringkv-bench-"));
    const args = [cli, "up", "--headless", "--slaves", slaves.toString(), "--data", directory, ...ANY_PORTS, ...flags];
    const child = spawn(process.execPath, args, {
      stdio: ["ignore", "pipe", "pipe"],
      env: environment(profileDirectory),
      // A Ctrl-C at the terminal is for the bench, which then ends the cluster.
      detached: true,
    });
    let complaint = "";
    child.stderr.on("data", (text: Buffer) => (complaint = (complaint + text.toString()).slice(-2_000)));
    for await (const line of createInterface({ input: child.stdout })) {
      const { client } = JSON.parse(line) as { readonly client: Address };
      return new TemporaryCluster(child, directory, client, slaves);
    }
    await rm(directory, { recursive: true, force: true });
    throw new RingkvError("UNAVAILABLE", `The bench's cluster did not start: ${complaint.trim()}`);
  }

  /** Stops it in good order, by pid, and removes its directory. */
  async close(): Promise<void> {
    process.off("exit", this.#onExit);
    const child = this.#child;
    if (child.exitCode === null && child.signalCode === null) {
      const exited = once(child, "exit");
      child.kill("SIGTERM");
      const timer = setTimeout(() => child.kill("SIGKILL"), STOP_MS);
      await exited;
      clearTimeout(timer);
    }
    await rm(this.#directory, { recursive: true, force: true });
  }
}

/** Without what is meant for this process alone: settings, and what test runners put into NODE_OPTIONS. */
function environment(profileDirectory: string | undefined): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !/^(?:RINGKV_|NODE_OPTIONS$)/.test(name));
  return {
    ...Object.fromEntries(kept),
    ...(profileDirectory !== undefined && {
      NODE_OPTIONS: `--import=${PROFILE_AGENT}`,
      RINGKV_PROFILE_DIR: profileDirectory,
    }),
  };
}
