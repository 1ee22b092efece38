import { EventQueue } from "./event-queue.js";
import { inTurn, runMicrotasks } from "./microtasks.js";
import { installVirtualTime } from "./virtual-globals.js";

/**
 * One simulated world: its time, and the lives of the processes in it. Everything that happens is an event of this queue; what
 * an event leaves in promises runs to its end before the next one. So a run is decided by its plan alone.
 */
export class World {
  readonly #queue = new EventQueue<WorldEvent>();
  readonly #onCrashed: (life: Life | undefined, error: unknown) => void;
  #nowMs = 0;
  #scheduled = 0;
  #running: Life | undefined;
  #isStopped = false;
  /** Events done so far. */
  steps = 0;

  /** @param onCrashed a process let an error escape; it is dead then */
  constructor(onCrashed: (life: Life | undefined, error: unknown) => void) {
    this.#onCrashed = onCrashed;
  }

  get nowMs(): number {
    return this.#nowMs;
  }

  /** Whose code runs just now; what it starts belongs to it. */
  get running(): Life | undefined {
    return this.#running;
  }

  /**
   * Has `action` done `delayMs` from now, as the code of `life`: when it stands still then, at its thaw, and never when it is
   * over. Without a life it is the world's own.
   */
  after(delayMs: number, life: Life | undefined, action: () => void): WorldEvent {
    return this.at(this.#nowMs + delayMs, life, action);
  }

  /** The same at a given time: whoever wants two events at one time must not reckon it twice, by way of two delays. */
  at(atMs: number, life: Life | undefined, action: () => void): WorldEvent {
    const event = { atMs, order: this.#scheduled++, life, action, isCancelled: false };
    this.#queue.push(event);
    return event;
  }

  /** Tells a process of something now: at once when it can hear, at its thaw, or never. */
  tell(life: Life, action: () => void): void {
    if (life.isFrozen || life.isOver) {
      this.after(0, life, action);
      return;
    }
    this.#running = life;
    action();
  }

  /** Stops a process where it stands (SIGSTOP). */
  freeze(life: Life): void {
    life.isFrozen = true;
  }

  /** Lets it go on: what was due meanwhile happens now, in its order. */
  thaw(life: Life): void {
    life.isFrozen = false;
    for (const event of life.heldBack.splice(0)) {
      event.atMs = this.#nowMs;
      this.#queue.push(event);
    }
  }

  /** Lets time pass until `untilMs`, or until `stop` is called. */
  run(untilMs: number): Promise<void> {
    return inTurn(() => {
      const uninstall = installVirtualTime(this);
      this.#isStopped = false;
      try {
        this.#runEvents(untilMs);
      } finally {
        uninstall();
      }
    });
  }

  /** Ends `run` after this event. */
  stop(): void {
    this.#isStopped = true;
  }

  #runEvents(untilMs: number): void {
    for (let event = this.#queue.next; event !== undefined && event.atMs <= untilMs; event = this.#queue.next) {
      this.#queue.pop();
      this.#nowMs = event.atMs;
      this.#do(event);
      runMicrotasks();
      this.#running = undefined;
      if (this.#isStopped) return;
    }
    this.#nowMs = untilMs;
  }

  #do(event: WorldEvent): void {
    const { life, action } = event;
    if (event.isCancelled || life?.isOver === true) return;
    if (life?.isFrozen === true) {
      life.heldBack.push(event);
      return;
    }
    this.steps += 1;
    this.#running = life;
    try {
      action();
    } catch (error) {
      this.#onCrashed(life, error);
    }
  }
}

/** One life of a process, from its start to its end. */
export class Life {
  readonly name: string;
  isOver = false;
  isFrozen = false;
  readonly heldBack: WorldEvent[] = [];

  constructor(name: string) {
    this.name = name;
  }
}

export interface WorldEvent {
  atMs: number;
  readonly order: number;
  readonly life: Life | undefined;
  readonly action: () => void;
  isCancelled: boolean;
}
