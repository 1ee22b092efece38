import { RingkvError } from "../../../protocol/errors.js";
import type { Ready } from "../../../server/supervisor/announcement.js";
import { type Exit, type KeptProcess, describeExit } from "../../../server/supervisor/kept-process.js";
import { Life } from "./life.js";

/** A daemon that was started in a life of this process. */
export interface LocalDaemon {
  /** Resolves when it is ready. */
  readonly ready: Promise<Ready>;
  /** Stops it in good order. */
  stop(): Promise<void>;
  /** Its life is over: ends what is left of it in this process, its timers above all. */
  abandon(): Promise<void>;
}

/** What a daemon is given to start with. */
export interface LocalStart {
  readonly life: Life;
  /** It dies here and now, as by SIGKILL. */
  readonly die: () => void;
  /** It has to stop by itself, for this reason. */
  readonly onFatal: (error: RingkvError) => void;
}

/**
 * A daemon in this process that its supervisor keeps like a process: it takes the signals, and ends as a process does. Signals
 * act at once, in the middle of whatever it does.
 */
export class LocalProcess implements KeptProcess {
  readonly pid = process.pid;
  readonly ready: Promise<Ready>;
  readonly exited: Promise<Exit>;
  /** Resolves when it has ended and nothing of it is left. */
  readonly gone: Promise<void>;
  readonly #life = new Life();
  readonly #daemon: Promise<LocalDaemon>;
  #announce: (ready: Ready) => void = () => undefined;
  #refuse: (error: RingkvError) => void = () => undefined;
  #exit: (exit: Exit) => void = () => undefined;
  #isReady = false;
  #isStopped = false;

  constructor(start: (given: LocalStart) => Promise<LocalDaemon>) {
    this.exited = new Promise((resolve) => (this.#exit = resolve));
    this.ready = new Promise((resolve, reject) => {
      this.#announce = resolve;
      this.#refuse = reject;
    });
    this.ready.catch(() => undefined);
    this.#daemon = start({
      life: this.#life,
      die: () => this.signal("SIGKILL"),
      onFatal: (error) => void this.#fail(error),
    });
    this.gone = this.#run();
  }

  signal(signal: NodeJS.Signals): void {
    if (signal === "SIGKILL") this.#end({ code: null, signal });
    else if (signal === "SIGTERM") this.#life.do(() => void this.#stop(0));
    else if (signal === "SIGSTOP") this.#life.pause();
    else if (signal === "SIGCONT") this.#life.resume();
  }

  async #run(): Promise<void> {
    try {
      const daemon = await this.#daemon;
      const ready = await Promise.race([daemon.ready, this.exited.then(() => undefined)]);
      if (ready !== undefined) {
        this.#isReady = true;
        this.#announce(ready);
      }
    } catch (error) {
      await this.#fail(error);
    }
    await this.exited;
    const daemon = await this.#daemon.catch(() => undefined);
    // Until its last connection has closed it is told of it, and may begin something that has to be ended, too.
    await this.#life.free();
    if (!this.#isStopped) await daemon?.abandon();
  }

  /** Before it is ready it holds nothing that a crash could not interrupt, so it needs no good order. */
  async #stop(code: number): Promise<void> {
    if (!this.#isReady) {
      this.#end({ code, signal: null });
      return;
    }
    try {
      await (await this.#daemon).stop();
      this.#isStopped = !this.#life.isOver;
      this.#end({ code, signal: null });
    } catch (error) {
      if (!(error instanceof RingkvError)) throw error;
      this.#end({ code: 1, signal: null });
    }
  }

  async #fail(error: unknown): Promise<void> {
    if (this.#life.isOver) return;
    // What is no operating error is a fault of ours, and takes this process down as it would take down its own.
    if (!(error instanceof RingkvError)) throw error;
    this.#refuse(error);
    await this.#stop(1);
  }

  #end(exit: Exit): void {
    if (this.#life.isOver) return;
    this.#life.end();
    this.#refuse(new RingkvError("ABORTED", `the process ended before it was ready (${describeExit(exit)})`));
    this.#exit(exit);
  }
}
