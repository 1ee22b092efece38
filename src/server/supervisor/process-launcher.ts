import type { SlaveId } from "../../protocol/ids.js";
import type { Address } from "../../transport/transport.js";
import { TOKEN_VARIABLES } from "../access/token.js";
import { FAILPOINT_VARIABLE } from "../failpoints.js";
import type { MasterReady } from "./announcement.js";
import { type ClusterSettings, masterArguments, slaveArguments } from "./daemon-arguments.js";
import { DaemonProcess } from "./daemon-process.js";
import type { KeptProcess, Launcher } from "./kept-process.js";
import { PauseGuard } from "./pause-guard.js";

export interface ProcessLauncherOptions {
  readonly settings: ClusterSettings;
  /** The cluster's data directory, which the caller has locked. */
  readonly data: string;
  /** Slaves of the ring. */
  readonly slaves: number;
  /** What runs a daemon; its arguments follow: this Node and this package's own entry for daemons. */
  readonly command: readonly [string, ...string[]];
  /** Opens the file that takes the log of the daemon of that name. */
  readonly openLog: (name: string) => { readonly fd: number; close(): void };
  /** Default: this process's own. */
  readonly environment?: NodeJS.ProcessEnv;
  /** What the master's environment has besides: its tokens, which no command line shows. */
  readonly masterEnvironment?: Readonly<Record<string, string>>;
}

/** Starts each daemon as an OS process. */
export class ProcessLauncher implements Launcher {
  readonly #options: ProcessLauncherOptions;
  readonly #pauseGuard = new PauseGuard();

  constructor(options: ProcessLauncherOptions) {
    this.#options = options;
  }

  master(before: MasterReady | undefined, point?: string): KeptProcess {
    const { settings, data, slaves } = this.#options;
    const ports = before && {
      clientPort: before.client.port,
      registrationPort: before.registration.port,
      statusPort: before.status.port,
    };
    const args = masterArguments({ ...settings, ...ports }, data, slaves);
    return this.#launch("master", args, point, this.#options.masterEnvironment);
  }

  slave(id: SlaveId, name: string, master: Address, point?: string): KeptProcess {
    return this.#launch(name, slaveArguments(this.#options.settings, this.#options.data, id, master), point);
  }

  close(): Promise<void> {
    this.#pauseGuard.close();
    return Promise.resolve();
  }

  #launch(
    name: string,
    args: readonly string[],
    point: string | undefined,
    additions: Readonly<Record<string, string>> = {},
  ): KeptProcess {
    const { command, openLog, environment: own = process.env } = this.#options;
    const environment = {
      ...withoutTokens(own),
      ...additions,
      ...(point !== undefined && { [FAILPOINT_VARIABLE]: point }),
    };
    const log = openLog(name);
    try {
      return new DaemonProcess([...command, ...args], { stderr: log.fd, environment, pauseGuard: this.#pauseGuard });
    } finally {
      log.close();
    }
  }
}

/** Tokens that lie around are no wish to ask for them: what the master is to ask for is told it alone. */
function withoutTokens(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const secret: readonly string[] = Object.values(TOKEN_VARIABLES);
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !secret.includes(name)));
}
