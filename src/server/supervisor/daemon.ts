import { RingkvError } from "../../protocol/errors.js";
import type { Ready } from "./announcement.js";
import type { Exit, KeptProcess } from "./kept-process.js";

/** How long a process may take to stop after SIGTERM, in ms, before SIGKILL. */
const STOP_TIMEOUT_MS = 3_000;

/** How long a process may take until its ready line, in ms: a slave's recovery and its way to the master included. */
const START_TIMEOUT_MS = 30_000;

/** How much later than the ring the parent of a process may hear of its end, in ms: a closed connection can be faster. */
const EXIT_NOTICE_MS = 250;

export interface DaemonOptions {
  /** For people: `master`, `s1`. */
  readonly name: string;
  /** Starts the next process; it dies at the failpoint `point`, where there is one. */
  readonly launch: (point: string | undefined) => KeptProcess;
  /** A process of this daemon has ended. `asked` tells that the supervisor wanted it to. */
  readonly onExit: (exit: Exit, asked: boolean) => void;
  readonly stopTimeoutMs?: number;
  readonly startTimeoutMs?: number;
}

/** A process of the daemon while it lives. */
interface Life {
  readonly process: KeptProcess;
  phase: "starting" | "up" | "stopping";
  paused: boolean;
  asked: boolean;
  /** It may have read certificates that have been renewed since. */
  isStale: boolean;
}

/**
 * A daemon that the supervisor keeps: at most one process at a time, over any number of lives. Requests that do not fit
 * its state are refused with BAD_REQUEST and say what the state is.
 */
export class Daemon {
  readonly #options: DaemonOptions;
  #life: Life | undefined;
  #ready: Ready | undefined;
  #closed = false;

  constructor(options: DaemonOptions) {
    this.#options = options;
  }

  get name(): string {
    return this.#options.name;
  }

  /** What its newest process announced; undefined while it is not up. */
  get ready(): Ready | undefined {
    return this.#ready;
  }

  /** For people: `s1 is down`. */
  get state(): "down" | "starting" | "up" | "stopping" | "paused" {
    return this.#life === undefined ? "down" : this.#life.paused ? "paused" : this.#life.phase;
  }

  /**
   * Starts a process and waits until it is ready.
   * @param point a failpoint at which this process dies
   * @returns what it announced; `died` when it has died, as it should, before it was ready
   * @throws RingkvError BAD_REQUEST when one lives already; the code that it announced; TIMEOUT, and it is killed;
   *   SHUTTING_DOWN after `close`
   */
  async start(point?: string): Promise<Ready | "died"> {
    if (this.#life?.phase === "up") await endedWithin(this.#life.process, EXIT_NOTICE_MS);
    if (this.#closed) throw new RingkvError("SHUTTING_DOWN");
    if (this.#isAlive) throw this.#refusal(`already ${this.state}`);
    const life: Life = {
      process: this.#options.launch(point),
      phase: "starting",
      paused: false,
      asked: false,
      isStale: false,
    };
    this.#life = life;
    void life.process.exited.then((exit) => {
      this.#life = undefined;
      this.#ready = undefined;
      this.#options.onExit(exit, life.asked);
    });
    const ready = await this.#untilReady(life, point);
    if (ready === "died") return ready;
    if (life.phase === "starting") life.phase = "up";
    if (life.isStale) this.renew();
    this.#ready = ready;
    return ready;
  }

  /** Kills the process as a crash would, and waits for its end. */
  async kill(): Promise<void> {
    const life = this.#alive();
    life.asked = true;
    life.process.signal("SIGKILL");
    await life.process.exited;
  }

  /** Stops the process in good order, if there is one, and with SIGKILL when it does not stop in time. */
  async stop(): Promise<void> {
    const life = this.#life;
    if (life === undefined) return;
    life.asked = true;
    life.phase = "stopping";
    life.process.signal("SIGTERM");
    if (life.paused) life.process.signal("SIGCONT");
    const kill = setTimeout(() => life.process.signal("SIGKILL"), this.#options.stopTimeoutMs ?? STOP_TIMEOUT_MS);
    await life.process.exited;
    clearTimeout(kill);
  }

  /** Stops the process for good: none is started after it. */
  close(): Promise<void> {
    this.#closed = true;
    return this.stop();
  }

  async restart(point?: string): Promise<Ready | "died"> {
    await this.stop();
    return this.start(point);
  }

  /** Has the process read its certificates anew, if there is one; one that is still starting does so when it is up. */
  renew(): void {
    const life = this.#life;
    if (life === undefined) return;
    life.isStale = life.phase === "starting";
    // A process that starts has no ear for the signal yet, and would die of it.
    if (life.phase === "up") life.process.signal("SIGHUP");
  }

  /** Freezes the process. */
  pause(): void {
    const life = this.#alive();
    if (life.paused) throw this.#refusal("already paused");
    if (life.phase !== "up") throw this.#refusal(life.phase);
    life.paused = true;
    life.process.signal("SIGSTOP");
  }

  /** Lets a frozen process go on. */
  resume(): void {
    const life = this.#alive();
    if (!life.paused) throw this.#refusal("not paused");
    life.paused = false;
    life.process.signal("SIGCONT");
  }

  /** Read anew after a wait. */
  get #isAlive(): boolean {
    return this.#life !== undefined;
  }

  #alive(): Life {
    if (this.#life === undefined) throw this.#refusal("already down");
    return this.#life;
  }

  #refusal(state: string): RingkvError {
    return new RingkvError("BAD_REQUEST", `${this.name} is ${state}`);
  }

  async #untilReady(life: Life, point: string | undefined): Promise<Ready | "died"> {
    const timeoutMs = this.#options.startTimeoutMs ?? START_TIMEOUT_MS;
    const late = new AbortController();
    const timer = setTimeout(() => {
      late.abort();
      life.asked = true;
      life.process.signal("SIGKILL");
    }, timeoutMs);
    try {
      return await life.process.ready;
    } catch (error) {
      // A process that will never be ready is on its way out: it is gone before anyone is told, so it can be started again.
      life.asked = true;
      life.process.signal("SIGTERM");
      const { signal } = await life.process.exited;
      if (point !== undefined && signal === "SIGKILL" && !late.signal.aborted) return "died";
      if (late.signal.aborted) {
        throw new RingkvError("TIMEOUT", `${this.name} was not ready within ${timeoutMs.toString()} ms and was killed`);
      }
      if (!(error instanceof RingkvError)) throw error;
      throw new RingkvError(error.code, `${this.name}: ${error.message}`, { cause: error });
    } finally {
      clearTimeout(timer);
    }
  }
}

/** Waits for a process to end, for so long at most. */
async function endedWithin({ exited }: KeptProcess, limitMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, limitMs)));
  await Promise.race([exited, late]);
  clearTimeout(timer);
}
