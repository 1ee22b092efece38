import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { RingkvError } from "../../protocol/errors.js";
import { DEFAULTS } from "../../protocol/limits.js";
import { inheritedEnvironment } from "../environment.js";

/** A bare server in a child process (bare-server.ts): what a load is compared with. */
export class BareServer {
  readonly host = DEFAULTS.host;
  readonly port: number;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, port: number) {
    this.#child = child;
    this.port = port;
  }

  /**
   * @param mode `lines` only finds the ends of lines; `json` parses them
   * @param valueBytes the size of the value in the answer to a get
   * @throws RingkvError INTERNAL when the child does not start
   */
  static async start(mode: "lines" | "json", valueBytes: number): Promise<BareServer> {
    // The loaders of a program that runs from its TypeScript sources come along in execArgv.
    const child = fork(new URL(import.meta.resolve("./bare-server.js")), [mode, valueBytes.toString()], {
      stdio: ["ignore", "ignore", "inherit", "ipc"],
      env: inheritedEnvironment(),
    });
    const exited = once(child, "exit").then(() => undefined);
    const told = once(child, "message").then(([port]: unknown[]) => port);
    const port = await Promise.race([told, exited]);
    if (typeof port !== "number") throw new RingkvError("INTERNAL", "The bench's bare server did not start.");
    return new BareServer(child, port);
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  async close(): Promise<void> {
    const { exitCode, signalCode } = this.#child;
    if (exitCode === null && signalCode === null && this.#child.kill("SIGKILL")) await once(this.#child, "exit");
  }
}
