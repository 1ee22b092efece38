import type { SlaveId } from "../../protocol/ids.js";
import type { Address } from "../../transport/transport.js";
import type { MasterReady, Ready } from "./announcement.js";

/**
 * A daemon's process as its supervisor keeps it, from its start to its end: an OS process (daemon-process.ts), or one that
 * only behaves as one, for whole clusters in one process (src/testing/cluster).
 */
export interface KeptProcess {
  /** Undefined when it could not be started. */
  readonly pid: number | undefined;
  /** What the daemon announced. Rejects with RingkvError when it announces a failure, or ends before it is ready. */
  readonly ready: Promise<Ready>;
  /** Resolves when the process has ended; never rejects. */
  readonly exited: Promise<Exit>;
  /** SIGKILL, SIGTERM, SIGHUP, SIGSTOP or SIGCONT; no effect once the process has ended. */
  signal(signal: NodeJS.Signals): void;
}

/** How a process ended. */
export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** Starts the processes of one cluster. */
export interface Launcher {
  /**
   * @param before the announcement of the first master: the ports that every later one takes
   * @param point a failpoint at which this process dies
   */
  master(before: MasterReady | undefined, point?: string): KeptProcess;
  /**
   * @param name for people: `s1`
   * @param master where the master takes registrations
   * @param point a failpoint at which this process dies
   */
  slave(id: SlaveId, name: string, master: Address, point?: string): KeptProcess;
  /** All processes have ended, and none is started any more. */
  close(): Promise<void>;
}

/** An exit for people: `exit code 1`, `SIGKILL`. */
export function describeExit({ code, signal }: Exit): string {
  return signal ?? (code === null ? "not started" : `exit code ${code.toString()}`);
}
