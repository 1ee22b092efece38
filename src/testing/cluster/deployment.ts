import type { SlaveId } from "../../protocol/ids.js";
import type { Supervisor } from "../../server/supervisor/supervisor.js";
import type { Transport } from "../../transport/transport.js";
import type { DaemonSettings } from "./options.js";

/** What a cluster for tests stands on: its daemons, not started yet, and the way to them. */
export interface Deployment {
  readonly supervisor: Supervisor;
  /** The way to the master's ports. */
  readonly transport: Transport;
  /** Stops what runs, and leaves nothing behind. Once only. */
  close(): Promise<void>;
}

/** What is deployed. */
export interface DeploymentPlan {
  readonly settings: DaemonSettings;
  readonly slaves: number | undefined;
  readonly ids: readonly SlaveId[] | undefined;
}
