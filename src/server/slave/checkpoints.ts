import type { LogRecord } from "../../core/log-record.js";
import type { SlaveId } from "../../protocol/ids.js";
import type { LogLevel } from "../../protocol/messages.js";

/** What checkpoints are made of. */
export interface CheckpointsOptions {
  readonly log: {
    /** Bytes that the next start would have to read. */
    readonly bytesSinceCheckpoint: number;
    checkpoint(carriedOver: () => readonly LogRecord[], forceStore: () => Promise<void>): Promise<void>;
  };
  /** The records that a shortened log starts with. */
  readonly carriedOver: () => readonly LogRecord[];
  readonly forceStore: () => Promise<void>;
  /** A checkpoint is due when the next start would read more of the log than this. */
  readonly dueBytes: number;
  /** For the master's feed. */
  readonly tell: (level: LogLevel, text: string) => void;
  /** For this process's own log. */
  readonly onFailure: (text: string) => void;
}

const RETRY_MS = 5_000;

/** IDs are below this. */
const IDS = 2 ** 64;

/**
 * The bytes of log at which this slave's checkpoint is due: between three quarters of `bytesMax` and all of it, by its place on the
 * ring. Slaves whose logs grow alike would otherwise all take their checkpoints in the same moment, and an update waits for the slower
 * of two of them. Their phases meet again, but seldom.
 */
export function outOfPhase(bytesMax: number, id: SlaveId): number {
  return Math.ceil(bytesMax * (1 - Number(id) / IDS / 4));
}

/** Keeps the log short: one checkpoint at a time, each when the log has grown enough, and after a failure not at once again. */
export class Checkpoints {
  readonly #options: CheckpointsOptions;
  #isHeld = false;

  constructor(options: CheckpointsOptions) {
    this.#options = options;
  }

  /** Call it whenever the log may have grown. */
  takeIfDue(): void {
    const { log, dueBytes } = this.#options;
    if (!this.#isHeld && log.bytesSinceCheckpoint > dueBytes) void this.#take();
  }

  async #take(): Promise<void> {
    const { log, carriedOver, forceStore, tell, onFailure } = this.#options;
    this.#isHeld = true;
    const bytes = log.bytesSinceCheckpoint;
    try {
      await log.checkpoint(carriedOver, forceStore);
      this.#isHeld = false;
      tell("info", `checkpoint: the store is forced, ${bytes} bytes of log may go`);
    } catch (error) {
      // The log goes on as long as it has room, and says so itself when it has not.
      onFailure(`the log could not be shortened: ${String(error)}`);
      setTimeout(() => (this.#isHeld = false), RETRY_MS).unref();
    }
  }
}
