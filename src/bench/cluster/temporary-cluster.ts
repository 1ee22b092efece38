import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { RingkvError } from "../../protocol/errors.js";
import type { Address } from "../../transport/transport.js";
import { inheritedEnvironment } from "../environment.js";
import type { Access, Entrance } from "../generator/access.js";

export interface TemporaryClusterOptions {
  /** The built command line, `dist/cli.js`. */
  readonly cli: string;
  readonly slaves: number;
  /** Further flags of `ringkv up`. */
  readonly flags?: readonly string[];
  /** TLS between all parties, with certificates that are made for it. */
  readonly tls?: boolean;
  /** Where each process of the cluster writes its CPU profile (profile-agent.ts). */
  readonly profileDirectory?: string | undefined;
}

/** A cluster that stops gets this long, in ms; then it is killed. */
const STOP_MS = 8_000;

const ANY_PORTS = ["--client-port", "0", "--registration-port", "0", "--status-port", "0"];
/** In the cluster's directory. */
const CERTIFICATES = "certificates";
const PROFILE_AGENT = import.meta.resolve("../profile/profile-agent.js");

/** A cluster of `ringkv up`, on ports of the system's choice and in a directory of its own, that ends with the bench. */
export class TemporaryCluster {
  /** Where clients connect, and how. */
  readonly client: Entrance;
  readonly slaves: number;
  readonly #child: ChildProcess;
  readonly #directory: string;
  readonly #onExit: () => void;

  private constructor(child: ChildProcess, directory: string, client: Entrance, slaves: number) {
    this.#child = child;
    this.#directory = directory;
    this.client = client;
    this.slaves = slaves;
    this.#onExit = () => child.kill("SIGTERM");
    process.once("exit", this.#onExit);
  }

  /** Resolves when all of the ring serves. @throws RingkvError UNAVAILABLE with what it said instead */
  static async start(options: TemporaryClusterOptions): Promise<TemporaryCluster> {
    const { slaves } = options;
    const directory = await mkdtemp(join(tmpdir(), "ringkv-bench-"));
    try {
      const access = options.tls === true ? await makeCertificates(options, directory) : undefined;
      const { child, client } = await startUp(options, directory);
      return new TemporaryCluster(child, directory, { ...client, access }, slaves);
    } catch (error) {
      await rm(directory, { recursive: true, force: true });
      throw error;
    }
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

/** Starts the processes; resolves when they are ready. */
async function startUp(
  { cli, slaves, flags = [], tls = false, profileDirectory }: TemporaryClusterOptions,
  directory: string,
): Promise<{ readonly child: ChildProcess; readonly client: Address }> {
  const data = ["--slaves", slaves.toString(), "--data", join(directory, "data")];
  const secured = tls ? ["--tls", join(directory, CERTIFICATES)] : [];
  const child = spawn(process.execPath, [cli, "up", "--headless", ...data, ...ANY_PORTS, ...secured, ...flags], {
    stdio: ["ignore", "pipe", "pipe"],
    env: environment(profileDirectory),
    // A Ctrl-C at the terminal is for the bench, which then ends the cluster.
    detached: true,
  });
  let complaint = "";
  child.stderr.on("data", (text: Buffer) => (complaint = (complaint + text.toString()).slice(-2_000)));
  for await (const line of createInterface({ input: child.stdout })) {
    const { client } = JSON.parse(line) as { readonly client: Address };
    return { child, client };
  }
  throw new RingkvError("UNAVAILABLE", `The bench's cluster did not start: ${complaint.trim()}`);
}

/** As anyone makes them, with `ringkv certs`. @returns the admin's, who comes in at all ports */
async function makeCertificates({ cli, slaves }: TemporaryClusterOptions, directory: string): Promise<Access> {
  const path = join(directory, CERTIFICATES);
  const args = [cli, "certs", path, "--slaves", slaves.toString()];
  try {
    await promisify(execFile)(process.execPath, args, { env: environment(undefined) });
  } catch (cause) {
    const why = cause instanceof Error && "stderr" in cause ? String(cause.stderr).trim() : "unknown";
    throw new RingkvError("UNAVAILABLE", `The bench's certificates could not be made: ${why}`, { cause });
  }
  const file = (name: string) => readFile(join(path, name), "utf8");
  const [ca, cert, key] = await Promise.all([file("ca.crt"), file("admin.crt"), file("admin.key")]);
  return { tls: { ca, cert, key } };
}

/** Without settings, tokens, and what test runners put into NODE_OPTIONS. */
function environment(profileDirectory: string | undefined): NodeJS.ProcessEnv {
  return {
    ...Object.fromEntries(Object.entries(inheritedEnvironment()).filter(([name]) => name !== "NODE_OPTIONS")),
    ...(profileDirectory !== undefined && {
      NODE_OPTIONS: `--import=${PROFILE_AGENT}`,
      RINGKV_PROFILE_DIR: profileDirectory,
    }),
  };
}
