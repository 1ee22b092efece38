/** What the peers' daemons have in common: a temporary directory, ports of the system's choice, an end by pid. */
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { inheritedEnvironment } from "../../src/bench/environment.js";

export const HOST = "127.0.0.1";

const STOP_MS = 5_000;
const READY_MS = 30_000;
const RETRY_MS = 50;

/** The version that a program tells; undefined when it is not installed. */
export async function versionOf(program: string): Promise<string | undefined> {
  try {
    const { stdout } = await promisify(execFile)(program, ["--version"]);
    return /\d+(?:\.\d+)+/.exec(stdout)?.[0];
  } catch {
    return undefined;
  }
}

/** A port that nobody listens on just now, for programs that take no 0. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, HOST);
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

/** A daemon of a peer, in a directory of its own. */
export class PeerDaemon {
  readonly name: string;
  readonly pid: number;
  readonly #child: ChildProcess;
  readonly #directory: string;
  readonly #onExit: () => void;
  #said = "";

  private constructor(name: string, pid: number, child: ChildProcess, directory: string) {
    this.name = name;
    this.pid = pid;
    this.#child = child;
    this.#directory = directory;
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on("data", (text: Buffer) => (this.#said = (this.#said + text.toString()).slice(-2_000)));
    }
    this.#onExit = () => child.kill("SIGKILL");
    process.once("exit", this.#onExit);
  }

  /** @param argumentsIn told the directory, which is the daemon's working directory, too */
  static async start(
    name: string,
    program: string,
    argumentsIn: (directory: string) => readonly string[],
  ): Promise<PeerDaemon> {
    const directory = await mkdtemp(join(tmpdir(), "ringkv-peer-"));
    const child = spawn(program, argumentsIn(directory), {
      cwd: directory,
      detached: true,
      env: inheritedEnvironment(),
    });
    await once(child, "spawn");
    if (child.pid === undefined) throw new Error(`${program} has no pid`);
    return new PeerDaemon(name, child.pid, child, directory);
  }

  /** Tries until it works, for as long as a start may take. */
  async until<Result>(attempt: () => Promise<Result>): Promise<Result> {
    const deadline = performance.now() + READY_MS;
    for (;;) {
      try {
        return await attempt();
      } catch (error) {
        if (performance.now() > deadline || this.#child.exitCode !== null) {
          throw new Error(`${this.name} did not get ready: ${this.#said}`, { cause: error });
        }
      }
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }

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

/** Starts several daemons; when one does not start, the others are ended. */
export async function startAll(starts: readonly (() => Promise<PeerDaemon>)[]): Promise<PeerDaemon[]> {
  const daemons: PeerDaemon[] = [];
  try {
    for (const start of starts) daemons.push(await start());
    return daemons;
  } catch (error) {
    await closeAll(daemons);
    throw error;
  }
}

export async function closeAll(daemons: readonly PeerDaemon[]): Promise<void> {
  await Promise.all(daemons.map((daemon) => daemon.close()));
}
